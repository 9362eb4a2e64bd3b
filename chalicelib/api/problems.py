"""Problems: every error of the domain as an RFC 9457 document with its status."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.api.rates import RATE_LIMIT, RATE_REMAINING
from chalicelib.domain.denials import DpopNonce, DpopRequired
from chalicelib.domain.dpop import ALGORITHMS
from chalicelib.domain.errors import DomainError

STATUS: Mapping[str, tuple[int, str]] = {
    "audit_unavailable": (503, "The audit trail is not available"),
    "challenge_ended": (410, "This step is over"),
    "dpop_nonce": (401, "DPoP nonce required"),
    "dpop_required": (401, "DPoP proof required"),
    "duplicate": (409, "Already taken"),
    "erasure_refused": (409, "Cannot be erased now"),
    "forbidden": (403, "Not allowed"),
    "idempotency_reused": (422, "Idempotency-Key used before"),
    "if_match_required": (428, "If-Match required"),
    "internal_error": (500, "Something went wrong here"),
    "invalid_input": (400, "Invalid input"),
    "invalid_json": (400, "Invalid JSON"),
    "key_not_found": (404, "Key not found"),
    "key_unavailable": (423, "Key unavailable"),
    "kms_unavailable": (503, "The key service is not available"),
    "not_found": (404, "Not found"),
    "not_ready": (409, "Not possible yet"),
    "not_owner": (403, "Not the owner"),
    "origin_not_allowed": (403, "Origin not allowed"),
    "payload_quota": (429, "Payload quota reached"),
    "payload_too_large": (413, "Payload too large"),
    "rate_limited": (429, "Too many requests"),
    "replay_unavailable": (409, "Done before, answer not kept"),
    "schema_refused": (422, "The payload schema refuses this"),
    "session_ended": (410, "Session ended"),
    "session_quota": (429, "Session quota reached"),
    "signin_refused": (403, "Sign-in refused"),
    "step_up_required": (403, "A fresh sign-in is needed"),
    "store_unavailable": (503, "The store is not available"),
    "token_expired": (401, "Token expired"),
    "token_invalid": (401, "Token invalid"),
    "token_missing": (401, "Token missing"),
    "token_superseded": (401, "Token superseded"),
    "unsupported_media_type": (415, "Unsupported media type"),
    "upstream_unavailable": (503, "The identity provider is not available"),
    "version_mismatch": (412, "Version mismatch"),
    "workspace_sealed": (423, "Workspace sealed"),
    "write_conflict": (409, "Write conflict"),
}
"""Status and title of every code, the one table of statuses."""

_UNAUTHENTICATED = 401
MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem document, ready to be sent."""

    status: int
    headers: Mapping[str, str]
    document: Mapping[str, object]


def problem_of(error: DomainError, *, origin: str, request_id: str) -> Problem:
    """Answer the problem document of an error."""
    status, title = STATUS[error.code]
    document: dict[str, object] = {
        "type": f"{origin}/problems/{error.code}",
        "title": title,
        "status": status,
        "detail": error.detail,
        "code": error.code,
        "error": title,
        "requestId": request_id,
        **error.members(),
    }
    if error.hint is not None:
        document["hint"] = error.hint
    headers = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store"}
    seconds = error.retry_after()
    if seconds is not None:
        headers["Retry-After"] = str(seconds)
    if error.limit is not None:
        # Nobody knows when others give something back, so there is no reset and no window.
        headers |= {RATE_LIMIT: str(error.limit), RATE_REMAINING: "0"}
    if status == _UNAUTHENTICATED:
        headers["WWW-Authenticate"] = _challenge(error)
    if isinstance(error, DpopNonce):
        headers["DPoP-Nonce"] = error.nonce
    return Problem(status=status, headers=headers, document=document)


def _challenge(error: DomainError) -> str:
    # RFC 6750, section 3.1: no error attribute when no credential was sent.
    if error.code == "token_missing":
        return 'Bearer realm="secureflows"'
    if isinstance(error, DpopNonce | DpopRequired):
        word = "use_dpop_nonce" if isinstance(error, DpopNonce) else error.error
        told = f'error="{word}", error_description="{error.code}"'
        return f'DPoP realm="secureflows", {told}, algs="{" ".join(ALGORITHMS)}"'
    return f'Bearer realm="secureflows", error="invalid_token", error_description="{error.code}"'
