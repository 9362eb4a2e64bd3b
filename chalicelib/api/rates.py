"""The headers that tell what is left of a limit (draft-ietf-httpapi-ratelimit-headers-06)."""

from chalicelib.domain.rates import WINDOW, Allowance

RATE_LIMIT = "RateLimit-Limit"
RATE_REMAINING = "RateLimit-Remaining"
RATE_RESET = "RateLimit-Reset"
RATE_POLICY = "RateLimit-Policy"
RATE_HEADERS = (RATE_LIMIT, RATE_REMAINING, RATE_RESET, RATE_POLICY)


def rate_headers(allowance: Allowance) -> dict[str, str]:
    """Answer what is left of a caller's requests; the policy names the window in seconds."""
    return {
        RATE_LIMIT: str(allowance.limit),
        RATE_REMAINING: str(allowance.remaining),
        RATE_RESET: str(allowance.reset),
        RATE_POLICY: f"{allowance.limit};w={WINDOW}",
    }
