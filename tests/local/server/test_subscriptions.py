"""What the log delivers, to whom, and that nothing is lost on the way."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from chalice.app import Chalice

from infra.local.server.subscriptions import (
    Filter,
    LogStream,
    Subscriptions,
    event_of,
    filters_of,
)
from infra.local.template import resources

if TYPE_CHECKING:
    from collections.abc import Callable

AT = 1_432_826_855_000
ACCESS = Filter("AccessLines", "taking", "kind", "access")


def app_that(take: Callable[[list[dict[str, Any]]], None]) -> Chalice:
    made = Chalice("subscriber", configure_logs=False, env={})

    @made.lambda_function(name="taking")
    def taking(event: Any, context: Any) -> None:
        assert context.function_name == "taking"
        body = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
        assert (body["messageType"], body["subscriptionFilters"]) == (
            "DATA_MESSAGE",
            ["AccessLines"],
        )
        take(body["logEvents"])

    return made


def line(number: int, kind: str = "access") -> str:
    return json.dumps({"kind": kind, "n": number})


def numbers(events: list[dict[str, Any]]) -> list[int]:
    return [json.loads(event["message"])["n"] for event in events]


def heard(subscriptions: Subscriptions, *lines: str) -> None:
    for text in lines:
        subscriptions.hear(event_of(text, at=AT))


def test_the_lines_that_the_template_asks_for_are_delivered_once_and_in_order() -> None:
    taken: list[int] = []
    subscriptions = Subscriptions(
        app_that(lambda events: taken.extend(numbers(events))), filters=[ACCESS]
    )
    mixed = [line(0), line(1, "audit"), '"access" is no line', "{", line(2), '{"a":"access","n":9}']
    heard(subscriptions, *mixed)
    subscriptions.deliver()
    subscriptions.deliver()
    assert taken == [0, 2]


def test_a_delivery_that_fails_is_repeated_with_what_came_meanwhile(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen: list[list[dict[str, Any]]] = []

    def take(events: list[dict[str, Any]]) -> None:
        seen.append(events)
        if len(seen) < 3:
            raise RuntimeError("throttled")

    subscriptions = Subscriptions(app_that(take), filters=[ACCESS])
    heard(subscriptions, line(0))
    subscriptions.deliver()
    heard(subscriptions, line(1))
    subscriptions.deliver()
    subscriptions.deliver()
    assert [numbers(events) for events in seen] == [[0], [0, 1], [0, 1]]
    assert len({event["id"] for events in seen for event in events}) == 2
    assert capsys.readouterr().err.count("delivery to taking failed") == 2


def test_a_batch_is_bounded_and_all_come() -> None:
    sizes: list[int] = []
    taken: list[int] = []

    def take(events: list[dict[str, Any]]) -> None:
        sizes.append(len(events))
        taken.extend(numbers(events))

    subscriptions = Subscriptions(app_that(take), filters=[ACCESS])
    heard(subscriptions, *(line(n) for n in range(1_234)))
    subscriptions.deliver()
    assert sizes == [500, 500, 234]
    assert taken == list(range(1_234))


def test_it_delivers_by_itself_and_what_waits_at_the_end() -> None:
    came = threading.Event()
    taken: list[int] = []

    def take(events: list[dict[str, Any]]) -> None:
        taken.extend(numbers(events))
        came.set()

    subscriptions = Subscriptions(app_that(take), filters=[ACCESS], interval_s=0.01)
    subscriptions.start()
    heard(subscriptions, line(0))
    assert came.wait(5)
    heard(subscriptions, line(1), line(2))
    subscriptions.stop()
    assert taken == [0, 1, 2]


def test_an_end_does_not_wait_for_a_store_that_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    def take(_: object) -> None:
        raise RuntimeError("gone")

    subscriptions = Subscriptions(app_that(take), filters=[ACCESS])
    heard(subscriptions, line(0))
    subscriptions.stop()
    assert "gone" in capsys.readouterr().err


def test_an_id_is_like_cloudwatchs() -> None:
    # The first digits of an event of that time in CloudWatch's own documents.
    known = "31953106606966983378809025079804211143289615424298221568"
    ids = [event_of("", at=AT)["id"] for _ in range(100)]
    assert {len(each) for each in ids} == {len(known)}
    assert {each[:11] for each in ids} == {known[:11]}
    assert len(set(ids)) == 100
    assert event_of("", at=AT + 1)["id"] > max(ids)


def test_what_is_written_passes_through_and_whole_lines_are_events() -> None:
    output = StringIO()
    events: list[dict[str, Any]] = []
    stream = LogStream(output, epoch_ms=lambda: AT)
    stream.write("before\n")
    stream.listen(events.append)
    for text in ("one\ntw", "o", "\n\nthr"):
        assert stream.write(text) == len(text)
    stream.flush()
    assert output.getvalue() == "before\none\ntwo\n\nthr"
    assert stream.isatty() is False
    assert [event["message"] for event in events] == ["one\n", "two\n", "\n"]
    assert {event["timestamp"] for event in events} == {AT}


def test_filters_are_read_from_the_template() -> None:
    kind = "AWS::Logs::SubscriptionFilter"
    entries = {each.name: each.properties for each in resources(kind=kind, variables={})}
    functions = {"RecordActivity": "record_activity"}
    assert filters_of(entries, functions) == [
        Filter("AccessLines", "record_activity", "kind", "access")
    ]


@pytest.mark.parametrize("pattern", ["", "access", '{ $.a.b = "c" }', '{ $.a = "b" && $.c = "d" }'])
def test_a_pattern_that_cannot_be_followed_is_an_error(pattern: str) -> None:
    entry = {"FilterPattern": pattern, "DestinationArn": "Taking.Arn"}
    with pytest.raises(ValueError, match="does not follow"):
        filters_of({"Lines": entry}, {"Taking": "taking"})
