"""Payloads of every size over HTTP, byte for byte, before and after everything was killed."""

import json
import time
from collections.abc import Iterator

import pytest

from tests.e2e.client import Answer
from tests.e2e.launch import Run

pytestmark = pytest.mark.slow

PATH = "/api/v1/sessions"
LIMIT = 4 * 1024 * 1024
SIZES = (64 * 1024, 1024 * 1024, LIMIT)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    made = Run(tmp_path_factory.mktemp("run") / "state")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def token(run: Run) -> str:
    """A token of an application that may keep as much as there is room for."""
    changed = run.client.send(
        "PATCH",
        "/api/v1/applications/notes",
        token=run.token("mira@demo.example", "notes", "--member"),
        body={"payloadLimit": LIMIT},
    )
    assert changed.status == 200, changed
    return run.token()


def body_of(size: int, mark: str) -> bytes:
    """A payload of exactly so many bytes, with letters beyond ASCII and an end of its own."""
    frame = {"mark": mark, "grüße": "🔑 ü", "fill": ""}
    room = size - len(json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode())
    text = "".join(f"{number:07d}." for number in range(room // 8 + 1))[:room]
    body = {**frame, "fill": text}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def put(run: Run, token: str, body: bytes) -> Answer:
    """Write a payload; the answer is the payload itself."""
    answer = run.client.send("PUT", PATH, token=token, raw=body)
    assert (answer.status, answer.body) == (200, body), answer.body[:300]
    return answer


@pytest.mark.parametrize("size", SIZES)
def test_a_payload_reads_back_byte_for_byte(run: Run, token: str, size: int) -> None:
    body = body_of(size, "first")
    assert len(body) == size
    written = put(run, token, body)
    read = run.client.send("GET", PATH, token=token)
    assert (read.status, read.body) == (200, body)
    assert read.headers["etag"] == written.headers["etag"]
    value = json.loads(body)["fill"]
    assert run.client.send("GET", f"{PATH}/get/fill", token=token).json()["value"] == value


@pytest.mark.parametrize("size", SIZES)
def test_a_payload_survives_a_kill(run: Run, token: str, size: int) -> None:
    put(run, token, body_of(size, "replaced"))
    body = body_of(size, "kept")
    written = put(run, token, body)
    time.sleep(6)
    run.kill()
    run.start()
    read = run.client.send("GET", PATH, token=token)
    assert (read.status, read.body) == (200, body)
    assert read.headers["etag"] == written.headers["etag"]
    changed = run.client.send("PATCH", PATH, token=token, body={"mark": "late"})
    assert changed.body == body.replace(b'"kept"', b'"late"')


def test_one_byte_more_than_may_be_is_refused_and_changes_nothing(run: Run, token: str) -> None:
    body = body_of(64 * 1024, "as it was")
    put(run, token, body)
    for refused in (
        body_of(LIMIT + 1, "too large"),
        # Below the limit, and beyond it as a string inside the answer of a function.
        json.dumps({"a": '"' * 2_000_000}).encode(),
        json.dumps({"a": "ü" * 2_000_000}, ensure_ascii=False).encode(),
    ):
        answer = run.client.send("PUT", PATH, token=token, raw=refused)
        assert (answer.status, answer.code) == (413, "payload_too_large")
    assert run.client.send("GET", PATH, token=token).body == body
