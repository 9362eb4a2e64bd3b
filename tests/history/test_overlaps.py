"""The checker, on histories that a correct store made while its clients overlapped at random."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.history.checker import History, violations
from tests.history.operations import READS, WRITES, Kind, Operation, Pass
from tests.history.session_model import born
from tests.history.tape import PLACE, SID

KEYS = ("a", "b")
KINDS = (*[Kind.READ, Kind.SET] * 4, Kind.READ_KEY, Kind.REPLACE, Kind.DELETE, Kind.RENEW)
ENDING = (*KINDS, Kind.LOG_OUT, Kind.REVOKE)


@dataclass(slots=True)
class Store:
    """A session behind one lock, as plain as it can be."""

    chance: random.Random
    data: dict[str, Any] = field(default_factory=dict)
    version: int = 1
    rev: int = 1
    dead: set[str] = field(default_factory=set)
    is_live: bool = True

    def do(self, number: int, kind: Kind) -> dict[str, Any]:
        used = Pass(SID, self.chance.choice([self.rev, self.rev, 1]), self.chance.choice("gh"))
        asked: dict[str, Any] = {"kind": kind, "used": used}
        if kind in {Kind.SET, Kind.READ_KEY, Kind.DELETE}:
            asked["key"] = self.chance.choice(KEYS)
        if kind in {Kind.SET, Kind.REPLACE}:
            asked["value"] = number if kind is Kind.SET else {"a": number}
        if kind in WRITES and self.chance.random() < 0.3:
            asked["if_match"] = [max(1, self.version - self.chance.choice([0, 0, 1]))]
        return asked | self._answer(kind, used, asked, number)

    def _answer(self, kind: Kind, used: Pass, asked: dict[str, Any], number: int) -> dict[str, Any]:
        if not self.is_live:
            return {"status": 410, "code": "session_ended"}
        if kind is Kind.RENEW:
            self.rev += 1
            fresh = Pass(SID, self.rev, f"r{number}")
            return {"status": 200, "given": fresh, "body": dict(self.data)}
        if used.rev != self.rev or used.grant in self.dead:
            return {"status": 401, "code": "token_superseded"}
        if self.version not in asked.get("if_match", [self.version]):
            return {"status": 412, "code": "version_mismatch"}
        if kind is Kind.READ_KEY and asked["key"] not in self.data:
            return {"status": 404, "code": "key_not_found"}
        return {"status": 200, **self._done(kind, used, asked)}

    def _done(self, kind: Kind, used: Pass, asked: dict[str, Any]) -> dict[str, Any]:
        key = asked.get("key")
        if kind is Kind.REVOKE:
            self.is_live = False
            return {}
        if kind is Kind.LOG_OUT:
            self.dead.add(used.grant)
            return {}
        if kind is Kind.READ_KEY:
            return {"etag": self.version, "body": {"key": key, "value": self.data[str(key)]}}
        if kind is Kind.DELETE:
            existed = key in self.data
            self.version += existed
            self.data = {name: one for name, one in self.data.items() if name != key}
            return {"etag": self.version, "body": existed}
        if kind in WRITES:
            self.version += 1
            before = {} if kind is Kind.REPLACE else self.data
            fresh = asked["value"] if kind is Kind.REPLACE else {str(key): asked["value"]}
            self.data = {**before, **fresh}
        return {"etag": self.version, "body": dict(self.data)}


def recorded(
    seed: int, count: int, kinds: tuple[Kind, ...], *, losses: float = 0.2
) -> list[Operation]:
    """Answer what clients saw whose requests happened at 0, 1, 2 … and overlapped around that."""
    chance = drawn(seed)
    store = Store(chance)
    operations = []
    for number in range(count):
        kind = chance.choice(kinds)
        begun, ended = number - chance.random() * 4, number + chance.random() * 4
        lost = chance.random()
        if lost < losses / 2:
            # It never happened, and nobody knows; what it would have been is asked of a copy.
            words = replace(store, dead=set(store.dead)).do(number, kind)
        else:
            words = store.do(number, kind)
        if lost < losses:
            words |= {"status": None, "code": None, "etag": None, "body": None, "given": None}
        operations.append(Operation(number=number, place=PLACE, begun=begun, ended=ended, **words))
    last = store.do(count, Kind.READ)
    operations.append(
        Operation(number=count, place=PLACE, begun=count + 5, ended=count + 6, **last)
    )
    return operations


def drawn(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a history that can be made again


def found_in(operations: list[Operation]) -> int:
    stays = {PLACE: ((SID, True),)}
    return len(violations(History(operations, {SID: born({})}, stays)))


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 60), kinds=st.sampled_from([KINDS, ENDING]))
def test_what_a_correct_store_answered_is_explained(
    seed: int, count: int, kinds: tuple[Kind, ...]
) -> None:
    assert found_in(recorded(seed, count, kinds)) == 0


def _answered(operations: list[Operation], kinds: frozenset[Kind]) -> list[Operation]:
    return [one for one in operations if one.kind in kinds and one.status == 200]


def content_of_nobody(operations: list[Operation], chance: random.Random) -> Operation | None:
    reads = _answered(operations, READS | WRITES)
    if not reads:
        return None
    return replace(chance.choice(reads), body={"a": "nobody's"})


def version_of_its_own(operations: list[Operation], chance: random.Random) -> Operation | None:
    answered = _answered(operations, READS | WRITES)
    if not answered:
        return None
    return replace(chance.choice(answered), etag=999)


def stale_read(operations: list[Operation], chance: random.Random) -> Operation | None:
    newest = max((one.etag or 0 for one in operations), default=0)
    acknowledged = max((one.etag or 0 for one in _answered(operations, WRITES)), default=0)
    stale = [
        one for one in _answered(operations, READS) if (one.etag or 0) < acknowledged <= newest
    ]
    if not stale:
        return None
    end = max(one.ended for one in operations)
    return replace(chance.choice(stale), begun=end + 1, ended=end + 2)


def end_that_was_none(operations: list[Operation], chance: random.Random) -> Operation | None:
    if any(one.kind is Kind.REVOKE for one in operations):
        return None
    told = replace(chance.choice(operations), status=410, code="session_ended", given=None)
    return None if told.kind is Kind.RENEW else replace(told, etag=None, body=None)


MUTATIONS: list[Callable[[list[Operation], random.Random], Operation | None]] = [
    content_of_nobody,
    version_of_its_own,
    stale_read,
    end_that_was_none,
]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.__name__)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(4, 40))
def test_one_false_answer_in_it_is_refused(
    mutation: Callable[[list[Operation], random.Random], Operation | None], seed: int, count: int
) -> None:
    operations = recorded(seed, count, KINDS)
    changed = mutation(operations, drawn(seed))
    if changed is not None:
        assert found_in([changed if one.number == changed.number else one for one in operations])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(4, 40))
def test_a_write_that_nobody_sent_is_missed(seed: int, count: int) -> None:
    operations = recorded(seed, count, KINDS, losses=0)
    answered = [one for one in _answered(operations, WRITES) if one.body is not False]
    if answered:
        chosen = drawn(seed).choice(answered)
        others = [one for one in operations if one is not chosen]
        later = any((one.etag or 0) >= (chosen.etag or 0) for one in others)
        assert found_in(others) == 1 or not later
