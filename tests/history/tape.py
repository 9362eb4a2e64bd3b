"""Histories written by hand: one session of one person, and what its clients say they saw."""

from dataclasses import dataclass, field
from typing import Any

from tests.history.checker import History
from tests.history.operations import Kind, Operation, Pass
from tests.history.session_model import born

SID = "01SESSION"
PLACE = "acme/notes/mira"


@dataclass(slots=True)
class Tape:
    """Operations as they are told; each begins when the one before has ended, or when it says."""

    payload: Any = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    now: float = 0.0

    def add(self, kind: Kind, *, at: tuple[float, float] | None = None, **words: Any) -> Operation:
        begun, ended = at or (self.now + 1, self.now + 2)
        self.now = max(self.now, ended)
        number = len(self.operations)
        words = {"status": 200, "used": Pass(SID, 1, "gA"), **words}
        made = Operation(
            number=number, kind=kind, place=PLACE, begun=begun, ended=ended, client="c0", **words
        )
        self.operations.append(made)
        return made

    def read(self, body: Any, etag: int, **words: Any) -> Operation:
        return self.add(Kind.READ, body=body, etag=etag, **words)

    def replace(self, value: Any, etag: int, **words: Any) -> Operation:
        return self.add(Kind.REPLACE, value=value, body=value, etag=etag, **words)

    def set(self, key: str, value: Any, body: Any, etag: int, **words: Any) -> Operation:
        return self.add(Kind.SET, key=key, value=value, body=body, etag=etag, **words)

    def lost(self, kind: Kind, **words: Any) -> Operation:
        return self.add(kind, **{"status": None, **words})

    def refused(self, kind: Kind, status: int, code: str, **words: Any) -> Operation:
        return self.add(kind, status=status, code=code, **words)

    def renew(self, body: Any, rev: int, **words: Any) -> Operation:
        given = Pass(SID, rev, "gB")
        return self.add(Kind.RENEW, given=given, body=body, **words)

    def history(self) -> History:
        return History(self.operations, {SID: born(self.payload)}, {PLACE: ((SID, True),)})
