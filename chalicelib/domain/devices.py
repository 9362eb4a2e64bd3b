"""Devices: browsers in which a person signed in before, known by a cookie of their own."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.agents import SOME_BROWSER
from chalicelib.domain.browsers import is_cookie_secret
from chalicelib.domain.ids import WorkspaceId, digest
from chalicelib.domain.limits import DEVICE_SECONDS
from chalicelib.domain.sessions import Person

MOST_PEOPLE = 4  # of one browser in one workspace
_PREFIX = "__Host-sfk-"
_BETWEEN = "."


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A person's mark on a browser, found by the digest of a secret in its cookie.

    `id` is its name to the person: whoever has it cannot tell the digest.
    """

    digest: str
    person: Person
    exp: int
    agent: str = SOME_BROWSER

    @property
    def id(self) -> str:
        """Answer what it is called to its person."""
        return digest(self.digest)

    @property
    def seen_at(self) -> int:
        """Answer when the person last signed in there."""
        return self.exp - DEVICE_SECONDS


def device_cookie_name(workspace: WorkspaceId) -> str:
    """Answer the name of the cookie that tells a browser from strangers; it signs nobody in."""
    return _PREFIX + workspace


def device_cookies(cookies: Mapping[str, str]) -> Mapping[str, str]:
    """Answer those among a browser's cookies that say whom it knows."""
    return {name: value for name, value in cookies.items() if name.startswith(_PREFIX)}


def secrets_of(value: str) -> tuple[str, ...]:
    """Answer the secrets in a cookie, one for each person who uses the browser, newest first."""
    found = (part for part in value.split(_BETWEEN) if is_cookie_secret(part))
    return tuple(dict.fromkeys(found))[:MOST_PEOPLE]


def value_of(secrets: tuple[str, ...]) -> str:
    """Answer a cookie's value; who has not been here for longest is left out."""
    return _BETWEEN.join(secrets[:MOST_PEOPLE])
