"""Why somebody is not let in: errors about credentials, permission and patience."""

from collections.abc import Mapping

from chalicelib.domain.errors import DomainError


class TokenMissing(DomainError):
    """No credential was sent."""

    code = "token_missing"


class TokenInvalid(DomainError):
    """The credential is not one of ours, or of another kind."""

    code = "token_invalid"


class TokenExpired(DomainError):
    """The credential's time is over; the data is intact."""

    code = "token_expired"


class DpopRequired(DomainError):
    """The request does not prove the key that its token is bound to, or has to be."""

    code = "dpop_required"

    def __init__(self, detail: str, *, error: str = "invalid_dpop_proof") -> None:
        """Keep the word that RFC 9449 has for it."""
        super().__init__(detail)
        self.error = error


class DpopNonce(DomainError):
    """The proof has to carry the nonce that this answer brings."""

    code = "dpop_nonce"

    def __init__(self, detail: str, *, nonce: str) -> None:
        """Keep the nonce."""
        super().__init__(detail)
        self.nonce = nonce


class TokenSuperseded(DomainError):
    """The credential was renewed, or its sign-in was ended."""

    code = "token_superseded"


class Forbidden(DomainError):
    """Signed in, not allowed."""

    code = "forbidden"


class NotOwner(DomainError):
    """The session belongs to somebody else; only its owner may continue it."""

    code = "not_owner"


class OriginNotAllowed(DomainError):
    """A browser page that the application did not register."""

    code = "origin_not_allowed"


class SigninRefused(DomainError):
    """The proof of identity does not fit; says how many tries are left."""

    code = "signin_refused"

    def __init__(self, detail: str, *, tries_left: int) -> None:
        """Keep the number of further tries before a delay."""
        super().__init__(detail)
        self.tries_left = tries_left

    def members(self) -> Mapping[str, object]:
        return {"triesLeft": self.tries_left}


class StepUpRequired(DomainError):
    """Signed in, and not freshly or strongly enough for this; says what would be enough."""

    code = "step_up_required"

    def __init__(self, detail: str, *, max_age: int, acr_values: str) -> None:
        """Keep the age of a sign-in that is admitted, in seconds, and its strength."""
        super().__init__(detail)
        self.max_age = max_age
        self.acr_values = acr_values

    def members(self) -> Mapping[str, object]:
        return {"max_age": self.max_age, "acr_values": self.acr_values}


class SessionEnded(DomainError):
    """The session is revoked, or its lifetime is over."""

    code = "session_ended"


class ChallengeEnded(DomainError):
    """The typed-code challenge is over: used, expired or tried too often."""

    code = "challenge_ended"


class RateLimited(DomainError):
    """Too many tries or requests; says when the next one counts."""

    code = "rate_limited"

    def __init__(
        self, detail: str, *, seconds: int, hint: str | None = None, reason: str = "rate"
    ) -> None:
        """Keep the seconds until the next one counts; `reason` is for the trail and not told."""
        super().__init__(detail, hint=hint)
        self.seconds = seconds
        self.reason = reason

    def retry_after(self) -> int:
        return self.seconds
