"""The layout: every table with its indexes, and the keys that more than one store writes."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import gmtime, strftime
from zlib import crc32

from chalicelib.domain.ids import AppId, WorkspaceId
from chalicelib.domain.limits import QUOTA_SHARDS
from chalicelib.domain.quotas import QuotaKind
from chalicelib.domain.receipts import ReceiptRef
from chalicelib.domain.sessions import Person, SessionRef


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index; finds and never authorises."""

    name: str
    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the string keys `PK` and `SK`, named without its stage."""

    name: str
    indexes: tuple[Index, ...] = ()
    has_ttl: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """The whole name of an item."""

    table: Table
    pk: str
    sk: str


BY_TIME = Index("by_time", "timePK", "timeSK")
BY_WORKSPACE = Index("by_workspace", "wsPK", "createdSK")
BY_APP = Index("by_app", "appPK", "createdSK")
BY_SID = Index("by_sid", "sidPK", "sidSK")
BY_EXPIRY = Index("by_expiry", "expPK", "expSK")
BY_WKV = Index("by_wkv", "wkvPK", "wkvSK")
BY_SESSION = Index("by_session", "sessPK", "SK")
BY_ACTOR = Index("by_actor", "actorPK", "SK")
BY_SUBJECT = Index("by_subject", "subjectPK", "SK")

DIRECTORY = Table("directory", (BY_TIME,))
SESSIONS = Table("sessions", (BY_WORKSPACE, BY_APP, BY_SID, BY_EXPIRY), has_ttl=True)
PAYLOADS = Table("payloads", has_ttl=True)
LOGIN = Table("login", has_ttl=True)
KEYS = Table("keys", (BY_WKV,))
AUDIT = Table("audit", (BY_SESSION, BY_ACTOR, BY_SUBJECT))
ACTIVITY = Table("activity", has_ttl=True)
TABLES = (DIRECTORY, SESSIONS, PAYLOADS, LOGIN, KEYS, AUDIT, ACTIVITY)


def workspace_pk(workspace: WorkspaceId) -> str:
    """Answer the partition of a workspace's own items."""
    return f"W#{workspace}"


def person_pk(person: Person) -> str:
    """Answer the partition of everything that belongs to one user."""
    return f"W#{person.workspace}#U#{person.user}"


def meta_key(workspace: WorkspaceId) -> Key:
    """Answer where a workspace's settings are."""
    return Key(DIRECTORY, workspace_pk(workspace), "META")


def gate_key(workspace: WorkspaceId) -> Key:
    """Answer where a workspace's gate is."""
    return Key(DIRECTORY, workspace_pk(workspace), "GATE")


def application_key(workspace: WorkspaceId, app: AppId) -> Key:
    """Answer where an application is."""
    return Key(DIRECTORY, workspace_pk(workspace), f"APP#{app}")


def quota_key(workspace: WorkspaceId, kind: QuotaKind, shard: int) -> Key:
    """Answer where one shard of a quota's counter is."""
    return Key(DIRECTORY, f"W#{workspace}#Q#{kind}#{shard}", "COUNT")


def quota_keys(workspace: WorkspaceId, kind: QuotaKind) -> tuple[Key, ...]:
    """Answer where all the shards of a quota's counter are."""
    return tuple(quota_key(workspace, kind, shard) for shard in range(QUOTA_SHARDS))


def workspace_keys_key(workspace: WorkspaceId) -> Key:
    """Answer where a workspace's wrapped keys are."""
    return Key(KEYS, workspace_pk(workspace), "KEYS")


def user_keys_key(person: Person) -> Key:
    """Answer where a user's wrapped keys are."""
    return Key(KEYS, person_pk(person), "KEY")


def profile_key(person: Person) -> Key:
    """Answer where a user is."""
    return Key(DIRECTORY, person_pk(person), "PROFILE")


def head_key(ref: SessionRef) -> Key:
    """Answer where the head of a session is."""
    return Key(SESSIONS, person_pk(ref.partition.person), f"S#{ref.partition.app}#{ref.sid}")


def payload_key(ref: SessionRef) -> Key:
    """Answer where the payload of a session is."""
    return Key(PAYLOADS, person_pk(ref.partition.person), f"P#{ref.partition.app}#{ref.sid}")


def receipt_key(ref: ReceiptRef) -> Key:
    """Answer where the receipt of a request is."""
    return Key(PAYLOADS, person_pk(ref.partition.person), f"I#{ref.partition.app}#{ref.digest}")


def shard_of(text: str, shards: int) -> int:
    """Spread ids evenly over shards, the same way for ever."""
    return crc32(text.encode()) % shards


def seconds_sk(seconds: int, behind: str) -> str:
    """Answer a sort key by time: ten digits of epoch seconds, then an id."""
    return f"{seconds:010d}#{behind}"


def hour_of(seconds: int) -> str:
    """Answer the hour of a time, UTC, `yyyymmddhh`."""
    return strftime("%Y%m%d%H", gmtime(seconds))


def month_of(seconds: int) -> str:
    """Answer the month of a time, UTC, `yyyymm`."""
    return strftime("%Y%m", gmtime(seconds))


def months_between(first: int, last: int) -> Iterator[str]:
    """Answer every month from one time to another, UTC, `yyyymm`."""
    begin, end = gmtime(first), gmtime(last)
    for number in range(begin.tm_year * 12 + begin.tm_mon - 1, end.tm_year * 12 + end.tm_mon):
        yield f"{number // 12}{number % 12 + 1:02d}"
