"""What the access log says of a request, and what operators are shown of it."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from chalicelib.domain.errors import StoreUnavailable
from chalicelib.logs import JsonLines, logger
from tests.api.desk import MEMBER_TOKEN, Desk, desk_on
from tests.api.platform import Platform, Tenant, send
from tests.jobs.deliveries import LINE

SESSIONS = "/api/v1/sessions"
WORDS = "a-secret-word"


@pytest.fixture
def written() -> Iterator[StringIO]:
    """The lines as Lambda's log would have them."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger("access").addHandler(handler)
    yield stream
    logger("access").removeHandler(handler)


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


def only(written: StringIO) -> dict[str, Any]:
    (line,) = written.getvalue().splitlines()
    return dict(json.loads(line))


def test_a_line_says_who_called_what_and_how_it_went(
    platform: Platform, tenant: Tenant, written: StringIO
) -> None:
    head, issued = platform.session(tenant, {WORDS: WORDS})
    answer = send(
        "POST",
        f"{SESSIONS}/set/{WORDS}?q={WORDS}",
        token=issued.text,
        body={"value": WORDS + "ü"},
        headers={"user-agent": "x" * 1_000},
    )
    assert answer.status == 200
    line = only(written)
    duration = line.pop("duration_ms")
    assert 0 < duration < 10_000
    assert line == {
        "level": "INFO",
        "logger": "secureflows.access",
        "message": "request",
        "kind": "access",
        "route": f"{SESSIONS}/set/{{key}}",
        "method": "POST",
        "plane": "data",
        "status": 200,
        "code": None,
        "bytes_in": len(json.dumps({"value": WORDS + "ü"})),
        "bytes_out": len(answer.body.encode()),
        "workspace": tenant.workspace.id,
        "app": "notes",
        "sid": head.ref.sid,
        "user": tenant.user,
        "caller": "session",
        "ip": "192.0.2.7",
        "agent": "x" * 300,
        "request_id": "req-1",
    }
    assert WORDS not in written.getvalue()
    assert issued.text[:20] not in written.getvalue()


def test_the_lines_that_tests_of_the_job_are_made_of_are_such_lines(
    platform: Platform, tenant: Tenant, written: StringIO
) -> None:
    token = platform.token(tenant)
    written.truncate(0)
    send("GET", SESSIONS, token=token)
    assert set(only(written)) == set(LINE)


def test_who_was_proven_is_named_when_the_view_fails_too(
    platform: Platform, tenant: Tenant, written: StringIO
) -> None:
    token = platform.token(tenant)
    assert send("GET", f"{SESSIONS}/get/{WORDS}", token=token).status == 404
    line = only(written)
    assert (line["status"], line["code"]) == (404, "key_not_found")
    assert (line["workspace"], line["user"]) == (tenant.workspace.id, tenant.user)
    assert WORDS not in written.getvalue()


@pytest.mark.parametrize("token", [None, "x.y.z", "expired"])
def test_who_was_not_proven_is_nobody(
    platform: Platform, tenant: Tenant, written: StringIO, token: str | None
) -> None:
    if token == "expired":
        token = platform.token(tenant)
        platform.adapters.clock.pause(901)
    assert send("GET", SESSIONS, token=token).status == 401
    line = only(written)
    assert line["code"].startswith("token_")
    assert not {"workspace", "app", "sid", "user"} & set(line)


@pytest.mark.parametrize("path", ["api/v1/auth/logout", "oidc/{workspace}/authorize"])
def test_a_link_that_leads_nowhere_has_the_code_of_its_problem(
    tenant: Tenant, written: StringIO, path: str
) -> None:
    where = path.format(workspace=tenant.workspace.id)
    answer = send("GET", f"/{where}?redirect_uri={WORDS}")
    assert answer.status >= 400
    assert answer.code
    line = only(written)
    assert (line["status"], line["code"]) == (answer.status, answer.code)


def test_a_refusal_is_what_it_is_where_a_person_is_sent_to_read_of_it(
    tenant: Tenant, written: StringIO
) -> None:
    assert tenant.workspace.slug != "nowhere"
    answer = send("GET", "/oidc/nowhere/authorize", headers={"accept": "text/html"})
    assert answer.status == 302
    line = only(written)
    assert (line["status"], line["code"]) == (404, "not_found")


def test_a_session_that_begins_is_of_its_workspace(
    platform: Platform, tenant: Tenant, written: StringIO
) -> None:
    body = {"workspaceName": "acme"}
    assert send("POST", SESSIONS, token=platform.id_token(tenant), body=body).status == 200
    line = only(written)
    assert (line["caller"], line["plane"]) == ("identity", "exchange")
    assert (line["workspace"], line["app"], line["user"]) == (
        tenant.workspace.id,
        "notes",
        tenant.user,
    )


def test_an_operator_is_named_in_the_workspace_they_work_in(
    platform: Platform, tenant: Tenant, written: StringIO
) -> None:
    token = platform.member_token(tenant.workspace)
    assert send("GET", "/api/v1/applications", token=token).status == 200
    line = only(written)
    assert (line["caller"], line["workspace"]) == ("member", tenant.workspace.id)
    assert line["user"] is not None
    assert line["app"] is line["sid"] is None


def test_a_public_request_names_no_workspace(platform: Platform, written: StringIO) -> None:
    platform.tenant()
    assert send("GET", "/oidc/acme/jwks.json").status == 200
    line = only(written)
    assert (line["route"], line["caller"]) == ("/oidc/{workspace}/jwks.json", "anyone")
    assert "workspace" not in line
    assert "acme" not in written.getvalue()


def test_a_request_that_could_not_be_read_has_its_line_too(
    platform: Platform, written: StringIO
) -> None:
    assert send("GET", f"{SESSIONS}?a=1&a=2").status == 400
    assert only(written)["code"] == "invalid_input"
    assert platform.events == []


def test_an_unexpected_error_has_its_line_too(
    platform: Platform, tenant: Tenant, written: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = platform.token(tenant)

    def broken(*_: object, **__: object) -> None:
        raise StoreUnavailable("The store did not answer.")

    monkeypatch.setattr(platform.adapters.payloads, "fetch", broken)
    assert send("GET", SESSIONS, token=token).status == 503
    line = only(written)
    assert (line["code"], line["workspace"]) == ("store_unavailable", tenant.workspace.id)


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return desk_on(platform)


def test_no_line_names_an_operator_s_choice_of_a_workspace_that_is_not_theirs(
    desk: Desk, written: StringIO
) -> None:
    desk.platform.tenant("globex")
    body = {"workspaceName": "globex"}
    assert send("POST", MEMBER_TOKEN, token=desk.id_token(), body=body).status == 403
    assert only(written)["workspace"] == desk.console.id
    assert "globex" not in written.getvalue()
