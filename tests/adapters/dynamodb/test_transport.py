"""What the short transport repeats, what it never does, and where its requests go."""

import json
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.session import Session

from chalicelib.adapters.clients import Clients
from chalicelib.adapters.dynamodb.connections import short
from chalicelib.adapters.dynamodb.transport import Transport

READ = ("GetItem", {"TableName": "t", "Key": {"PK": {"S": "a"}}})
WRITE = ("UpdateItem", {"TableName": "t", "Key": {"PK": {"S": "a"}}})
TRANSACTION = ("TransactWriteItems", {"TransactItems": [], "ClientRequestToken": "c"})

HANG_UP = 0
SPOILED = 1  # a good answer with the checksum of another
DIE_AFTERWARDS = 2  # a good answer, and then the connection ends without a word
STRANGER = 3  # what no store says, as good as its answers look
STRANGE_WORDS = [b"<html>", b"", b"null", b"[]", b'"\xff"', b'{"B": "x"}', b"[" * 100_000]


@dataclass(slots=True)
class Store:
    """Answers in order and then well; keeps connections, and counts them."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    ended: threading.Event = field(default_factory=threading.Event)
    pauses: list[float] = field(default_factory=list)
    strange: bytes = STRANGE_WORDS[0]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    made = Store()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            made.asked.append(dict(self.headers.items()))
            made.connections.add(self.client_address)
            answer = made.answers.pop(0) if made.answers else 200
            self.close_connection = answer in {HANG_UP, DIE_AFTERWARDS}
            if answer != HANG_UP:
                self.say(answer)

        def say(self, answer: int) -> None:
            status = 200 if answer in {SPOILED, DIE_AFTERWARDS, STRANGER} else answer
            said: dict[str, Any] = {"Item": {"n": {"N": "1"}}}
            if status == 599:
                said = {"Error": "gateway", "ResponseMetadata": None}
            elif status != 200:
                said = {"__type": "x#ThrottlingException" if status == 400 else "x#Internal"}
            content = made.strange if answer == STRANGER else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("x-amz-crc32", str(zlib.crc32(content) ^ (answer == SPOILED)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def shutdown_request(self, request: Any) -> None:
            super().shutdown_request(request)
            made.ended.set()

    with Server(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        made.port = server.server_port
        endpoint = f"http://127.0.0.1:{made.port}"
        for name, value in {
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "first",
            "AWS_SECRET_ACCESS_KEY": "test",
        }.items():
            monkeypatch.setenv(name, value)
        yield made
        server.shutdown()
        thread.join()


def sent(store: Store, call: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return called(Transport(Clients(), pause=store.pauses.append), call)


def called(transport: Transport, call: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return transport._make_api_call(*call)  # noqa: SLF001 - as pynamodb does


@pytest.mark.parametrize("call", [READ, TRANSACTION])
@pytest.mark.parametrize("failure", [HANG_UP, SPOILED, STRANGER, 400, 500, 502, 503, 504])
def test_what_can_be_repeated_is(store: Store, call: Any, failure: int) -> None:
    store.answers = [failure, failure]
    assert sent(store, call) == {"Item": {"n": {"N": "1"}}}
    assert len(store.asked) == 3
    assert len(store.pauses) == 2
    assert max(store.pauses) <= 0.2


@pytest.mark.parametrize("failure", [HANG_UP, SPOILED, STRANGER, 500, 502, 504])
def test_a_single_write_that_may_have_happened_is_not_sent_again(
    store: Store, failure: int
) -> None:
    store.answers = [failure]
    with pytest.raises((BotoCoreError, ClientError)):
        sent(store, WRITE)
    assert len(store.asked) == 1


@pytest.mark.parametrize("failure", [400, 503])
def test_a_single_write_that_was_turned_away_is_sent_again(store: Store, failure: int) -> None:
    store.answers = [failure]
    assert sent(store, WRITE)
    assert len(store.asked) == 2


@pytest.mark.parametrize("words", STRANGE_WORDS)
def test_what_no_store_says_is_no_answer(store: Store, words: bytes) -> None:
    store.strange = words
    store.answers = [STRANGER] * 3
    with pytest.raises(BotoCoreError):
        sent(store, READ)
    assert len(store.asked) == 3


def test_a_refusal_in_a_gateway_s_words_is_one(store: Store) -> None:
    store.answers = [599]
    with pytest.raises(ClientError) as refused:
        sent(store, READ)
    assert refused.value.response["Error"]["Code"] == "599"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 599


def test_requests_share_a_connection(store: Store) -> None:
    transport = Transport(Clients(), pause=store.pauses.append)
    for _ in range(5):
        called(transport, READ)
    assert len(store.connections) == 1


@pytest.mark.parametrize("call", [READ, WRITE])
def test_a_connection_that_ended_meanwhile_is_left_for_a_new_one(store: Store, call: Any) -> None:
    store.answers = [DIE_AFTERWARDS]
    transport = Transport(Clients(), pause=store.pauses.append)
    called(transport, call)
    assert store.ended.wait(5)
    called(transport, call)
    assert len(store.asked) == len(store.connections) == 2
    assert store.pauses == []


def test_a_kept_connection_that_dies_under_a_read_is_replaced_at_once(store: Store) -> None:
    transport = Transport(Clients(), pause=store.pauses.append)
    called(transport, READ)
    store.answers = [HANG_UP]
    assert called(transport, READ)
    assert len(store.connections) == 2
    assert store.pauses == []


def test_a_kept_connection_that_dies_under_a_single_write_is_not_a_second_write(
    store: Store,
) -> None:
    transport = Transport(Clients(), pause=store.pauses.append)
    called(transport, READ)
    store.answers = [HANG_UP]
    with pytest.raises(BotoCoreError):
        called(transport, WRITE)
    assert len(store.asked) == 2


def test_every_request_is_signed_with_credentials_of_the_moment(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=60)  # noqa: TID251 - botocore's own clock
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", soon.isoformat())
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    transport = Transport(Clients(), pause=store.pauses.append)
    called(transport, READ)
    later = soon + timedelta(hours=6)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", later.isoformat())
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "second")
    called(transport, READ)
    first, second = (headers["Authorization"] for headers in store.asked)
    assert "Credential=first/" in first
    assert "x-amz-security-token" in first
    assert "Credential=second/" in second


def test_without_credentials_nothing_is_sent(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    with pytest.raises(NoCredentialsError):
        sent(store, READ)
    assert store.asked == []


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"AWS_DEFAULT_REGION": "cn-north-1"},
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
        {
            "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
            "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:4567",
        },
        {
            "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        },
        {"AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
    ],
)
def test_requests_go_where_botocore_would_send_them(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    clients = Clients()
    theirs = Session().create_client("dynamodb").meta.endpoint_url
    assert clients.endpoint("dynamodb") == theirs


def test_a_proxy_is_botocore_s_business(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert not isinstance(short(Clients(), pause=lambda _: None).client, Transport)
    monkeypatch.setenv("NO_PROXY", "dynamodb.eu-central-1.amazonaws.com")
    assert isinstance(short(Clients(), pause=lambda _: None).client, Transport)
