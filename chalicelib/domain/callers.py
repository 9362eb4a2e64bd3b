"""Callers: who a request was proven to come from, and through which browser page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import Actor, ActorKind, Origin
from chalicelib.domain.denials import Forbidden
from chalicelib.domain.ids import UserId
from chalicelib.domain.sessions import Partition, Person
from chalicelib.domain.tokens import IdToken, SessionToken, SignIn
from chalicelib.domain.workspaces import Member, Role, Workspace

# A read of a session goes without it.
if TYPE_CHECKING:
    from chalicelib.domain.login import BrowserSignIn


@dataclass(frozen=True, slots=True)
class Visit:
    """A request before anything is proven; `page` is the browser page's origin, if any.

    `devices` are the cookies by which a browser is known, which prove nothing.
    """

    origin: Origin
    page: str | None = None
    devices: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)


@dataclass(frozen=True, slots=True)
class SessionCaller:
    """An application acting for its user, by a verified sessionToken.

    `nonce` is for its next proof, if it proved a key.
    """

    token: SessionToken
    visit: Visit
    nonce: str | None = None


@dataclass(frozen=True, slots=True)
class IdentityCaller:
    """A person who proved who they are, by a fresh ID token; `nonce` as above."""

    token: IdToken
    visit: Visit
    nonce: str | None = None


@dataclass(frozen=True, slots=True)
class MemberCaller:
    """An operator; `member` was read from the store for this request."""

    member: Member
    visit: Visit

    def acting(self, roles: frozenset[Role], *, refusal: str) -> Actor:
        """Answer the operator as the one who acts; raises `Forbidden` for every other role."""
        if self.member.role not in roles:
            raise Forbidden(refusal)
        return Actor(ActorKind.OPERATOR, self.member.operator)


@dataclass(frozen=True, slots=True)
class PersonCaller:
    """A person at their own account; `browser` was read from the store for this request."""

    browser: "BrowserSignIn"
    workspace: Workspace
    visit: Visit

    @property
    def person(self) -> Person:
        """Answer who it is."""
        return self.browser.person


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person who has proven who they are, at the door of one application.

    `key` is the thumbprint of the key to which the tokens they get are bound.
    """

    slug: str
    application: Application
    user: UserId
    email: str | None = field(repr=False)
    sign_in: SignIn
    visit: Visit
    key: str | None = None

    @property
    def partition(self) -> Partition:
        """Answer whose data this is about."""
        return Partition(self.application.workspace, self.application.id, self.user)
