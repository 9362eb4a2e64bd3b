"""Everything killed without a word, and started again."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.launch import Run
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.slow


@pytest.fixture
def own_run(tmp_path: Path) -> Iterator[Run]:
    made = Run(tmp_path / "state")
    yield made
    made.stop()


def test_what_was_written_six_seconds_before_a_kill_is_there_afterwards(own_run: Run) -> None:
    own_run.start()
    nora = Visitor(own_run, "nora@example.org", "seven quiet harbours at dusk")
    token = nora.sign_up()
    data = {"notes": ["The blue boat"], "grüße": {"a/b": [1, 2.5, None, "🔑"]}}
    written = own_run.client.send("PUT", "/api/v1/sessions", token=token, body=data)
    assert written.json() == data
    time.sleep(6)
    own_run.kill()

    started = time.monotonic()
    own_run.start()
    assert time.monotonic() - started < 30, "a second start takes seconds"
    for key in (token, nora.sign_in()):
        read = own_run.client.send("GET", "/api/v1/sessions", token=key)
        assert read.status == 200, read
        assert (read.json(), read.headers["etag"]) == (data, written.headers["etag"])
    again = own_run.client.send("PATCH", "/api/v1/sessions", token=token, body={"more": True})
    assert again.json() == {**data, "more": True}
