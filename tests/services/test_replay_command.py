"""The command that counts what the function behind the access log gave up, on an engine's log."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.activity import LogEvent, Span
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.limits import SEEN_SECONDS
from infra import replay
from tests.engines import Engine, dynamodb_local, engine, moto_cloud
from tests.jobs.deliveries import LINE
from tests.services.deployments import Deployment

__all__ = ["dynamodb_local", "engine", "moto_cloud"]

WORKSPACE = WorkspaceId(LINE["workspace"])


def client_of_logs(engine: Engine) -> Any:
    """Answer a client whose pages are small, and whose events have ids as long as those of AWS."""
    client = engine.provisioner.client("logs")
    client.meta.events.register(
        "provide-client-params.logs.FilterLogEvents", lambda params, **_: {**params, "limit": 3}
    )
    client.meta.events.register("after-call.logs.FilterLogEvents", _lengthen)
    return client


def _lengthen(parsed: dict[str, Any], **_: object) -> None:
    for event in parsed.get("events", ()):
        event["eventId"] = event["eventId"].zfill(56)


@dataclass
class Log:
    """The log of a deployment's API, with lines of its last hours."""

    deployment: Deployment
    logs: Any

    def __post_init__(self) -> None:
        self.group = f"/aws/lambda/secureflows-{self.deployment.stage}-APIHandler-x1"
        self.logs.create_log_group(logGroupName=self.group)
        self.logs.create_log_stream(logGroupName=self.group, logStreamName="one")
        self.now = self.deployment.adapters.clock.now()

    def write(self, *ages: int, line: object = LINE) -> None:
        """Write a line for each age, in seconds."""
        text = line if isinstance(line, str) else json.dumps(line)
        events = [{"timestamp": (self.now - age) * 1_000, "message": text} for age in ages]
        self.logs.put_log_events(
            logGroupName=self.group, logStreamName="one", logEvents=sorted(events, key=_timestamp)
        )

    def events(self) -> Sequence[LogEvent]:
        pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=self.group)
        return [
            LogEvent(each["eventId"], each["timestamp"], each["message"])
            for page in pages
            for each in page["events"]
        ]

    def requests(self) -> int:
        days = {Span.DAY.start(self.now - age) for age in (0, 86_400)}
        return sum(
            amount
            for day in days
            for counter, amount in self.deployment.adapters.activity.counts(WORKSPACE, day).items()
            if counter.span is Span.DAY and counter.metric == "requests"
        )

    def replay(self, since: int, until: int, *more: str) -> int:
        """Run the command for a span, given as ages in seconds."""
        span = ("--since", self.moment(since), "--until", self.moment(until))
        return replay.main(["--stage", self.deployment.stage, *span, *more])

    def moment(self, age: int) -> str:
        return datetime.fromtimestamp(self.now - age, UTC).isoformat()


def _timestamp(event: dict[str, Any]) -> int:
    return int(event["timestamp"])


@pytest.fixture
def log(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Log:
    monkeypatch.setenv("AWS_ENDPOINT_URL", engine.endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.dynamodb_endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    logs = client_of_logs(engine)

    class Short:
        def client(self, service: str) -> Any:
            assert service == "logs"
            return logs

    monkeypatch.setattr(replay, "Clients", Short)
    return Log(Deployment(engine, engine.fresh_tables()), logs)


def test_lines_of_the_span_are_counted_and_no_others(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write(7_200, 3_601, 3_600, 1_801, 1_800, 60)
    log.write(1_900, line="START RequestId: 1")
    assert log.replay(3_600, 1_800) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Done: 2 counted, 0 known, 1 skipped"
    assert log.requests() == 2


def test_what_was_counted_before_is_known(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    log.write(*range(60, 70))
    log.deployment.services.activity.take(log.events()[:4])
    for told in ("6 counted, 4 known", "0 counted, 10 known"):
        assert log.replay(3_600, 0) == 0
        assert f"Done: {told}, 0 skipped" in capsys.readouterr().out
        assert log.requests() == 10


def test_a_long_span_is_read_to_its_last_page(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    log.write(*range(100, 110))
    assert log.replay(3_600, 0) == 0
    *progress, done = capsys.readouterr().out.splitlines()
    assert [line.rpartition(": ")[2] for line in progress] == [
        f"{n} counted, 0 known, 0 skipped" for n in (3, 6, 9, 10)
    ]
    assert done == "Done: 10 counted, 0 known, 0 skipped"


def test_what_would_be_counted_twice_or_found_nowhere_is_refused(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write(60)
    log.logs.create_log_group(logGroupName=f"{log.group}-too")
    for arguments, told in (
        ((SEEN_SECONDS, 0), "older than a week"),
        ((60, 60), "ends before it begins"),
        ((3_600, 0), "2 logs have names like"),
        ((3_600, 0, "--log-group", "/aws/lambda/elsewhere"), "ResourceNotFoundException"),
    ):
        assert log.replay(*arguments) == 1
        error = capsys.readouterr().err
        assert error.startswith("scripts/replay: ")
        assert told in error
    assert log.requests() == 0
    assert log.replay(3_600, 0, "--log-group", log.group) == 0
    assert log.requests() == 1


@pytest.mark.parametrize("moment", ["", "yesterday", "12", "2027-13-01T00:00Z"])
def test_what_is_no_moment_is_refused(moment: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        replay.main(["--stage", "test", "--until", "2027-01-15T08:00Z", f"--since={moment}"])
    assert refused.value.code == 2
    assert "a moment like" in capsys.readouterr().err
