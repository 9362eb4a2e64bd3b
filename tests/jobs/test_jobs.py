"""Scheduled functions: each starts by itself, leaves one line, and fails where Lambda sees it."""

import importlib
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from chalice.app import Blueprint, Chalice

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.backups import BackupKind
from chalicelib.domain.errors import StoreUnavailable
from chalicelib.jobs.job import Outcome, job
from chalicelib.logs import JsonLines, logger
from chalicelib.wiring.container import Container
from chalicelib.wiring.process import container
from tests.api.platform import Platform
from tests.builders import FIRST, some_event, some_head, some_payload, some_ref
from tests.jobs.deliveries import delivery

# The module and the function that Lambda is told to call.
HANDLERS = (
    ("chalicelib.jobs.expiry", "expire_sessions"),
    ("chalicelib.jobs.erasures", "finish_erasures"),
    ("chalicelib.jobs.guests", "sweep_guests"),
    ("chalicelib.jobs.backups", "export_backup"),
    ("chalicelib.jobs.backups", "export_keys"),
    ("chalicelib.jobs.objects", "sweep_objects"),
    ("chalicelib.jobs.activity", "record_activity"),
    ("chalicelib.jobs.usage", "recount_usage"),
)
EVENT = {
    "version": "0",
    "id": "1",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "000000000000",
    "time": "2027-01-15T08:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail": {},
}
# What each is called with; to a scheduled one the event says nothing.
EVENTS = {name: EVENT for _, name in HANDLERS} | {"record_activity": delivery([])}


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """What the jobs write to their log."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    log = logger("jobs")
    log.addHandler(handler)
    yield stream
    log.removeHandler(handler)


@pytest.mark.parametrize(("module", "name"), HANDLERS)
def test_a_job_runs_in_a_fresh_interpreter_without_the_application(module: str, name: str) -> None:
    program = f"""
import sys
import {module} as lambda_module
from chalicelib.wiring.container import Container
from chalicelib.wiring.process import installed
assert "app" not in sys.modules
assert not [name for name in sys.modules if name.startswith("chalicelib.api")]
assert not {{"boto3", "botocore", "pynamodb"}} & set(sys.modules), "loaded before it was needed"
from chalicelib.settings import Settings
from tests.fakes.adapters import MemoryAdapters
services = Container(Settings(stage="test", origin="https://flows.example"), MemoryAdapters())
with installed(services):
    lambda_module.{name}({EVENTS[name]!r}, None)
assert "app" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["job"] == name


def test_expiry_ends_what_is_due_and_says_how_much(platform: Platform, logged: StringIO) -> None:
    now = platform.adapters.clock.now()
    for exp in (now - 5, now, now + 60):
        head = some_head(some_ref(), exp=exp)
        platform.adapters.sessions.create(
            head,
            payload=some_payload(head.ref),
            latest=FIRST,
            shard_limit=10,
            event=some_event(head.ref),
        )
    call("chalicelib.jobs.expiry", "expire_sessions")
    (line,) = map(json.loads, logged.getvalue().splitlines())
    assert line["job"] == "expire_sessions"
    assert line["outcome"] == {"found": 2, "expired": 2, "overtaken": 0}
    assert line["level"] == "INFO"
    expired = [e for e in platform.events if e.action is AuditAction.SESSION_EXPIRED]
    assert len(expired) == 2


@pytest.mark.parametrize(
    ("name", "kind"),
    [("export_backup", BackupKind.DATA), ("export_keys", BackupKind.KEYS)],
)
def test_a_backup_job_fills_its_own_vault_and_no_other(
    platform: Platform, name: str, kind: BackupKind, logged: StringIO
) -> None:
    platform.adapters.dump.load("audit", [{"PK": {"S": "a"}, "SK": {"S": "b"}}])
    platform.adapters.dump.load("keys", [{"PK": {"S": "a"}, "SK": {"S": "b"}}])
    call("chalicelib.jobs.backups", name)
    for each, vault in platform.adapters.vaults.items():
        assert bool(vault.names("")) is (each is kind)
    (line,) = map(json.loads, logged.getvalue().splitlines())
    assert line["outcome"]["backup"].startswith(f"{kind}/")
    assert [event.action for event in platform.events] == [AuditAction.BACKUP_MADE]


def test_a_failed_job_is_logged_without_its_words_and_goes_on_to_lambda(
    platform: Platform, logged: StringIO
) -> None:
    @job
    def failing(services: Container) -> Outcome:
        assert services is platform.services
        raise StoreUnavailable("secret words")

    with pytest.raises(StoreUnavailable):
        failing(EVENT)
    (line,) = map(json.loads, logged.getvalue().splitlines())
    assert line["level"] == "ERROR"
    assert line["job"] == "failing"
    assert line["exception"] == "StoreUnavailable"
    assert "secret" not in json.dumps(line)


def test_a_job_gets_the_services_of_the_process_and_no_event(platform: Platform) -> None:
    seen: list[Container] = []

    @job
    def looking(services: Container) -> Outcome:
        seen.append(services)
        return {}

    looking({"services": "mine"})
    assert seen == [platform.services] == [container()]


def test_every_job_is_registered_once_under_its_own_name() -> None:
    app = Chalice("test")
    for module in sorted({module for module, _ in HANDLERS}):
        blueprint = importlib.import_module(module).jobs
        assert isinstance(blueprint, Blueprint)
        app.register_blueprint(blueprint)
    called: list[Any] = [*app.event_sources, *app.pure_lambda_functions]
    assert sorted(each.name for each in called) == sorted(name for _, name in HANDLERS)
    assert {each.handler_string for each in called} == {
        f"{module}.{name}" for module, name in HANDLERS
    }


def call(module: str, name: str) -> None:
    """Call a job as Lambda does."""
    getattr(importlib.import_module(module), name)(EVENT, None)
