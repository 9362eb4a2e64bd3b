"""The checker, on histories written by hand: bad ones are refused, odd but true ones are not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.history.checker import History, violations
from tests.history.operations import Kind, Operation, Pass, load, save
from tests.history.session_model import born
from tests.history.tape import PLACE, SID, Tape

OTHER = "02SESSION"


def lost_update(tape: Tape) -> None:
    tape.set("a", 1, {"a": 1}, 2, at=(1, 4))
    tape.set("b", 2, {"b": 2}, 3, at=(2, 5))


def forgotten_write(tape: Tape) -> None:
    tape.set("a", 1, {"a": 1}, 2)
    tape.set("b", 2, {"b": 2}, 3)


def stale_read_after_an_acknowledged_write(tape: Tape) -> None:
    tape.replace({"a": 1}, 2)
    tape.read({}, 1)


def reads_that_go_back(tape: Tape) -> None:
    tape.replace({"a": 1}, 2, at=(1, 9))
    tape.read({"a": 1}, 2, at=(2, 3))
    tape.read({}, 1, at=(4, 5))


def session_that_rose_from_the_dead(tape: Tape) -> None:
    tape.add(Kind.REVOKE)
    tape.read({}, 1)


def session_that_rose_after_it_was_seen_dead(tape: Tape) -> None:
    tape.lost(Kind.REVOKE, at=(1, 2))
    tape.refused(Kind.READ, 410, "session_ended", at=(3, 4))
    tape.read({}, 1, at=(5, 6))


def write_into_an_ended_session(tape: Tape) -> None:
    tape.add(Kind.REVOKE)
    tape.replace({"a": 1}, 2)


def two_writes_of_one_version(tape: Tape) -> None:
    tape.replace({"a": 1}, 2, at=(1, 4))
    tape.replace({"a": 1}, 2, at=(2, 5))


def one_version_with_two_contents(tape: Tape) -> None:
    tape.replace({"a": 1}, 2, at=(1, 4))
    tape.read({"a": 2}, 2, at=(2, 5))


def repeated_request_that_wrote_twice(tape: Tape) -> None:
    tape.set("a", 1, {"a": 1}, 2, repeat="k1")
    tape.set("a", 1, {"a": 1}, 3, repeat="k1")


def lost_request_that_wrote_twice(tape: Tape) -> None:
    tape.lost(Kind.SET, key="a", value=1, repeat="k1")
    tape.replace({"b": 1}, 3)
    tape.set("a", 1, {"a": 1, "b": 1}, 4, repeat="k1")


def superseded_token_that_wrote(tape: Tape) -> None:
    tape.renew({}, 2)
    tape.replace({"a": 1}, 2)


def superseded_token_that_read(tape: Tape) -> None:
    tape.renew({}, 2)
    tape.read({}, 1)


def renewed_token_that_was_refused(tape: Tape) -> None:
    tape.renew({}, 2)
    tape.refused(Kind.READ, 401, "token_superseded", used=Pass(SID, 2, "gB"))


def token_that_lived_on_after_sign_out(tape: Tape) -> None:
    tape.add(Kind.LOG_OUT)
    tape.read({}, 1)


def sign_out_that_reached_another_device(tape: Tape) -> None:
    tape.add(Kind.LOG_OUT)
    tape.refused(Kind.READ, 401, "token_superseded", used=Pass(SID, 1, "gOther"))


def sign_out_everywhere_that_left_one(tape: Tape) -> None:
    tape.add(Kind.LOG_OUT_ALL)
    tape.read({}, 1, used=Pass(SID, 1, "gOther"))


def payload_of_another_session(tape: Tape) -> None:
    there = Pass(OTHER, 1, "gC")
    tape.add(Kind.CREATE, value={"mine": 1}, given=there, used=None)
    tape.add(Kind.READ, body={"of": "mira"}, etag=1, used=there)


def refused_write_that_happened(tape: Tape) -> None:
    tape.refused(Kind.SET, 412, "version_mismatch", key="a", value=1, if_match=[7])
    tape.read({"a": 1}, 2)


def write_that_gave_up_and_happened(tape: Tape) -> None:
    tape.refused(Kind.SET, 409, "write_conflict", key="a", value=1)
    tape.read({"a": 1}, 2)


def mismatch_that_was_none(tape: Tape) -> None:
    tape.refused(Kind.SET, 412, "version_mismatch", key="a", value=1, if_match=[1])


def write_past_its_if_match(tape: Tape) -> None:
    tape.replace({"a": 1}, 2)
    tape.set("b", 2, {"a": 1, "b": 2}, 3, if_match=[1])


def unchanged_that_had_changed(tape: Tape) -> None:
    tape.replace({"a": 1}, 2)
    tape.add(Kind.READ, status=304, none_match=[1])


def unknown_write_that_happened_too_late(tape: Tape) -> None:
    tape.lost(Kind.SET, key="a", value=1, at=(1, 2), until=10)
    tape.read({}, 1, at=(11, 12))
    tape.read({"a": 1}, 2, at=(13, 14))


def key_that_was_there_and_was_not(tape: Tape) -> None:
    tape.set("a", 1, {"a": 1}, 2)
    tape.refused(Kind.READ_KEY, 404, "key_not_found", key="a")


def deletion_that_was_told_wrongly(tape: Tape) -> None:
    tape.set("a", 1, {"a": 1}, 2)
    tape.add(Kind.DELETE, key="a", body=False, etag=2)


def expired_session_that_was_read(tape: Tape) -> None:
    tape.add(Kind.EXPIRE, at=(5, 5.1), status=None)
    tape.read({}, 1, at=(6, 7))


def expired_before_its_time(tape: Tape) -> None:
    tape.refused(Kind.READ, 410, "session_ended", at=(1, 2))
    tape.add(Kind.EXPIRE, at=(5, 5.1), status=None)


def older_session_continued_beside_a_newer(tape: Tape) -> None:
    tape.add(Kind.CREATE, value={}, given=Pass(OTHER, 1, "gC"), used=None)
    tape.add(Kind.CONTINUE, value={}, given=Pass(SID, 1, "gD"), used=None)


def second_session_begun_beside_a_live_one(tape: Tape) -> None:
    tape.add(Kind.CONTINUE, value={}, given=Pass(OTHER, 1, "gC"), used=None)


def two_sessions_begun_at_once(tape: Tape) -> None:
    tape.add(Kind.REVOKE)
    tape.add(Kind.CONTINUE, value={}, given=Pass(OTHER, 1, "gC"), used=None, at=(5, 9))
    tape.add(Kind.CONTINUE, value={}, given=Pass("03SESSION", 1, "gD"), used=None, at=(6, 8))


BAD: list[Callable[[Tape], None]] = [
    lost_update,
    forgotten_write,
    stale_read_after_an_acknowledged_write,
    reads_that_go_back,
    session_that_rose_from_the_dead,
    session_that_rose_after_it_was_seen_dead,
    write_into_an_ended_session,
    two_writes_of_one_version,
    one_version_with_two_contents,
    repeated_request_that_wrote_twice,
    lost_request_that_wrote_twice,
    superseded_token_that_wrote,
    superseded_token_that_read,
    renewed_token_that_was_refused,
    token_that_lived_on_after_sign_out,
    sign_out_that_reached_another_device,
    sign_out_everywhere_that_left_one,
    payload_of_another_session,
    refused_write_that_happened,
    write_that_gave_up_and_happened,
    mismatch_that_was_none,
    write_past_its_if_match,
    unchanged_that_had_changed,
    unknown_write_that_happened_too_late,
    key_that_was_there_and_was_not,
    deletion_that_was_told_wrongly,
    expired_session_that_was_read,
    expired_before_its_time,
    older_session_continued_beside_a_newer,
    second_session_begun_beside_a_live_one,
    two_sessions_begun_at_once,
]


@pytest.mark.parametrize("tell", BAD, ids=lambda tell: tell.__name__)
def test_a_bad_history_is_refused(tell: Callable[[Tape], None]) -> None:
    tape = Tape()
    tell(tape)
    found = violations(tape.history())
    assert len(found) >= 1
    assert found[0].culprits, found[0]


def unknown_write_that_happened_late(tape: Tape) -> None:
    tape.lost(Kind.SET, key="a", value=1, at=(1, 2))
    tape.read({}, 1, at=(3, 4))
    tape.replace({"b": 1}, 2, at=(5, 6))
    tape.read({"a": 1, "b": 1}, 3, at=(7, 8))


def unknown_write_that_never_happened(tape: Tape) -> None:
    tape.lost(Kind.SET, key="a", value=1)
    tape.refused(Kind.SET, 503, "store_unavailable", key="a", value=2)
    tape.read({}, 1)


def unknown_writes_in_another_order(tape: Tape) -> None:
    tape.lost(Kind.SET, key="a", value=1, at=(1, 2))
    tape.lost(Kind.SET, key="a", value=2, at=(3, 4))
    tape.lost(Kind.SET, key="b", value=3, at=(3, 4))
    tape.read({"a": 1, "b": 3}, 4, at=(7, 8))


def concurrent_reads_in_either_order(tape: Tape) -> None:
    tape.replace({"a": 1}, 2, at=(1, 9))
    tape.read({}, 1, at=(2, 8))
    tape.read({"a": 1}, 2, at=(2, 7))
    tape.read({}, 1, at=(3, 6))


def read_that_saw_a_write_before_its_answer(tape: Tape) -> None:
    tape.replace({"a": 1}, 2, at=(1, 20))
    tape.read({"a": 1}, 2, at=(2, 3))


def writes_that_overtook_each_other(tape: Tape) -> None:
    tape.replace({"a": 1}, 3, at=(1, 9))
    tape.replace({"a": 2}, 2, at=(2, 8))
    tape.read({"a": 1}, 3)


def refusals_that_are_true(tape: Tape) -> None:
    tape.replace({"a": 1}, 2, at=(1, 9))
    tape.refused(Kind.SET, 412, "version_mismatch", key="b", value=1, if_match=[1], at=(2, 8))
    tape.refused(Kind.SET, 409, "write_conflict", key="b", value=2, at=(2, 8))
    tape.add(Kind.READ, status=304, none_match=[2])
    tape.refused(Kind.READ_KEY, 404, "key_not_found", key="b")
    tape.add(Kind.DELETE, key="b", body=False, etag=2)
    tape.add(Kind.DELETE, key="a", body=True, etag=3)


def two_renewals_at_once(tape: Tape) -> None:
    tape.renew({}, 2, at=(1, 5))
    tape.refused(Kind.RENEW, 401, "token_superseded", at=(1, 6))
    tape.refused(Kind.READ, 401, "token_superseded", used=Pass(SID, 2, "gB"), at=(7, 8))


def write_between_a_renewal_and_its_answer(tape: Tape) -> None:
    tape.renew({"a": 1}, 2, at=(1, 9))
    tape.refused(Kind.READ, 401, "token_superseded", at=(2, 3))
    continued = Pass(SID, 2, "gC")
    tape.add(Kind.CONTINUE, value={}, given=continued, used=None, at=(4, 5))
    tape.replace({"a": 1}, 2, used=continued, at=(6, 7))


def write_beside_a_renewal(tape: Tape) -> None:
    tape.renew({"a": 1}, 2, at=(1, 9))
    tape.replace({"a": 1}, 2, at=(2, 20))


def lost_revoke_that_happened_later(tape: Tape) -> None:
    tape.lost(Kind.REVOKE, at=(1, 2))
    tape.read({}, 1, at=(3, 4))
    tape.refused(Kind.READ, 410, "session_ended", at=(5, 6))
    tape.add(Kind.CONTINUE, value={"n": 1}, given=Pass(OTHER, 1, "gC"), used=None)
    tape.add(Kind.READ, body={"n": 1}, etag=1, used=Pass(OTHER, 1, "gC"))


def repeated_request_that_wrote_once(tape: Tape) -> None:
    tape.lost(Kind.SET, key="a", value=1, repeat="k1")
    tape.replace({"b": 1}, 3)
    tape.set("a", 1, {"a": 1}, 2, repeat="k1")
    tape.read({"b": 1}, 3)


def begin_that_was_lost_and_found(tape: Tape) -> None:
    tape.add(Kind.REVOKE)
    tape.lost(Kind.CREATE, value={"n": 1}, used=None)
    tape.add(Kind.CONTINUE, value={"n": 2}, given=Pass(OTHER, 1, "gC"), used=None)
    tape.add(Kind.READ, body={"n": 1}, etag=1, used=Pass(OTHER, 1, "gC"))


def begin_that_was_lost_for_good(tape: Tape) -> None:
    tape.lost(Kind.CREATE, value={"n": 1}, used=None)
    tape.add(Kind.CONTINUE, value={"n": 2}, given=Pass(SID, 1, "gC"), used=None)
    tape.read({}, 1, used=Pass(SID, 1, "gC"))


def older_session_continued_when_the_newer_ended(tape: Tape) -> None:
    tape.add(Kind.CREATE, value={}, given=Pass(OTHER, 1, "gC"), used=None)
    tape.add(Kind.REVOKE, used=Pass(OTHER, 1, "gC"))
    tape.add(Kind.CONTINUE, value={}, given=Pass(SID, 1, "gD"), used=None)


def sign_out_everywhere_of_two_sessions(tape: Tape) -> None:
    there = Pass(OTHER, 1, "gC")
    tape.add(Kind.CREATE, value={}, given=there, used=None)
    tape.add(Kind.LOG_OUT_ALL, at=(10, 20))
    tape.add(Kind.READ, body={}, etag=1, used=there, at=(11, 12))
    tape.refused(Kind.READ, 401, "token_superseded", used=there, at=(13, 14))
    tape.refused(Kind.READ, 401, "token_superseded", at=(21, 22))


def sign_out_everywhere_beside_a_beginning(tape: Tape) -> None:
    there = Pass(OTHER, 1, "gC")
    tape.add(Kind.LOG_OUT_ALL, at=(10, 20))
    tape.add(Kind.CREATE, value={}, given=there, used=None, at=(9, 12))
    tape.add(Kind.READ, body={}, etag=1, used=there, at=(13, 14))
    tape.refused(Kind.READ, 401, "token_superseded", used=there, at=(15, 16))


def write_just_before_the_end_of_its_lifetime(tape: Tape) -> None:
    tape.add(Kind.EXPIRE, at=(5, 5.1), status=None)
    tape.replace({"a": 1}, 2, at=(4.9, 6))
    tape.refused(Kind.READ, 410, "session_ended", at=(5.05, 5.5))


GOOD: list[Callable[[Tape], None]] = [
    unknown_write_that_happened_late,
    unknown_write_that_never_happened,
    unknown_writes_in_another_order,
    concurrent_reads_in_either_order,
    read_that_saw_a_write_before_its_answer,
    writes_that_overtook_each_other,
    refusals_that_are_true,
    two_renewals_at_once,
    write_between_a_renewal_and_its_answer,
    write_beside_a_renewal,
    lost_revoke_that_happened_later,
    repeated_request_that_wrote_once,
    begin_that_was_lost_and_found,
    begin_that_was_lost_for_good,
    older_session_continued_when_the_newer_ended,
    sign_out_everywhere_of_two_sessions,
    sign_out_everywhere_beside_a_beginning,
    write_just_before_the_end_of_its_lifetime,
]


@pytest.mark.parametrize("tell", GOOD, ids=lambda tell: tell.__name__)
def test_an_odd_but_true_history_is_explained(tell: Callable[[Tape], None]) -> None:
    tape = Tape()
    tell(tape)
    assert violations(tape.history()) == []


def test_a_counterexample_is_short_and_names_what_does_not_fit() -> None:
    tape = Tape()
    for number in range(2, 500):
        tape.replace({"n": number}, number)
        tape.read({"n": number}, number)
    stale = tape.read({"n": 300}, 300)
    for number in range(500, 900):
        tape.replace({"n": number}, number)
    (found,) = violations(tape.history())
    assert [one.number for one in found.culprits] == [stale.number]
    assert len(str(found).splitlines()) < 20
    assert str(stale) in str(found)
    assert 'and "499" was due' in str(found)


def test_thousands_of_operations_with_lost_answers_are_searched_in_seconds() -> None:
    tape = Tape()
    data: dict[str, int] = {}
    version = 1
    for number in range(4_000):
        key, at = f"k{number % 50}", (number * 1.0, number + 3.5)
        if number % 9 == 0:
            # Every second of the lost ones happened.
            tape.lost(Kind.SET, key=key, value=number, at=at)
            if number % 18 == 0:
                continue
        data, version = {**data, key: number}, version + 1
        if number % 9:
            tape.set(key, number, data, version, at=at)
    assert violations(tape.history()) == []


def test_a_history_can_be_saved_and_read_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    tape = Tape()
    tape.renew({"grüße": [1, None]}, 2)
    tape.lost(Kind.SET, key="a/b", value=1, if_match=[1])
    file = tmp_path_factory.mktemp("history") / "history.jsonl"
    save(tape.operations, file)
    assert load(file) == tape.operations


def test_a_session_that_nobody_began_is_found() -> None:
    used = Pass(OTHER, 1, "gC")
    read = Operation(
        number=0, kind=Kind.READ, place=PLACE, begun=0, ended=1, used=used, status=200, etag=1
    )
    assert len(violations(History([read]))) == 1
    known = History([replace(read, body={})], {OTHER: born({})})
    assert violations(known) == []
