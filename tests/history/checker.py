"""The checker: is there an order of single operations that explains what every client saw?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.history.arrival_model import ArrivalModel, Stays
from tests.history.operations import ARRIVALS, SIGN_OUTS, WRITES, Kind, Operation, canonical
from tests.history.search import Step, Stuck, Undecided, order, shortest
from tests.history.session_model import NOWHERE, SessionModel, State

_SHOWN = 12  # operations before the one that does not fit


@dataclass(frozen=True, slots=True)
class Violation:
    """What no order explains, told for a person."""

    about: str
    text: str
    culprits: tuple[Operation, ...] = ()

    def __str__(self) -> str:
        return f"{self.about}\n{self.text}"


@dataclass(frozen=True, slots=True)
class History:
    """What was recorded, and what the sessions were before the record began."""

    operations: Sequence[Operation]
    sessions: Mapping[str, State] = field(default_factory=dict)
    stays: Mapping[str, Stays] = field(default_factory=dict)


def violations(history: History) -> list[Violation]:
    """Answer everything that no order of single operations explains; nothing is good."""
    found: list[Violation] = []
    for sid, operations in sorted(_by_session(history).items()):
        found += _of_session(sid, operations, history.sessions.get(sid, NOWHERE))
    for place, operations in sorted(_by_place(history).items()):
        found += _of_place(place, operations, history)
    return found


def _of_session(sid: str, operations: Sequence[Operation], start: State) -> list[Violation]:
    about = f"session {sid}, {len(operations)} operations"
    contents: dict[int, str] = {start.version: start.data} if start.is_born else {}
    seen: dict[int, Operation] = {}
    for operation in sorted(operations, key=lambda one: one.ended):
        if operation.etag is None or not _shows_all(operation):
            continue
        content = canonical(operation.body)
        if contents.setdefault(operation.etag, content) != content:
            both = [one for one in (seen.get(operation.etag), operation) if one is not None]
            text = "".join(f"  {one}\n" for one in both)
            told = f'version "{operation.etag}" was seen with two contents:\n{text}'
            return [Violation(about, told, tuple(both))]
        seen.setdefault(operation.etag, operation)
    model = SessionModel(sid, contents)
    return _searched(about, [step for one in operations for step in model.steps(one)], start)


def _of_place(place: str, operations: Sequence[Operation], history: History) -> list[Violation]:
    start = history.stays.get(place, ())
    begun = {sid for sid, _ in start} | {
        one.given.sid for one in operations if one.given is not None and one.kind in ARRIVALS
    }
    created = {one.given.sid for one in operations if one.given and one.kind is Kind.CREATE}
    known = {sid for sid, _ in start} | created
    model = ArrivalModel(frozenset(begun - known))
    steps = [step for one in operations for step in model.steps(one)]
    return _searched(f"the sessions of {place}", steps, start)


def _searched(about: str, steps: Sequence[Step[Any]], start: Any) -> list[Violation]:
    try:
        if not isinstance(order(steps, start), Stuck):
            return []
        stuck = shortest(steps, start)
    except Undecided as tired:
        return [Violation(about, f"no order was found in {tired}; the search was given up")]
    return [_told(about, stuck)]


def _told(about: str, stuck: Stuck[Any]) -> Violation:
    blocked = {step.operation.number: (step.operation, why) for step, why in stuck.blocked}
    taken = {step.operation.number: step.operation for step in stuck.taken}
    window = list(taken.values())[-_SHOWN:]
    earlier = len(taken) - len(window)
    lines = ["These fit, in this order:"]
    lines += [f"  ... {earlier} before them"] if earlier else []
    lines += [f"  {operation}" for operation in window]
    lines += [f"Then it is {stuck.state}", "and none of these can be next:"]
    lines += [f"  {operation}\n         {why}" for operation, why in blocked.values()]
    return Violation(about, "\n".join(lines), tuple(one for one, _ in blocked.values()))


def _by_session(history: History) -> Mapping[str, list[Operation]]:
    found: dict[str, dict[int, Operation]] = defaultdict(dict)
    for operation in history.operations:
        for named in (operation.used, operation.given):
            if named is not None:
                found[named.sid][operation.number] = operation
    # Some may have reached sessions that neither their request nor their answer names.
    reaching: dict[str, list[Operation]] = defaultdict(list)
    for operation in history.operations:
        if operation.kind in SIGN_OUTS or (operation.kind in ARRIVALS and operation.is_unclear):
            reaching[operation.place].append(operation)
    for mine in found.values():
        begun = min(one.begun for one in mine.values())
        place = next(iter(mine.values())).place
        some = [one for one in reaching[place] if one.is_unclear or one.ended >= begun]
        mine.update({one.number: one for one in some})
    return {sid: [one[n] for n in sorted(one)] for sid, one in found.items()}


def _by_place(history: History) -> Mapping[str, list[Operation]]:
    found: dict[str, list[Operation]] = defaultdict(list)
    for operation in history.operations:
        found[operation.place].append(operation)
    return found


def _shows_all(operation: Operation) -> bool:
    shows = operation.kind is Kind.READ or operation.kind in WRITES - {Kind.DELETE}
    return shows and operation.status == 200
