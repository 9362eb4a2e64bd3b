"""CORS: one preflight for everybody, and who may read which answer."""

from chalice.app import CORSConfig

from chalicelib.api.headers import DPOP_NONCE, REPLAYED
from chalicelib.api.rates import RATE_HEADERS

ANY_ORIGIN = CORSConfig(
    allow_origin="*",
    allow_headers=[
        *("Authorization", "DPoP"),
        *("Content-Type", "If-Match", "If-None-Match", "Idempotency-Key"),
    ],
    expose_headers=[
        "ETag",
        "Retry-After",
        "WWW-Authenticate",
        "Location",
        REPLAYED.name,
        DPOP_NONCE.name,
        *RATE_HEADERS,
    ],
    max_age=600,
    allow_credentials=False,
)
"""Bearer tokens without credentials from any origin; the answer names who may read it."""


def readable_by(page: str | None, *, proven: bool) -> dict[str, str]:
    """Answer the CORS headers: a proven caller's answer is for its own page only."""
    if page is None:
        return {"Vary": "Origin"}
    return {"Access-Control-Allow-Origin": page if proven else "*", "Vary": "Origin"}
