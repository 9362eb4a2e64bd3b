"""A trial: clients, faults and killed servers for a while, and what the record says afterwards."""

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.history.accounts import discrepancies
from tests.history.checker import History, violations
from tests.history.clients import Person, Recorder, Shared, at_once
from tests.history.cluster import Cluster
from tests.history.operations import Kind, Operation, save
from tests.history.proxy import LATEST, Fault

FAULTS: Mapping[str, float] = {
    Fault.THROTTLED: 0.012,
    Fault.CONFLICT: 0.012,
    Fault.BROKEN: 0.006,
    Fault.BROKEN_AFTER: 0.006,
    Fault.IN_PROGRESS: 0.003,
    Fault.RESET: 0.006,
    Fault.SWALLOWED: 0.010,
    Fault.SLOW: 0.030,
    Fault.LATE: 0.003,
    Fault.UNPROCESSED: 0.010,
}
_PATIENCE = 6  # times the seconds of a trial, for a machine that has other work
_TOLD = 3  # problems
EXPECTED = frozenset({None, 200, 304, 401, 404, 409, 410, 412, 429, 503})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial brought to light."""

    seed: int
    operations: Sequence[Operation]
    faults: Mapping[str, int]
    kills: int
    problems: Sequence[str]

    def __str__(self) -> str:
        kinds = Counter(one.kind.value for one in self.operations)
        statuses = Counter(str(one.status) for one in self.operations if one.kind != Kind.EXPIRE)
        faults: Counter[str] = Counter()
        for told, count in self.faults.items():
            faults[told.partition(" ")[2]] += count
        sessions = {one.used.sid for one in self.operations if one.used is not None}
        size = f"{len(self.operations)} operations on {len(sessions)} sessions"
        lines = [
            f"seed {self.seed}: {size}, {self.kills} servers killed",
            f"  asked    {dict(kinds.most_common())}",
            f"  answers  {dict(statuses.most_common())}",
            f"  store    {dict(faults.most_common())}",
        ]
        shown = [*lines, *self.problems[:_TOLD]]
        more = len(self.problems) - _TOLD
        return "\n".join([*shown, f"... and {more} more"] if more > 0 else shown)


def trial(
    made: Cluster,
    *,
    seed: int,
    seconds: float,
    people: int = 10,
    kill_every: float = 12.0,
    kinds: frozenset[Kind] = frozenset(),
    kills: int = 0,
) -> Outcome:
    """Let clients do anything for some seconds, and hold what they saw against the rules.

    It goes on for longer until every one of `kinds` has succeeded and so many servers were killed.
    The same seed draws the same requests and faults; how they overlap is the machine's affair.
    """
    recorder = Recorder()
    chance = random.Random(seed)  # noqa: S311 - a trial that can be made again
    shared = [Shared(place) for place in made.places]
    crowd = [
        Person(f"c{number}", made, recorder, random.Random(chance.random()))  # noqa: S311
        for number in range(people)
    ]
    until = time.monotonic() + seconds
    latest = until + seconds * (_PATIENCE - 1)
    killed: list[int] = []

    def goes_on() -> bool:
        now = time.monotonic()
        if not until <= now < latest:
            return now < until
        good = {one.kind for one in list(recorder.operations) if one.status == 200}
        return len(killed) < kills or not good >= kinds

    made.break_network(FAULTS)
    killer = threading.Thread(target=_kill, args=(made, until, kill_every, killed, kills))
    killer.start()
    at_once(crowd, lambda person: person.live(shared, goes_on))
    killer.join()
    faults = made.break_network({})
    # What the network still holds back has arrived by then.
    time.sleep(LATEST + 1)
    at_once(crowd[:1], lambda person: _look_again(person, shared))
    operations = sorted([*recorder.operations, *recorder.expiries()], key=lambda one: one.number)
    problems = [str(found) for found in violations(History(operations))]
    problems += [*_unexpected(operations), *discrepancies(made.tables)]
    outcome = Outcome(seed, operations, faults, len(killed), problems)
    if problems:
        _keep(outcome, made.folder)
    return outcome


def _kill(made: Cluster, until: float, every: float, killed: list[int], least: int) -> None:
    while len(killed) < least or time.monotonic() + every < until:
        time.sleep(every)
        number = len(killed) % len(made.clients)
        made.kill(number)
        killed.append(number)
        made.begin(number)


def _look_again(person: Person, shared: list[Shared]) -> None:
    """Read every session at the end, by a token that was renewed for it."""
    for mine in shared:
        newest = {token.says.sid: token for token in mine.tokens}
        for sid, token in newest.items():
            person.renew(mine, token)
            fresh = next(one for one in reversed(mine.tokens) if one.says.sid == sid)
            person.read(mine, fresh)


def _unexpected(operations: Sequence[Operation]) -> list[str]:
    odd = [one for one in operations if one.status not in EXPECTED]
    return [f"an answer that should not be:\n  {one}" for one in odd[:5]]


def _keep(outcome: Outcome, folder: Path) -> None:
    save(outcome.operations, folder / "history.jsonl")
    (folder / "counterexample.txt").write_text(f"{outcome}\n", "utf-8")
