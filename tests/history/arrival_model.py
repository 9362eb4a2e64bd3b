"""Which sessions a person has with an application: begun, continued by the newest, ended."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.history.operations import ARRIVALS, Kind, Operation
from tests.history.search import Blocked, Step

UNSEEN = "?"

# Sessions in the order of their beginning, each with whether it is live.
Stays = tuple[tuple[str, bool], ...]
Taken = tuple[Stays, ...] | Blocked


@dataclass(frozen=True, slots=True)
class ArrivalModel:
    """The rules of one partition; `orphans` are sessions that no clear answer began."""

    orphans: frozenset[str]

    def steps(self, operation: Operation) -> list[Step[Stays]]:
        """Answer what an operation may have done to the sessions of its partition."""
        kind = operation.kind
        if kind is Kind.EXPIRE or (kind is Kind.REVOKE and not operation.is_unclear):
            if operation.status not in {None, 200}:
                return []
            return [_step(operation, _end, is_certain=True)]
        if kind is Kind.REVOKE:
            return [_step(operation, _end, is_certain=False)]
        if kind in ARRIVALS:
            if operation.given is not None:
                return [_step(operation, self._arrive, is_certain=True)]
            if operation.is_unclear:
                return [_step(operation, self._perhaps, is_certain=False)]
        return []

    def _arrive(self, operation: Operation, stays: Stays) -> Taken:
        given = operation.given
        assert given is not None
        newest = _newest(stays)
        if operation.kind is Kind.CONTINUE and newest is not None:
            if newest == given.sid:
                return (stays,)
            return Blocked(f"the newest live session was {newest[-6:]}")
        if any(sid == given.sid for sid, _ in stays):
            return Blocked("the session had begun already")
        return ((*stays, (given.sid, True)),)

    def _perhaps(self, operation: Operation, stays: Stays) -> Taken:
        if operation.kind is Kind.CONTINUE and _newest(stays) is not None:
            return (stays,)
        known = {sid for sid, _ in stays}
        fresh = [*sorted(self.orphans - known), f"{UNSEEN}{operation.number}"]
        return tuple((*stays, (sid, True)) for sid in fresh)


def _newest(stays: Stays) -> str | None:
    return next((sid for sid, is_live in reversed(stays) if is_live), None)


def _end(operation: Operation, stays: Stays) -> Taken:
    used = operation.used
    assert used is not None
    if (used.sid, True) not in stays:
        if operation.kind is Kind.EXPIRE:
            return (stays,)
        return Blocked("the session was not live")
    return (tuple((sid, is_live and sid != used.sid) for sid, is_live in stays),)


def _step(
    operation: Operation,
    rule: Callable[[Operation, Stays], Taken],
    *,
    is_certain: bool,
) -> Step[Stays]:
    return Step(
        operation,
        operation.begun,
        operation.ended if is_certain else operation.until,
        lambda stays: rule(operation, stays),
        is_certain=is_certain,
    )
