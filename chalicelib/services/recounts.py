"""Recounts: hold the counters of what workspaces hold against the sessions themselves."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.errors import Contended, Stale
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.limits import FLUSH_BYTES, FORGET_SECONDS, QUOTA_SHARDS
from chalicelib.domain.ports.directory import WorkspaceStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.ports.usage import UsageStore
from chalicelib.domain.quotas import Counter, QuotaKind
from chalicelib.domain.sessions import Head, SessionStatus
from chalicelib.domain.workspaces import Workspace

# How far a session's own times may lie from the moment of its transaction: clocks, and one call.
_CALL = 60
_PAUSE = 10.0  # between two measurements; an index and other processes catch up meanwhile
_ATTEMPTS = 8
# The sum counts, not where it stands: each process adds bytes to shards of its choice.
_BYTES_SHARD = 0


@dataclass(frozen=True, slots=True)
class _Difference:
    """By how much a counter is wrong at least, and the counter as it was read."""

    kind: QuotaKind
    shard: int
    amount: int
    counter: Counter


@dataclass(slots=True)
class _Span:
    """What a count may have been at a moment, from least to most."""

    least: int = 0
    most: int = 0

    def off(self, count: int) -> int:
        """Answer what has to be added to a count to bring it just into the span."""
        return max(0, self.least - count) + min(0, self.most - count)


class _TimeIsOver(Exception):
    """A count was not finished, and a part of one says nothing."""


class Recounts:
    """Repairs what a process took with it when it died, and rows that left without being ended.

    It never says what a counter is. It measures by how much one was wrong at a moment, and adds
    that: what others add before and after stays. Whatever went on around that moment widens the
    span of what would have been right, and only what lies outside is an error. One that is not
    found twice is none.
    """

    def __init__(self, *, clock: Clock, store: UsageStore, workspaces: WorkspaceStore) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._workspaces = workspaces

    def run(self, *, seconds: float) -> Mapping[str, int]:
        """Recount workspaces until all were, or the time is over; answers what was done.

        Each run takes them in another order, so runs that reach a part of them each reach all of
        them together. `whole` is 1 when this one did.
        """
        give_up_at = self._clock.monotonic() + seconds
        workspaces = list(self._workspaces.all())
        random.shuffle(workspaces)
        counted = corrected = overtaken = 0
        for workspace in workspaces:
            try:
                confirmed = self._confirmed(workspace, give_up_at)
            except _TimeIsOver:
                break
            counted += 1
            for difference in confirmed:
                if self._correct(workspace.id, difference):
                    corrected += 1
                else:
                    overtaken += 1
        return {
            "workspaces": counted,
            "corrected": corrected,
            "overtaken": overtaken,
            "whole": int(counted == len(workspaces)),
        }

    def _confirmed(self, workspace: Workspace, give_up_at: float) -> Sequence[_Difference]:
        first = self._measured(workspace, give_up_at)
        if not any(each.amount for each in first):
            return []
        self._clock.pause(_PAUSE)
        pairs = zip(first, self._measured(workspace, give_up_at), strict=True)
        agreed = [replace(b, amount=_nearer(a.amount, b.amount)) for a, b in pairs]
        return [each for each in agreed if each.amount]

    def _measured(self, workspace: Workspace, give_up_at: float) -> Sequence[_Difference]:
        self._hold_to(give_up_at)
        # The counters come first: a session that moves on later is judged by its times.
        at, counts = self._clock.now(), self._store.counts(workspace.id)
        sessions = [_Span() for _ in range(QUOTA_SHARDS)]
        stored = _Span()
        since = workspace.created_at - _CALL
        for head in self._store.heads(workspace.id, since=since, until=at + _CALL):
            self._hold_to(give_up_at)
            was, may_have_been = _was_live(head, at)
            sessions[head.quota_shard].least += was
            sessions[head.quota_shard].most += may_have_been
            held_back = FLUSH_BYTES if head.updated_at >= at - FORGET_SECONDS - _CALL else 0
            stored.least += head.size * was - held_back
            stored.most += head.size * may_have_been + held_back
        shards = zip(counts.sessions, sessions, strict=True)
        return [
            *(
                _Difference(QuotaKind.SESSIONS, shard, span.off(counter.count), counter)
                for shard, (counter, span) in enumerate(shards)
            ),
            _Difference(
                QuotaKind.BYTES,
                _BYTES_SHARD,
                stored.off(counts.stored_bytes),
                counts.stored[_BYTES_SHARD],
            ),
        ]

    def _hold_to(self, give_up_at: float) -> None:
        if self._clock.monotonic() >= give_up_at:
            raise _TimeIsOver

    def _correct(self, workspace: WorkspaceId, difference: _Difference) -> bool:
        for _ in range(_ATTEMPTS):
            try:
                self._store.correct(
                    workspace,
                    difference.kind,
                    difference.shard,
                    difference=difference.amount,
                    before=difference.counter,
                    now=self._clock.now(),
                )
            except Contended:
                continue
            except Stale:
                return False  # Another recount was here.
            return True
        return False


def _was_live(head: Head, at: int) -> tuple[bool, bool]:
    """Tell whether a session was live and counted at a moment, for certain and perhaps."""
    began, ended = head.created_at, head.ended_at
    if head.status is SessionStatus.LIVE or ended is None:
        return began < at - _CALL, began <= at + _CALL
    return (
        began < at - _CALL and ended > at + _CALL,
        began <= at + _CALL and ended >= at - _CALL,
    )


def _nearer(first: int, second: int) -> int:
    """Answer what two measurements agree upon: the smaller error, if both are of one kind."""
    if (first > 0) != (second > 0) or not first or not second:
        return 0
    return min(first, second, key=abs)
