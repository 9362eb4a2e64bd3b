"""Requests to the live server show up as rows and counters, also those of its last second."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from tests.e2e.client import wait_until
from tests.e2e.launch import Run

pytestmark = pytest.mark.slow

ACCESS = "/api/v1/audit/api-access"
USAGE = "/api/v1/sessions/admin/analytics/usage"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run of its own, because it is stopped on the way."""
    started = Run(tmp_path_factory.mktemp("activity") / "state")
    try:
        started.start()
        yield started
    finally:
        started.stop()


def shown(run: Run, path: str, member: str) -> Sequence[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    cursor = ""
    while True:
        answer = run.client.send("GET", f"{path}?{cursor}", token=member)
        assert answer.status == 200, answer
        page = answer.json()
        found += page["items"]
        if page["nextCursor"] is None:
            return found
        cursor = f"cursor={page['nextCursor']}"


def asked(run: Run, token: str, marks: Sequence[str]) -> None:
    """Send three requests for each mark, which is told in the name of the agent."""
    for mark in marks:
        for method, path, body, status in (
            ("PUT", "/api/v1/sessions", {"note": "x" * 100}, 200),
            ("GET", "/api/v1/sessions/get/note", None, 200),
            ("GET", "/api/v1/sessions/get/never", None, 404),
        ):
            headers = {"user-agent": mark}
            answer = run.client.send(method, path, token=token, body=body, headers=headers)
            assert answer.status == status


def by_agent(run: Run, member: str) -> Counter[str]:
    return Counter(str(row["agent"]) for row in shown(run, ACCESS, member))


def of_notes(run: Run, member: str) -> Counter[str]:
    """What all days counted of the application `notes`."""
    sums: Counter[str] = Counter()
    for item in shown(run, USAGE, member):
        if item["appId"] == "notes":
            numbers = {name: n for name, n in item.items() if isinstance(n, int)}
            sums.update(numbers)
    return sums


def test_requests_are_rows_and_counts_within_seconds_and_across_a_restart(own: Run) -> None:
    token, member = own.token(), own.token("", "", "--member")
    marks = [f"mark-{n}" for n in range(20)]
    before = of_notes(own, member)
    asked(own, token, marks)
    wait_until(lambda: by_agent(own, member)[marks[-1]] == 3, "the last row", seconds=60)
    assert {mark: by_agent(own, member)[mark] for mark in marks} == dict.fromkeys(marks, 3)
    counted = of_notes(own, member) - before
    assert (counted["requests"], counted["reads"], counted["writes"]) == (60, 20, 20)
    assert counted["errors4xx"] == 20
    assert counted["bytesIn"] >= 20 * 100
    row = next(row for row in shown(own, ACCESS, member) if row["agent"] == marks[0])
    assert (row["route"], row["ip"], row["appId"]) == (
        "/api/v1/sessions/get/{key}",
        "127.0.0.1",
        "notes",
    )
    last = [f"last-{n}" for n in range(20)]
    asked(own, token, last)
    own.stop()
    own.start()
    member = own.token("", "", "--member")
    assert {mark: by_agent(own, member)[mark] for mark in last} == dict.fromkeys(last, 3)
    assert (of_notes(own, member) - before)["requests"] == 120
