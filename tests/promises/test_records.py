"""Promise 5: a change and its record are one, and without the record there is no change."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import AuditUnavailable
from chalicelib.domain.workspaces import Role
from chalicelib.wiring.process import installed
from tests.api.platform import Answer, Platform, Tenant, send
from tests.api.shell import on_page, shell_of, told, visitor_on
from tests.api.visitor import Visitor, account
from tests.engines import Engine
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.audit import MemoryAudit
from tests.promises.cloud import cloud_on

WRITES: list[tuple[str, str, Any, str]] = [
    ("PUT", "/api/v1/sessions", {"a": 2}, "payload.replaced"),
    ("PATCH", "/api/v1/sessions", {"a": 2}, "payload.patched"),
    ("POST", "/api/v1/sessions/set/a", {"value": 2}, "payload.key_set"),
    ("DELETE", "/api/v1/sessions/delete/a", None, "payload.key_deleted"),
    ("POST", "/api/v1/auth/logout", None, "session.logged_out"),
    ("POST", "/api/v1/sessions/revoke", None, "session.revoked"),
]


class FailingAudit(MemoryAudit):
    """An audit store that can be switched off, as one whose table is throttled."""

    def __init__(self) -> None:
        super().__init__()
        self.is_reachable = True

    def append(self, event: AuditEvent) -> None:
        if not self.is_reachable:
            raise AuditUnavailable("The audit trail did not answer. Try again.")
        super().append(event)


@pytest.fixture
def audit() -> FailingAudit:
    return FailingAudit()


@pytest.fixture
def platform(audit: FailingAudit) -> Iterator[Platform]:
    adapters = MemoryAdapters()
    adapters.audit = audit
    fresh = Platform(adapters)
    with installed(fresh.services):
        yield fresh


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


@pytest.mark.parametrize(("method", "path", "body", "action"), WRITES)
def test_without_a_record_a_session_stays_as_it_is(
    platform: Platform,
    tenant: Tenant,
    audit: FailingAudit,
    method: str,
    path: str,
    body: object,
    action: str,
) -> None:
    token = platform.token(tenant, {"a": 1})
    sessions = platform.adapters.sessions
    before = (dict(sessions.heads), dict(sessions.payloads), len(audit.events))
    audit.is_reachable = False
    answer = send(method, path, token=token, body=body)
    assert (answer.status, answer.code) == (503, "audit_unavailable")
    assert (sessions.heads, sessions.payloads, len(audit.events)) == before
    audit.is_reachable = True
    assert send("GET", "/api/v1/sessions", token=token).json() == {"a": 1}
    assert send(method, path, token=token, body=body).status == 200
    assert platform.actions_since(before[2]) == [action]


@pytest.mark.parametrize("path", ["", "/get-or-create", "/renew"])
def test_without_a_record_no_session_begins_and_none_is_renewed(
    platform: Platform, tenant: Tenant, audit: FailingAudit, path: str
) -> None:
    token = platform.token(tenant, {"a": 1}) if path == "/renew" else None
    body = {"sessionToken": token} if token else {"workspaceName": "acme", "payload": {"b": 1}}
    heads = dict(platform.adapters.sessions.heads)
    audit.is_reachable = False
    id_token = platform.id_token(tenant)
    answer = send("POST", f"/api/v1/sessions{path}", token=id_token, body=body)
    assert (answer.status, answer.code) == (503, "audit_unavailable")
    assert "sessionToken" not in answer.body
    assert platform.adapters.sessions.heads == heads
    audit.is_reachable = True
    if token:
        assert send("GET", "/api/v1/sessions", token=token).json() == {"a": 1}


def test_without_a_record_nobody_is_signed_in(
    platform: Platform, tenant: Tenant, audit: FailingAudit
) -> None:
    account(platform, tenant.workspace, "one@acme.example")
    visitor = Visitor(platform, tenant)
    audit.is_reachable = False
    for answer in (visitor.sign_in("one@acme.example"), visitor.sign_in("two@acme.example")):
        assert (answer.status, answer.code) == (503, "audit_unavailable")
        assert answer.cookies == []
        assert "redirectTo" not in answer.body


def test_without_a_record_no_account_is_made(
    platform: Platform, tenant: Tenant, audit: FailingAudit
) -> None:
    visitor = Visitor(platform, tenant)
    begun = visitor.sign_up("one@acme.example").json()
    code = visitor.typed_code()
    audit.is_reachable = False
    answer = visitor.step("sign-up/verify", challenge=begun["challenge"], code=code)
    assert (answer.status, answer.code) == (503, "audit_unavailable")
    audit.is_reachable = True
    assert visitor.sign_in("one@acme.example").status == 403
    answer = visitor.step("sign-up/verify", challenge=begun["challenge"], code=code)
    assert answer.status == 200, answer


def test_without_a_record_no_device_is_let_in(platform: Platform, audit: FailingAudit) -> None:
    visitor = visitor_on(platform)
    shell = shell_of(visitor)
    visitor.sign_in()
    named = shell.named()
    audit.is_reachable = False
    answer = on_page(visitor, "decide", **named, approve=True)
    assert (answer.status, answer.code) == (503, "audit_unavailable")
    told(shell.ask(), "authorization_pending")
    audit.is_reachable = True
    assert on_page(visitor, "decide", **named, approve=True).status == 200


def test_without_a_record_nothing_is_registered(
    platform: Platform, tenant: Tenant, audit: FailingAudit
) -> None:
    token = platform.member_token(tenant.workspace, Role.OWNER)
    body = {
        "appId": "forms",
        "displayName": "Forms",
        "redirectUris": ["https://forms.example/"],
    }
    audit.is_reachable = False
    answer = send("POST", "/api/v1/applications", token=token, body=body)
    assert (answer.status, answer.code) == (503, "audit_unavailable")
    audit.is_reachable = True
    found = send("GET", "/api/v1/applications", token=token).json()["items"]
    assert [each["appId"] for each in found] == ["notes"]


def test_with_its_audit_table_gone_a_store_changes_nothing(engine: Engine) -> None:
    with cloud_on(engine) as cloud:
        email, password = "mira@example.org", "seven quiet harbours at dusk"
        token = cloud.sign_up(email, password, "Mira")["access_token"]
        first = send("PUT", "/api/v1/sessions", token=token, body={"a": 1})
        assert first.status == 200
        table, client = f"secureflows-{cloud.stage}-audit", engine.client("dynamodb")
        client.update_table(TableName=table, DeletionProtectionEnabled=False)
        client.delete_table(TableName=table)
        for method, path, body, _ in WRITES:
            answer = send(method, path, token=token, body=body)
            # A missing table is a broken deployment, not a store that is busy.
            assert answer.status in {500, 503}, answer
            _as_before(first, token)
        assert cloud.try_password(email, password).status in {500, 503}


def _as_before(first: Answer, token: str) -> None:
    read = send("GET", "/api/v1/sessions", token=token)
    assert (read.body, read.headers["etag"]) == (first.body, first.headers["etag"])
