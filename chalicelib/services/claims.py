"""Claims: each read out of a verified token as what it must be, or the token is refused."""

from collections.abc import Mapping

from chalicelib.domain.denials import TokenInvalid
from chalicelib.domain.ids import UserId, is_uid
from chalicelib.domain.tokens import Claims, SignIn


def meant_for(claims: Claims, audience: str) -> None:
    """Let claims for an audience pass; raises `TokenInvalid`."""
    if claims.get("aud") != audience:
        raise TokenInvalid("This token is meant for something else.")


def proof(sign_in: SignIn) -> Mapping[str, object]:
    """Answer how and when a person proved who they are, as claims."""
    return {"auth_time": sign_in.auth_time, "acr": sign_in.acr, "amr": list(sign_in.amr)}


def sign_in_of(claims: Claims) -> SignIn:
    """Answer how and when a person proved who they are; raises `TokenInvalid`."""
    amr = claims.get("amr")
    return SignIn(
        auth_time=number_of(claims, "auth_time"),
        acr=text_of(claims, "acr"),
        amr=tuple(str(method) for method in amr) if isinstance(amr, list) else (),
    )


def user_of(claims: Claims) -> UserId:
    """Answer whom a token is about; raises `TokenInvalid`."""
    subject = text_of(claims, "sub")
    # Only the one decimal form is ours: no sign, no leading zero, no digits of other scripts.
    if not (subject.isascii() and subject.isdecimal()) or not is_uid(int(subject)):
        raise TokenInvalid("This token names no user.")
    return UserId(int(subject))


def text_of(claims: Claims, name: str) -> str:
    """Answer a claim that is a text; raises `TokenInvalid`."""
    value = claims.get(name)
    if not isinstance(value, str):
        raise TokenInvalid("This token lacks a claim.")
    return value


def number_of(claims: Claims, name: str) -> int:
    """Answer a claim that is a whole number; raises `TokenInvalid`."""
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TokenInvalid("This token lacks a claim.")
    return value
