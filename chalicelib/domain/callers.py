"""Callers: who a request was proven to come from, and through which browser page."""

from dataclasses import dataclass, field

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import Origin
from chalicelib.domain.ids import UserId
from chalicelib.domain.sessions import Partition
from chalicelib.domain.tokens import IdToken, SessionToken, SignIn
from chalicelib.domain.workspaces import Member


@dataclass(frozen=True, slots=True)
class Visit:
    """A request before anything is proven; `page` is the browser page's origin, if any."""

    origin: Origin
    page: str | None = None


@dataclass(frozen=True, slots=True)
class SessionCaller:
    """An application acting for its user, by a verified sessionToken."""

    token: SessionToken
    visit: Visit


@dataclass(frozen=True, slots=True)
class IdentityCaller:
    """A person who proved who they are, by a fresh ID token."""

    token: IdToken
    visit: Visit


@dataclass(frozen=True, slots=True)
class MemberCaller:
    """An operator; `member` was read from the store for this request."""

    member: Member
    visit: Visit


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person who has proven who they are, at the door of one application."""

    slug: str
    application: Application
    user: UserId
    email: str | None = field(repr=False)
    sign_in: SignIn
    visit: Visit

    @property
    def partition(self) -> Partition:
        """Answer whose data this is about."""
        return Partition(self.application.workspace, self.application.id, self.user)
