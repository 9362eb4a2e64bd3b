"""What can go wrong with a request and its data, in words of the product, with stable codes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

# An answer that names every fault of a large body would not fit in an answer.
MAX_FAULTS = 20
_MAX_POINTER = 200  # characters


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input; `pointer` is a JSON pointer (RFC 6901) into it."""

    pointer: str
    detail: str


def pointer_of(steps: Iterable[int | str]) -> str:
    """Answer the JSON pointer of a place, as much of it as an answer has room for."""
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "".join(f"/{step}" for step in escaped)[:_MAX_POINTER]


class DomainError(Exception):
    """The one base; carries what a caller may be told and nothing else."""

    code: ClassVar[str]
    seconds_to_wait: ClassVar[int | None] = None  # until the same request may succeed, if known
    limit: int | None = None  # of the quota that is used up, where that is why

    def __init__(self, detail: str, *, hint: str | None = None) -> None:
        """Keep the sentence for the caller, and a hint on what to do."""
        super().__init__(detail)
        self.detail = detail
        self.hint = hint

    def members(self) -> Mapping[str, object]:
        """Answer the extension members of the problem document (RFC 9457, section 3.2)."""
        return {}

    def retry_after(self) -> int | None:
        """Answer the seconds after which the same request may succeed, if that is known."""
        return self.seconds_to_wait


class InvalidInput(DomainError):
    """The request is malformed; nothing was changed."""

    code = "invalid_input"

    def __init__(self, detail: str, *faults: Fault, hint: str | None = None) -> None:
        """Keep the sentence and where in the input it applies."""
        super().__init__(detail, hint=hint)
        self.faults = faults

    def members(self) -> Mapping[str, object]:
        return {"errors": [{"pointer": f.pointer, "detail": f.detail} for f in self.faults]}


class Unregistered(InvalidInput):
    """An application did not register the address, so nobody is sent there."""


class Unbegun(InvalidInput):
    """What a browser brings along was not begun here, is used or over, or is another browser's."""


class InvalidJson(DomainError):
    """The body is not the JSON (RFC 8259) that a store could give back unchanged."""

    code = "invalid_json"


class NotFound(DomainError):
    """Absent, or not the caller's: one answer."""

    code = "not_found"


class KeyNotFound(DomainError):
    """The payload has no such key."""

    code = "key_not_found"


class WriteConflict(DomainError):
    """Others wrote at the same time, more often than is sensible to repeat."""

    code = "write_conflict"
    seconds_to_wait = 1


class Duplicate(DomainError):
    """The name is taken."""

    code = "duplicate"


class ErasureRefused(DomainError):
    """A person cannot be erased as things stand; says what stands against it."""

    code = "erasure_refused"


class NotReady(DomainError):
    """Something has to be done before; the hint says what."""

    code = "not_ready"


class VersionMismatch(DomainError):
    """`If-Match` named another version, or `If-None-Match` this one (RFC 9110, section 13.1)."""

    code = "version_mismatch"


class IdempotencyReused(DomainError):
    """An Idempotency-Key came with another request than the one it was first used for."""

    code = "idempotency_reused"


class ReplayUnavailable(DomainError):
    """The request was done, its answer was too large to keep, and others wrote since."""

    code = "replay_unavailable"


class PayloadTooLarge(DomainError):
    """More than the application may keep, or than an answer could carry."""

    code = "payload_too_large"


class SchemaRefused(InvalidInput):
    """The application's payload schema does not admit what would be stored."""

    code = "schema_refused"


class UnsupportedMediaType(DomainError):
    """The body is not declared to be JSON."""

    code = "unsupported_media_type"


class WorkspaceSealed(DomainError):
    """The workspace's gate is closed; the data is intact."""

    code = "workspace_sealed"


class KeyUnavailable(DomainError):
    """The workspace's key is disabled or being deleted; the data is intact."""

    code = "key_unavailable"


class IfMatchRequired(DomainError):
    """The application demands conditional writes (RFC 6585, section 3)."""

    code = "if_match_required"


class SessionQuota(DomainError):
    """The workspace, or a person in an application, has as many live sessions as may be."""

    code = "session_quota"

    def __init__(self, detail: str, *, limit: int, hint: str | None = None) -> None:
        """Keep the number of sessions."""
        super().__init__(detail, hint=hint)
        self.limit = limit


class PayloadQuota(DomainError):
    """The workspace's payloads are as large as they may be, all together."""

    code = "payload_quota"

    def __init__(self, detail: str, *, limit: int, hint: str | None = None) -> None:
        """Keep the number of bytes."""
        super().__init__(detail, hint=hint)
        self.limit = limit


class StoreUnavailable(DomainError):
    """The store did not answer; nothing was half done."""

    code = "store_unavailable"
    seconds_to_wait = 1


class KmsUnavailable(DomainError):
    """The key service did not answer; nothing was half done."""

    code = "kms_unavailable"
    seconds_to_wait = 1


class AuditUnavailable(DomainError):
    """The audit trail did not take the record, so what it would have recorded did not happen."""

    code = "audit_unavailable"
    seconds_to_wait = 1


class UpstreamUnavailable(DomainError):
    """The identity provider did not answer as one; nothing was changed."""

    code = "upstream_unavailable"
    seconds_to_wait = 5

    def __init__(
        self, detail: str, *, hint: str | None = None, why: str = "does not answer"
    ) -> None:
        """Keep the sentence, and what whoever chose the provider may be told of it."""
        super().__init__(detail, hint=hint)
        self.why = why


class Unopenable(DomainError):
    """Sealed data is missing, out of its place, or altered: raise the alarm."""

    code = "store_unavailable"


class Stale(Exception):
    """A condition failed: what was read has changed since."""


class ShardFull(Exception):
    """A shard of a counter stands at its limit; another one may have room."""


class Contended(Exception):
    """Another transaction held an item at that moment; nothing is known to have changed."""


class InternalError(DomainError):
    """Something that should not happen did; it is in the log under the request's id."""

    code = "internal_error"
