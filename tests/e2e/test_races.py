"""Two server processes on one store of AWS's own make: writers who lose nothing."""

import base64
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import boto3
import pytest

from infra.local.dynamodb_local import available
from tests.e2e.client import Answer, Client, wait_until
from tests.e2e.launch import ROOT, Run
from tests.e2e.visitor import Visitor
from tests.engines import free_port

pytestmark = pytest.mark.slow

WRITERS = 8
KEYS = 100


@dataclass(frozen=True, slots=True)
class Pair:
    """A run on DynamoDB Local, and a second server beside its own."""

    run: Run
    clients: tuple[Client, Client]

    def audited(self, action: str, sid: str) -> int:
        """How many events of an action the audit table has for one session."""
        environment = self.run.environment()
        table = boto3.client(
            "dynamodb",
            endpoint_url=environment["AWS_ENDPOINT_URL_DYNAMODB"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        pages = table.get_paginator("scan").paginate(
            TableName="secureflows-local-audit",
            ConsistentRead=True,
            FilterExpression="#action = :action AND sid = :sid",
            ExpressionAttributeNames={"#action": "action"},
            ExpressionAttributeValues={":action": {"S": action}, ":sid": {"S": sid}},
        )
        return sum(page["Count"] for page in pages)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    if reason := available():
        pytest.skip(reason)
    run = Run(tmp_path_factory.mktemp("races") / "state", with_dynamodb_local=True)
    try:
        run.start()
        second = Client(free_port())
        command = [sys.executable, "-m", "infra.local.server", "--port", str(second.port)]
        with subprocess.Popen(
            [*command, "--origin", run.origin, "--no-schedules"],
            cwd=ROOT,
            env=run.environment(),
            stdout=subprocess.DEVNULL,
        ) as server:
            wait_until(second.is_there, "the second server")
            yield Pair(run, (run.client, second))
            server.terminate()
    finally:
        run.stop()


def test_eight_writers_with_a_hundred_keys_each_lose_none(pair: Pair) -> None:
    token, sid = _fresh_session(pair, "jonah@demo.example")
    before = _read(pair, token)
    set_before = pair.audited("payload.key_set", sid)
    statuses: Counter[int] = Counter()

    def write(number: int) -> None:
        client = pair.clients[number % 2]
        connection = client.connection()
        for count in range(KEYS):
            path = f"/api/v1/sessions/set/w{number}-{count}"
            _until_not_conflict(
                lambda path=path, count=count: client.send(  # type: ignore[misc]
                    "POST", path, token=token, body={"value": count}, connection=connection
                ),
                statuses,
            )
        connection.close()

    took = _all_at_once(write)
    print(f"{WRITERS * KEYS} keys in {took:.1f} s: {dict(statuses)}")  # noqa: T201
    after = _read(pair, token)
    expected = {f"w{n}-{k}": k for n in range(WRITERS) for k in range(KEYS)}
    assert after.json() == {**before.json(), **expected}
    assert _version(after) == _version(before) + WRITERS * KEYS
    assert pair.audited("payload.key_set", sid) == set_before + WRITERS * KEYS
    assert set(statuses) <= {200, 409}
    assert statuses[200] == WRITERS * KEYS


def test_eight_writers_on_one_key_lose_no_update(pair: Pair) -> None:
    token, sid = _fresh_session(pair, "sena@demo.example")
    pair.clients[0].send("POST", "/api/v1/sessions/set/n", token=token, body={"value": 0})
    before = _read(pair, token)
    set_before = pair.audited("payload.key_set", sid)
    statuses: Counter[int] = Counter()

    def increment(number: int) -> None:
        client = pair.clients[number % 2]
        connection = client.connection()
        for _ in range(25):
            while True:
                read = client.send(
                    "GET", "/api/v1/sessions/get/n", token=token, connection=connection
                )
                assert read.status == 200, read
                written = client.send(
                    "POST",
                    "/api/v1/sessions/set/n",
                    token=token,
                    body={"value": read.json()["value"] + 1},
                    headers={"if-match": read.headers["etag"]},
                    connection=connection,
                )
                statuses[written.status] += 1
                if written.status == 200:
                    break
                assert written.status in {409, 412}, written
        connection.close()

    took = _all_at_once(increment)
    print(f"{statuses[200]} increments in {took:.1f} s: {dict(statuses)}")  # noqa: T201
    after = _read(pair, token)
    assert statuses[200] == WRITERS * 25
    assert statuses[412] > 0, "nobody was ever in anybody's way"
    assert after.json()["n"] == statuses[200]
    assert _version(after) == _version(before) + statuses[200]
    assert pair.audited("payload.key_set", sid) == set_before + statuses[200]


def test_two_servers_agree_on_who_is_signed_out(pair: Pair) -> None:
    token, _ = _fresh_session(pair, "mira@demo.example")
    here, there = pair.clients
    for client in pair.clients:
        assert client.send("GET", "/api/v1/sessions", token=token).status == 200
    assert here.send("POST", "/api/v1/auth/logout", token=token).status == 200
    for client in (here, there):
        again = client.send("GET", "/api/v1/sessions", token=token)
        assert (again.status, again.code) == (401, "token_superseded")


def test_eight_at_once_continue_or_begin_one_and_the_same_session(pair: Pair) -> None:
    mira = _demo_person(pair, "mira@demo.example")
    for _ in range(5):
        tokens = mira.tokens()
        revoke = pair.run.client.send(
            "POST", "/api/v1/sessions/revoke", token=tokens["access_token"]
        )
        assert revoke.status == 200, revoke
        answers = _answers(partial(_begin, pair, tokens["id_token"]))
        assert {answer.status for answer in answers} <= {200, 409}, answers
        given = [answer.json()["sessionToken"] for answer in answers if answer.status == 200]
        assert len(given) > 1
        assert len({_sid(token) for token in given}) == 1
        assert len({_read(pair, token).body for token in given}) == 1


def test_a_code_that_comes_eight_times_at_once_works_once_at_most(pair: Pair) -> None:
    mira = _demo_person(pair, "mira@demo.example")
    for _ in range(5):
        answers = _answers(partial(_exchange, pair, mira, mira.code()))
        assert sorted(answer.status for answer in answers) == [200] + [400] * 7
        (won,) = [answer for answer in answers if answer.status == 200]
        # RFC 9700, 4.5: what came twice was stolen by one of the two, so nobody keeps it.
        read = pair.run.client.send("GET", "/api/v1/sessions", token=won.json()["access_token"])
        assert (read.status, read.code) == (401, "token_superseded")


def _begin(pair: Pair, id_token: str, number: int) -> Answer:
    body = {"workspaceName": "demo", "payload": {"by": number}}
    path = "/api/v1/sessions/get-or-create"
    return pair.clients[number % 2].send("POST", path, token=id_token, body=body)


def _exchange(pair: Pair, person: Visitor, code: str, number: int) -> Answer:
    return person.exchange(code, at=pair.clients[number % 2])


def _answers(ask: Callable[[int], Answer]) -> list[Answer]:
    answers: list[Answer] = []
    _all_at_once(lambda number: answers.append(ask(number)))
    return answers


def _demo_person(pair: Pair, email: str) -> Visitor:
    passwords = json.loads((pair.run.state / "credentials.json").read_text())
    return Visitor(pair.run, email, passwords[email])


def _fresh_session(pair: Pair, user: str) -> tuple[str, str]:
    token = pair.run.token(user, "forms")
    answer = pair.run.client.send("POST", "/api/v1/sessions/revoke", token=token)
    assert answer.status == 200, answer
    token = pair.run.token(user, "forms")
    identity = pair.run.client.send("GET", "/api/v1/sessions/identity", token=token)
    assert identity.json()["email"] == user
    return token, _sid(token)


def _sid(token: str) -> str:

    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return str(claims["sid"])


def _read(pair: Pair, token: str) -> Answer:
    first, second = (c.send("GET", "/api/v1/sessions", token=token) for c in pair.clients)
    assert first.status == 200, first
    assert (first.body, first.headers["etag"]) == (second.body, second.headers["etag"])
    return first


def _version(answer: Answer) -> int:
    return int(answer.headers["etag"].strip('"'))


def _until_not_conflict(write: Callable[[], Answer], statuses: Counter[int]) -> None:
    while True:
        answer = write()
        statuses[answer.status] += 1
        if answer.status != 409:
            assert answer.status == 200, answer
            return
        time.sleep(float(answer.headers.get("retry-after", "0")) / 10)


def _all_at_once(work: Callable[[int], None]) -> float:
    problems: list[BaseException] = []
    barrier = threading.Barrier(WRITERS)

    def guarded(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except BaseException as problem:  # noqa: BLE001 - raised again below, in the test's thread
            problems.append(problem)

    threads = [threading.Thread(target=guarded, args=(n,)) for n in range(WRITERS)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return time.monotonic() - started
