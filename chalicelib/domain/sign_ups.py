"""Accounts in waiting: the typed code, and the name that a person gives."""

import hmac
import secrets

from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.ids import digest

MAX_NAME = 100
_CODES = 1_000_000


def new_code() -> str:
    """Make six digits that a person can type."""
    return f"{secrets.randbelow(_CODES):06d}"


def code_digest(challenge: str, code: str) -> str:
    """Answer what is stored of a typed code: a digest that is bound to its challenge."""
    return digest(f"{challenge}:{code}")


def fits(expected: str, *, challenge: str, code: str) -> bool:
    """Tell whether a typed code is the one whose digest was kept; spaces in it do not count."""
    typed = code_digest(challenge, "".join(code.split()))
    return hmac.compare_digest(expected, typed)


def name_of(text: str | None) -> str | None:
    """Answer a person's name as it is kept; raises `InvalidInput`."""
    name = " ".join((text or "").split())
    if len(name) > MAX_NAME or not name.isprintable():
        raise InvalidInput(
            "That name cannot be used.", Fault("/name", f"{MAX_NAME} printable characters at most")
        )
    return name or None
