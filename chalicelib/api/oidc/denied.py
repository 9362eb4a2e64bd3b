"""Refusals of the provider's own endpoints, in the words of RFC 6749 and no problem document."""

from collections.abc import Mapping

from chalicelib.api.contract import Also
from chalicelib.api.endpoint import Reply
from chalicelib.api.headers import DPOP_NONCE, PRAGMA, WWW_AUTHENTICATE
from chalicelib.api.schemas.tokens import DeniedOut
from chalicelib.domain.oidc import Denial, Denied

UNKEPT = {"Pragma": "no-cache"}
DENIED = (
    Also(400, "Refused, and why (RFC 6749, section 5.2).", DeniedOut, sends=(PRAGMA, DPOP_NONCE)),
    Also(
        401,
        "The client did not prove who it is (RFC 6749, section 5.2).",
        DeniedOut,
        sends=(PRAGMA, WWW_AUTHENTICATE),
    ),
)


def denied(refusal: Denied) -> Reply[DeniedOut]:
    """Answer a refusal; a client that did not prove itself is told how it could."""
    kept = {**UNKEPT, **fresh(refusal.nonce)}
    body = DeniedOut(error=refusal.denial.value, error_description=refusal.description)
    if refusal.denial is not Denial.INVALID_CLIENT:
        return Reply(body, status=400, headers=kept)
    challenge = {"WWW-Authenticate": 'Basic realm="secureflows"'}
    return Reply(body, status=401, headers={**kept, **challenge})


def fresh(nonce: str | None) -> Mapping[str, str]:
    """Answer the header with what the next proof has to carry, for who sends proofs."""
    return {} if nonce is None else {DPOP_NONCE.name: nonce}
