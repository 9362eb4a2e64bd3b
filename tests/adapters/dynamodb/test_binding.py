"""How the binding repeats, waits and says what went wrong, against answers that are scripted."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pynamodb.exceptions import VerboseClientError

from chalicelib.adapters.clients import Clients
from chalicelib.adapters.dynamodb.binding import Connection, Tables
from chalicelib.adapters.dynamodb.layout import DIRECTORY, SESSIONS, Key
from chalicelib.adapters.dynamodb.transactions import Delete, Put, Refused
from chalicelib.domain.errors import Contended, StoreUnavailable
from tests.contracts.stores import over_botocore, over_transport

Connect = Callable[[Clients], Connection]
Answer = tuple[int, dict[str, Any]]

ITEM = {"PK": {"S": "a"}, "SK": {"S": "b"}}
PUT = Put(table=DIRECTORY, item={"PK": "a", "SK": "b"}, condition="attribute_not_exists(#PK)")
KEYS = [Key(DIRECTORY, "a", "b"), Key(SESSIONS, "a", "b")]


@dataclass(slots=True)
class Script:
    """Answers in order, the last one for ever; 0 hangs up instead of answering."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture(params=[over_botocore, over_transport])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Each way to connect in turn."""
    chosen: Connect = request.param
    return chosen


@pytest.fixture
def tables(script: Script, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            script.asked.append(json.loads(body))
            status, answer = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            if status:
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        point_at(monkeypatch, f"http://127.0.0.1:{server.server_port}")
        yield Tables(stage="t", connection=connect(Clients()), pause=script.pauses.append)
        server.shutdown()
        thread.join()


def point_at(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def error(code: str, status: int = 400, **more: Any) -> Answer:
    return status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no", **more}


def cancelled(*codes: str) -> Answer:
    reasons = [{"Code": code} for code in codes]
    return error("TransactionCanceledException", CancellationReasons=reasons)


@pytest.mark.parametrize(
    "answer",
    [
        cancelled("None", "TransactionConflict"),
        cancelled("TransactionConflict", "ThrottlingError"),
        error("TransactionConflictException"),
    ],
)
def test_a_collision_is_contended(tables: Tables, script: Script, answer: Answer) -> None:
    script.answers = [answer]
    with pytest.raises(Contended):
        tables.transact([PUT, PUT])


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_throttled_transaction_is_unavailable(tables: Tables, script: Script, code: str) -> None:
    script.answers = [cancelled("None", code)]
    with pytest.raises(StoreUnavailable):
        tables.transact([PUT, PUT])


def test_a_transaction_that_is_still_under_way_is_not_begun_anew(
    tables: Tables, script: Script
) -> None:
    script.answers = [error("TransactionInProgressException")]
    with pytest.raises(StoreUnavailable):
        tables.transact([PUT])
    assert len({asked["ClientRequestToken"] for asked in script.asked}) == 1


def test_a_failed_condition_says_which_and_what_stands_there(
    tables: Tables, script: Script
) -> None:
    reasons = [
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Item": {**ITEM, "n": {"N": "7"}}},
        {"Code": "ConditionalCheckFailed"},
        {"Code": "TransactionConflict"},
    ]
    script.answers = [error("TransactionCanceledException", CancellationReasons=reasons)]
    with pytest.raises(Refused) as refused:
        tables.transact([PUT] * 4)
    assert refused.value.found == {1: {"PK": "a", "SK": "b", "n": 7}, 2: None}


def test_a_failed_condition_of_one_write_is_refused(tables: Tables, script: Script) -> None:
    script.answers = [error("ConditionalCheckFailedException", Item=ITEM)]
    with pytest.raises(Refused) as refused:
        tables.put(PUT)
    assert refused.value.found == {0: {"PK": "a", "SK": "b"}}


def test_a_lost_answer_repeats_the_same_transaction(tables: Tables, script: Script) -> None:
    script.answers = [(0, {}), (200, {})]
    tables.transact([PUT])
    first, second = script.asked
    assert first == second
    assert len(first["ClientRequestToken"]) == 36


def test_another_transaction_has_another_token(tables: Tables, script: Script) -> None:
    script.answers = [(200, {})]
    tables.transact([PUT])
    tables.transact([PUT])
    first, second = script.asked
    assert first["ClientRequestToken"] != second["ClientRequestToken"]
    assert first["TransactItems"] == second["TransactItems"]


@pytest.mark.parametrize(
    "answer",
    [
        error("InternalServerError", status=500),
        error("ProvisionedThroughputExceededException"),
        (503, {}),
        (0, {}),
    ],
)
def test_a_store_that_keeps_failing_is_unavailable_after_a_few_attempts(
    tables: Tables, script: Script, answer: Answer
) -> None:
    script.answers = [answer]
    with pytest.raises(StoreUnavailable):
        tables.transact([PUT])
    assert len(script.asked) == 3


def test_a_store_that_is_not_there_is_unavailable(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(monkeypatch, "http://127.0.0.1:9")
    tables = Tables(stage="t", connection=connect(Clients()), pause=lambda _: None)
    with pytest.raises(StoreUnavailable):
        tables.get(KEYS[0])


def test_a_mistake_of_ours_is_not_called_an_outage(tables: Tables, script: Script) -> None:
    script.answers = [error("ValidationException")]
    with pytest.raises(VerboseClientError):
        tables.transact([Delete(key=KEYS[0], condition="nonsense")])


def test_unprocessed_keys_are_asked_for_again_after_a_pause(tables: Tables, script: Script) -> None:
    left = {"secureflows-t-sessions": {"Keys": [ITEM], "ConsistentRead": True}}
    script.answers = [
        (200, {"Responses": {"secureflows-t-directory": [ITEM]}, "UnprocessedKeys": left}),
        (200, {"Responses": {"secureflows-t-sessions": [ITEM]}, "UnprocessedKeys": {}}),
    ]
    assert tables.get_all(KEYS).keys() == set(KEYS)
    assert script.asked[1]["RequestItems"] == left
    assert len(script.pauses) == 1


def test_keys_that_stay_unprocessed_are_an_outage_and_never_absent(
    tables: Tables, script: Script
) -> None:
    left = {"secureflows-t-sessions": {"Keys": [ITEM], "ConsistentRead": True}}
    script.answers = [(200, {"Responses": {}, "UnprocessedKeys": left})]
    with pytest.raises(StoreUnavailable):
        tables.get_all(KEYS)
    assert len(script.asked) == 6
    assert script.pauses == sorted(script.pauses)
    assert sum(script.pauses) < 3
