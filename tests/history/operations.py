"""Operations: what a client asked of the platform, when, and what it heard back."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any


class Kind(StrEnum):
    """What was asked. `EXPIRE` is nobody's request: it is the moment that a lifetime names."""

    READ = "read"
    READ_KEY = "read key"
    IDENTITY = "identity"
    REPLACE = "replace"
    PATCH = "patch"
    SET = "set"
    DELETE = "delete"
    REVOKE = "revoke"
    LOG_OUT = "log out"
    LOG_OUT_ALL = "log out everywhere"
    RENEW = "renew"
    CREATE = "create"
    CONTINUE = "get or create"
    EXPIRE = "expire"


WRITES = frozenset({Kind.REPLACE, Kind.PATCH, Kind.SET, Kind.DELETE})
READS = frozenset({Kind.READ, Kind.READ_KEY, Kind.IDENTITY})
SIGN_OUTS = frozenset({Kind.LOG_OUT, Kind.LOG_OUT_ALL})
ARRIVALS = frozenset({Kind.CREATE, Kind.CONTINUE})

_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Pass:
    """What a sessionToken says: which session, of which revision, by which grant."""

    sid: str
    rev: int
    grant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One request of one client. Times are seconds of one monotonic clock.

    `until` is the moment after which a request without a clear answer can do nothing any more.
    """

    number: int
    kind: Kind
    place: str  # workspace/application/person
    begun: float
    ended: float
    until: float = math.inf
    client: str = ""
    used: Pass | None = None
    key: str | None = None
    value: Any = None
    if_match: Sequence[int] | None = None
    none_match: Sequence[int] | None = None
    repeat: str | None = None  # the Idempotency-Key
    status: int | None = None  # None: no answer came
    code: str | None = None
    etag: int | None = None
    body: Any = None
    given: Pass | None = None  # what the token in the answer says

    @property
    def is_unclear(self) -> bool:
        """Tell whether nobody knows if it happened: no answer, or a failure on the way."""
        return self.status is None or self.status >= _SERVER_ERROR

    def __str__(self) -> str:
        told = [self.kind.value]
        if self.key is not None:
            told.append(repr(self.key))
        if self.value is not None or self.kind in {Kind.SET, Kind.REPLACE, Kind.PATCH}:
            told.append(_short(self.value))
        if self.if_match is not None:
            told.append(f"if-match {list(self.if_match)}")
        if self.none_match is not None:
            told.append(f"if-none-match {list(self.none_match)}")
        if self.repeat is not None:
            told.append(f"idempotency-key {self.repeat}")
        if self.used is not None:
            told.append(f"by revision {self.used.rev} of grant {self.used.grant[-4:]}")
        answer = "no answer" if self.status is None else str(self.status)
        heard = [answer, self.code or ""]
        if self.etag is not None:
            heard.append(f'version "{self.etag}"')
        if self.given is not None:
            heard.append(f"token of revision {self.given.rev} of {self.given.sid[-6:]}")
        if self.body is not None:
            heard.append(_short(self.body))
        when = f"{self.begun:9.4f} to {self.ended:9.4f}"
        return f"#{self.number:<5} {self.client:<4} {when}  " + " ".join(
            part for part in (*told, "->", *heard) if part
        )


def canonical(value: Any) -> str:
    """Answer a JSON value as the one text that equal values share."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def save(operations: Iterable[Operation], file: Path) -> None:
    """Write a history, one operation a line."""
    lines = (json.dumps(asdict(operation), ensure_ascii=False) for operation in operations)
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def load(file: Path) -> list[Operation]:
    """Read a history back."""
    return [_operation(json.loads(line)) for line in file.read_text("utf-8").splitlines()]


def _operation(words: dict[str, Any]) -> Operation:
    for name in ("used", "given"):
        words[name] = None if words[name] is None else Pass(**words[name])
    words["kind"] = Kind(words["kind"])
    return Operation(**{each.name: words[each.name] for each in fields(Operation)})


def _short(value: Any, *, most: int = 90) -> str:
    text = canonical(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."
