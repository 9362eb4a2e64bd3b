"""Refusals: the errors that come together, for routes to declare by one name."""

from chalicelib.api.contract import Errors
from chalicelib.domain.denials import (
    ChallengeEnded,
    Forbidden,
    NotOwner,
    OriginNotAllowed,
    RateLimited,
    SessionEnded,
    SigninRefused,
    StepUpRequired,
    TokenInvalid,
    TokenMissing,
    TokenSuperseded,
)
from chalicelib.domain.errors import (
    AuditUnavailable,
    IfMatchRequired,
    InternalError,
    InvalidInput,
    InvalidJson,
    KeyUnavailable,
    KmsUnavailable,
    NotFound,
    PayloadQuota,
    PayloadTooLarge,
    SchemaRefused,
    SessionQuota,
    StoreUnavailable,
    UnsupportedMediaType,
    WorkspaceSealed,
    WriteConflict,
)

# Our own answers, and those that the gateway gives in our name.
ANYWHERE: Errors = (InvalidInput, Forbidden, RateLimited, InternalError, StoreUnavailable)
BODY: Errors = (InvalidJson, PayloadTooLarge, UnsupportedMediaType)

RECORD: Errors = (AuditUnavailable, WriteConflict)
"""A change that carries its audit event and may meet other changes."""

ADMISSION: Errors = (NotFound, OriginNotAllowed, SessionEnded, TokenSuperseded, WorkspaceSealed)
"""What a verified sessionToken may still be refused for."""
READ: Errors = (ADMISSION, KeyUnavailable, KmsUnavailable)
WRITE: Errors = (READ, RECORD, IfMatchRequired, PayloadQuota, PayloadTooLarge, SchemaRefused)

ARRIVAL: Errors = (NotFound, Forbidden, OriginNotAllowed, TokenSuperseded, WorkspaceSealed)
"""What a verified ID token may still be refused for."""
RENEWAL: Errors = (ARRIVAL, RECORD, KeyUnavailable, SessionEnded)
BEGINNING: Errors = (
    *(ARRIVAL, RECORD, KeyUnavailable),
    *(PayloadQuota, PayloadTooLarge, SchemaRefused, SessionQuota),
)

LINK: Errors = (NotFound, Forbidden, TokenInvalid, WorkspaceSealed, KmsUnavailable)
"""What a link with a sessionToken in it may be refused for."""

STEP: Errors = (NotFound, WorkspaceSealed, KeyUnavailable, KmsUnavailable)
"""What every step of the login may meet, as each reads the request anew."""
DEPARTURE: Errors = (
    *(RECORD, NotOwner, SessionEnded, TokenSuperseded),
    *(PayloadQuota, PayloadTooLarge, SchemaRefused, SessionQuota),
)
"""What the last step may meet that begins or renews a session by itself."""
PROOF: Errors = (STEP, DEPARTURE, ChallengeEnded, RateLimited, SigninRefused)

HOME: Errors = (STEP, TokenMissing)
"""What a browser at its person's own account may be refused for."""
ACCOUNT: Errors = (AuditUnavailable, KeyUnavailable, KmsUnavailable, StepUpRequired, WriteConflict)
"""What a change of one's own account may be refused for."""

CHECK: Errors = (KeyUnavailable, KmsUnavailable)
"""What opening sessions to count them may meet."""
