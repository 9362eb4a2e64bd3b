"""Identifiers: how they look, and how new ones are made."""

import base64
import hashlib
import re
import secrets
from typing import NewType

from chalicelib.domain.errors import Fault, InvalidInput, NotFound

WorkspaceId = NewType("WorkspaceId", str)
AppId = NewType("AppId", str)
UserId = NewType("UserId", int)
SessionId = NewType("SessionId", str)
GrantId = NewType("GrantId", str)
FamilyId = NewType("FamilyId", str)
BrowserId = NewType("BrowserId", str)
InviteId = NewType("InviteId", str)

RESERVED_SLUGS = frozenset(
    {"console", "api", "app", "oidc", "sdk", "dev", "admin", "www", "static", "health"}
)
CONSOLE = "console"
RESERVED_APPS = frozenset({"validate-redirect"})  # a path of its own beside the applications'

# A composite key is joined with '#'; an id without it cannot reach into a neighbour's key.
_PART = re.compile(r"[A-Za-z0-9_-]{3,64}")
_SLUG = re.compile(r"[a-z][a-z0-9-]{2,38}")
_APP = re.compile(r"[a-z][a-z0-9-]{2,39}")
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOWEST_UID = 10**15
_UID_END = 2**53
_ROOT = 11  # characters of a grant: its letter, and what it has of its browser's sign-in


def is_part(text: str) -> bool:
    """Tell whether an id may become part of a composite key."""
    return _PART.fullmatch(text) is not None


def is_uid(number: int) -> bool:
    """Tell whether a number is in the range of user ids: 10^15 up to, not including, 2^53."""
    return _LOWEST_UID <= number < _UID_END


def slug_of(text: str) -> str:
    """Answer the text as a workspace slug; raises `InvalidInput`."""
    if _SLUG.fullmatch(text) is None:
        raise InvalidInput(
            "A workspace name is 3 to 39 characters: a-z, 0-9 and -, starting with a letter.",
            Fault("/workspaceName", "not a workspace name"),
        )
    return text


def app_id_of(text: str) -> AppId:
    """Answer the text as an application id; raises `InvalidInput`."""
    if _APP.fullmatch(text) is None:
        raise InvalidInput(
            "An application id is 3 to 40 characters: a-z, 0-9 and -, starting with a letter.",
            Fault("/appId", "not an application id"),
        )
    return AppId(text)


def new_workspace_id() -> WorkspaceId:
    """Make `w` and 20 base32 characters: 100 random bits."""
    return WorkspaceId("w" + _base32(20))


def new_client_id() -> str:
    """Make `c` and 26 base32 characters."""
    return "c" + _base32(26)


def new_browser_id() -> BrowserId:
    """Make `b` and 20 base32 characters: the name of a browser's sign-in, and no secret."""
    return BrowserId("b" + _base32(20))


def new_grant_id(browser: BrowserId | None = None) -> GrantId:
    """Make `g` and 20 base32 characters, of which the first ten name the sign-in it comes from."""
    if browser is None:
        return GrantId("g" + _base32(20))
    return GrantId(root_of(browser) + _base32(10))


def root_of(one: GrantId | BrowserId) -> GrantId:
    """Answer what all grants of one browser's sign-in begin with; it stands for all of them."""
    return GrantId("g" + one[1:_ROOT])


def new_family_id() -> FamilyId:
    """Make `f` and 20 base32 characters."""
    return FamilyId("f" + _base32(20))


def new_invite_id() -> InviteId:
    """Make `i` and 20 base32 characters."""
    return InviteId("i" + _base32(20))


def new_secret_id() -> str:
    """Make `s` and 20 base32 characters: the name of a secret, which tells nothing of it."""
    return "s" + _base32(20)


def user_id_of(text: str) -> UserId:
    """Answer a text as a user's number; raises `NotFound`."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(_UID_END))
    if not is_number or not _LOWEST_UID <= int(text) < _UID_END:
        raise NotFound("There is no such person in this workspace.")
    return UserId(int(text))


def new_user_id() -> UserId:
    """Make a random integer that every JSON reader holds exactly."""
    return UserId(_LOWEST_UID + secrets.randbelow(_UID_END - _LOWEST_UID))


def new_ulid(millis: int) -> str:
    """Make a ULID: 48 bits of milliseconds since 1970, 80 random bits, Crockford base32."""
    return ulid(millis, secrets.randbits(80))


def ulid(millis: int, low: int) -> str:
    """Answer the ULID of a time and of 80 bits that were chosen elsewhere."""
    number = millis << 80 | low
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def millis_of(text: str) -> int:
    """Answer the time that a ULID carries; raises `ValueError` for what is none."""
    if _ULID.fullmatch(text) is None:
        raise ValueError("not a ULID")
    return sum(_CROCKFORD.index(c) << 5 * n for n, c in enumerate(reversed(text[:10])))


def new_session_id(millis: int) -> SessionId:
    """Make a session id, which sorts by the time of its making."""
    return SessionId(new_ulid(millis))


def new_object_id() -> str:
    """Make 26 base32 characters: 130 random bits."""
    return _base32(26)


def new_secret(prefix: str = "") -> str:
    """Make 32 random bytes as 43 base64url characters behind a prefix that names their kind."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Answer what is stored of a secret: its SHA-256, base64url without padding."""
    raw = hashlib.sha256(secret.encode()).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _base32(length: int) -> str:
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(length))
