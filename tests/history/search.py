"""The search for an order: depth first, remembering where it has been (Wing, Gong and Lowe)."""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from tests.history.operations import Operation

S = TypeVar("S", bound=Hashable)
MOST_LOOKS = 500_000
_SPARE = 60  # looks, the latest, that are left out if they can be


class Blocked(str):  # noqa: SLOT000 - a string with a name
    """Why a step cannot be taken in a state."""


class Undecided(Exception):
    """The search took more looks than it may; neither an order nor its absence is known."""


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """Something that happened at one moment between two: certainly, or only perhaps.

    `take` answers every state it may lead to, or why it cannot be taken in this one. A step with
    `after` comes behind the step of that name, the two being parts of one operation.
    """

    operation: Operation
    begun: float
    ended: float
    take: Callable[[S], tuple[S, ...] | Blocked]
    is_certain: bool = True
    is_look: bool = False  # it changes nothing, wherever it is taken
    name: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Stuck(Generic[S]):
    """As far as any order came: what was taken, the state there, and what could not follow."""

    taken: Sequence[Step[S]]
    state: S
    blocked: Sequence[tuple[Step[S], Blocked]]


def order(steps: Sequence[Step[S]], start: S) -> Sequence[Step[S]] | Stuck[S]:
    """Answer an order of all certain and some uncertain steps that leads through the states.

    Answers `Stuck` when there is none; raises `Undecided` when it was looked for too long.
    """
    return _Search(steps).run(start)


def shortest(steps: Sequence[Step[S]], start: S) -> Stuck[S]:
    """Answer where a history without an order is stuck, without what has no part in it.

    What has an order has one at every moment of it, so the first moment can be found by halving.
    """
    moments = sorted({step.ended for step in steps if step.is_certain})
    low, high = 0, len(moments) - 1
    while low < high:
        middle = (low + high) // 2
        if _stuck(_until(steps, moments[middle]), start) is not None:
            high = middle
        else:
            low = middle + 1
    left = _until(steps, moments[low])
    for spare in [step for step in left if step.is_look and not step.name][-_SPARE:]:
        fewer = [step for step in left if step is not spare]
        # What only looks changes nothing, so that the others are as possible without it.
        if _stuck(fewer, start) is not None:
            left = fewer
    stuck = _stuck(left, start)
    assert stuck is not None
    return stuck


def _stuck(steps: Sequence[Step[S]], start: S) -> Stuck[S] | None:
    found = order(steps, start)
    return found if isinstance(found, Stuck) else None


def _until(steps: Sequence[Step[S]], moment: float) -> list[Step[S]]:
    # What had not been answered by then may have happened by then, or not.
    return [
        step if step.ended <= moment else replace(step, is_certain=False, ended=math.inf)
        for step in steps
        if step.begun <= moment
    ]


@dataclass(slots=True)
class _Frame(Generic[S]):
    done: int
    state: S
    late: float  # when the latest of the steps taken began
    ways: Iterator[tuple[int, S]]
    step: int  # that led here


class _Search(Generic[S]):
    def __init__(self, steps: Sequence[Step[S]]) -> None:
        self._steps = sorted(steps, key=lambda step: (step.begun, step.ended))
        self._certain = [n for n, step in enumerate(self._steps) if step.is_certain]
        # The latest first: what was sent just now is what has most likely just happened.
        self._perhaps = [n for n, step in enumerate(self._steps) if not step.is_certain][::-1]
        self._names = {step.name: n for n, step in enumerate(self._steps) if step.name}
        self._all = sum(1 << n for n in self._certain)

    def run(self, start: S) -> Sequence[Step[S]] | Stuck[S]:
        seen: set[tuple[int, S]] = set()
        stack = [self._frame(0, start, -math.inf, step=-1)]
        best: tuple[int, list[int], S, int] = (-1, [], start, 0)
        while stack:
            frame = stack[-1]
            if frame.done & self._all == self._all:
                return [self._steps[f.step] for f in stack[1:]]
            way = next(frame.ways, None)
            if way is None:
                stack.pop()
                continue
            number, state = way
            done = frame.done | 1 << number
            if (done, state) in seen:
                continue
            seen.add((done, state))
            if len(seen) > MOST_LOOKS:
                raise Undecided(f"{len(seen)} looks")
            late = max(frame.late, self._steps[number].begun)
            stack.append(self._frame(done, state, late, step=number))
            reached = (done & self._all).bit_count()
            if reached > best[0]:
                best = (reached, [f.step for f in stack[1:]], state, done)
        _, path, state, done = best
        late = max((self._steps[n].begun for n in path), default=-math.inf)
        return Stuck([self._steps[n] for n in path], state, self._blocked(done, state, late=late))

    def _frame(self, done: int, state: S, late: float, *, step: int) -> _Frame[S]:
        return _Frame(done, state, late, self._ways(done, state, late), step)

    def _ways(self, done: int, state: S, late: float) -> Iterator[tuple[int, S]]:
        certain, perhaps = self._candidates(done, late)
        soonest = min((self._steps[n].ended for n in perhaps), default=math.inf)
        choices: list[tuple[int, S]] = []
        for number in certain:
            after = self._steps[number].take(state)
            if isinstance(after, Blocked):
                continue
            if self._steps[number].is_look and self._steps[number].begun <= soonest:
                # What only looks, and saw what is here, can as well be taken at once.
                yield number, state
                return
            choices += ((number, one) for one in after)
        yield from choices
        for number in perhaps:
            after = self._steps[number].take(state)
            if not isinstance(after, Blocked):
                yield from ((number, one) for one in after if one != state)

    def _candidates(self, done: int, late: float) -> tuple[list[int], list[int]]:
        horizon = math.inf
        window: list[int] = []
        for number in self._undone_certain(done):
            step = self._steps[number]
            if step.begun > horizon:
                break
            horizon = min(horizon, step.ended)
            window.append(number)
        certain = [n for n in window if self._is_next(n, done, horizon)]
        certain.sort(key=lambda n: self._steps[n].ended)
        perhaps = [
            n
            for n in self._perhaps
            if not done >> n & 1
            and self._is_next(n, done, horizon)
            and late <= self._steps[n].ended
        ]
        return certain, perhaps

    def _undone_certain(self, done: int) -> Iterator[int]:
        left = self._all & ~done
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest

    def _is_next(self, number: int, done: int, horizon: float) -> bool:
        step = self._steps[number]
        return step.begun <= horizon and (not step.after or done >> self._names[step.after] & 1 > 0)

    def _blocked(self, done: int, state: S, *, late: float) -> list[tuple[Step[S], Blocked]]:
        found = []
        for number in self._candidates(done, late)[0]:
            why = self._steps[number].take(state)
            found.append(
                (
                    self._steps[number],
                    why if isinstance(why, Blocked) else Blocked("what follows it does not fit"),
                )
            )
        return found
