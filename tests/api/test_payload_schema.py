"""An application's payload schema: what it refuses, and what a change of it tells."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.errors import AuditUnavailable
from chalicelib.domain.limits import MAX_LIVE_SESSIONS
from chalicelib.domain.payloads import Payload
from chalicelib.domain.workspaces import Role
from tests.api.desk import APPLICATIONS, FORMS, Desk, desk_on
from tests.api.exchange import CONTINUE, CREATE
from tests.api.platform import Answer, Platform, send

SESSIONS = "/api/v1/sessions"
NOTES = f"{APPLICATIONS}/notes"
CHECKS = f"{NOTES}/schema-checks"
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "maxLength": 5}, "age": {"minimum": 0}},
}
GOOD: Payload = {"name": "Mira"}
CANARY = "canary" + secrets.token_hex(8)


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return desk_on(platform)


def set_schema(desk: Desk, schema: object = SCHEMA) -> Answer:
    return send("PATCH", NOTES, token=desk.token(), body={"payloadSchema": schema})


def some_sessions(desk: Desk, *payloads: Payload, apart: int = 1) -> list[str]:
    """Begin a session for each payload, each so many seconds after the one before."""
    tokens: list[str] = []
    tenant = desk.tenant
    for payload in payloads:
        if tokens and len(tokens) % MAX_LIVE_SESSIONS == 0:
            email = f"person{len(tokens)}-{apart}@acme.example"
            tenant = replace(tenant, user=desk.platform.user(tenant.workspace, email), email=email)
        desk.platform.adapters.clock.pause(apart)
        body = {"workspaceName": "acme", "payload": payload}
        answer = send("POST", CREATE, token=desk.platform.id_token(tenant), body=body)
        tokens.append(answer.json()["sessionToken"])
    return tokens


def check(desk: Desk, schema: object = SCHEMA, cursor: str | None = None) -> Any:
    body = {"payloadSchema": schema, **({} if cursor is None else {"cursor": cursor})}
    answer = send("POST", CHECKS, token=desk.token(), body=body)
    assert answer.status == 200, answer
    return answer.json()


def test_a_schema_is_kept_shown_and_taken_away(desk: Desk) -> None:
    answer = set_schema(desk)
    assert (answer.status, answer.json()["payloadSchema"]) == (200, SCHEMA)
    assert send("GET", NOTES, token=desk.token()).json()["payloadSchema"] == SCHEMA
    assert "payloadSchema" not in send("GET", APPLICATIONS, token=desk.token()).json()["items"][0]
    send("PATCH", NOTES, token=desk.token(), body={"color": "#000000"})
    other = {"const": None, "properties": {"a": {"enum": [None]}}}
    assert set_schema(desk, other).json()["payloadSchema"] == other
    gone = set_schema(desk, None).json()
    assert (gone["payloadSchema"], gone["schemaCheck"]) == (None, None)


def test_an_application_can_be_registered_with_its_schema(desk: Desk) -> None:
    body = {**FORMS, "payloadSchema": SCHEMA}
    answer = send("POST", APPLICATIONS, token=desk.token(), body=body)
    assert (answer.status, answer.json()["payloadSchema"]) == (201, SCHEMA)
    bad = {**FORMS, "appId": "other", "payloadSchema": {"type": "strin"}}
    refused = desk.unchanged(lambda: send("POST", APPLICATIONS, token=desk.token(), body=bad))
    assert refused.json()["errors"][0]["pointer"] == "/payloadSchema/type"


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ([], "/payloadSchema"),
        (True, "/payloadSchema"),
        ("{}", "/payloadSchema"),
        ({"type": "strin"}, "/payloadSchema/type"),
        ({"properties": {"a": {"pattern": "(?<=x)"}}}, "/payloadSchema/properties/a/pattern"),
        ({"$ref": "http://127.0.0.1/x"}, "/payloadSchema"),
        ({"$ref": "file:///etc/passwd"}, "/payloadSchema"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "/payloadSchema/$schema"),
        ({"title": "x" * 65_536}, "/payloadSchema"),
    ],
)
def test_what_is_no_usable_schema_is_refused_with_its_place(
    desk: Desk, schema: object, pointer: str
) -> None:
    some_sessions(desk, {"a": CANARY})
    body = {"payloadSchema": schema}
    for method, path in (("PATCH", NOTES), ("POST", CHECKS)):
        token = desk.token()
        answer = desk.unchanged(partial(send, method, path, token=token, body=body))
        assert (answer.status, answer.code) == (400, "invalid_input")
        assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer"),
    [
        ("PUT", SESSIONS, {"name": f"longer {CANARY}"}, "/name"),
        ("PUT", SESSIONS, {"age": 3}, ""),
        ("PUT", SESSIONS, {}, ""),
        ("PATCH", SESSIONS, {"age": -1}, "/age"),
        ("PATCH", SESSIONS, {"name": None}, ""),
        ("POST", f"{SESSIONS}/set/name", {"value": [CANARY]}, "/name"),
        ("POST", f"{SESSIONS}/set/age", -5, "/age"),
        ("DELETE", f"{SESSIONS}/delete/name", None, ""),
    ],
)
def test_a_write_that_the_schema_refuses_changes_nothing(
    desk: Desk, method: str, path: str, body: object, pointer: str
) -> None:
    token = desk.platform.token(desk.tenant, GOOD)
    set_schema(desk)
    answer = desk.unchanged(lambda: send(method, path, token=token, body=body))
    assert (answer.status, answer.code) == (422, "schema_refused")
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert CANARY not in answer.body
    whole = send("GET", SESSIONS, token=token)
    assert (whole.json(), whole.headers["etag"]) == (GOOD, '"1"')


def test_a_write_that_the_schema_admits_happens(desk: Desk) -> None:
    token = desk.platform.token(desk.tenant, GOOD)
    set_schema(desk)
    for method, path, body in (
        ("PUT", SESSIONS, {"name": "Zoë", "free": {"x": 1}}),
        ("PATCH", SESSIONS, {"age": 0, "free": None}),
        ("POST", f"{SESSIONS}/set/name", {"value": "Mira"}),
        ("DELETE", f"{SESSIONS}/delete/age", None),
        ("DELETE", f"{SESSIONS}/delete/never", None),
    ):
        assert send(method, path, token=token, body=body).status == 200
    assert send("GET", SESSIONS, token=token).json() == GOOD


def test_what_was_there_before_stays_readable_and_is_not_made_worse(desk: Desk) -> None:
    old: Payload = {"old": CANARY}
    token = desk.platform.token(desk.tenant, old)
    set_schema(desk)
    assert send("GET", SESSIONS, token=token).json() == old
    assert send("GET", f"{SESSIONS}/get/old", token=token).json()["value"] == CANARY
    refused = send("POST", f"{SESSIONS}/set/age", token=token, body=3)
    assert (refused.status, refused.code) == (422, "schema_refused")
    assert CANARY not in refused.body
    assert send("DELETE", f"{SESSIONS}/delete/never", token=token).json() is False
    assert send("PATCH", SESSIONS, token=token, body=GOOD).json() == {**old, **GOOD}


@pytest.mark.parametrize("path", [CREATE, CONTINUE])
def test_a_session_begins_with_what_the_schema_admits_or_with_nothing(
    desk: Desk, path: str
) -> None:
    set_schema(desk)
    body = {"workspaceName": "acme", "payload": {"name": [CANARY]}}
    token = desk.platform.id_token(desk.tenant)
    refused = desk.unchanged(lambda: send("POST", path, token=token, body=body))
    assert (refused.status, refused.code) == (422, "schema_refused")
    assert CANARY not in refused.body
    assert send("POST", path, token=token, body={"workspaceName": "acme"}).status == 200
    # Continued, its payload is ignored as ever.
    again = send("POST", CONTINUE, token=token, body=body)
    assert again.status == 200


def test_a_refusal_names_twenty_places_at_most(desk: Desk) -> None:
    set_schema(desk, {"additionalProperties": {"type": "string"}})
    token = desk.platform.token(desk.tenant)
    answer = send("PUT", SESSIONS, token=token, body={f"k{n}": n for n in range(100)})
    assert len(answer.json()["errors"]) == 20


def test_a_schema_is_of_one_application_only(desk: Desk) -> None:
    set_schema(desk)
    other = desk.platform.tenant("globex", "notes")
    token = desk.platform.token(other)
    assert send("PUT", SESSIONS, token=token, body={"age": -1}).status == 200


def test_a_change_tells_how_many_live_sessions_it_would_fail(desk: Desk) -> None:
    tokens = some_sessions(desk, GOOD, {"name": 7}, {}, {"name": "Sena", "age": -1})
    send("POST", f"{SESSIONS}/revoke", token=tokens[1])
    answer = set_schema(desk)
    assert answer.json()["schemaCheck"] == {"checked": 3, "failing": 2, "nextCursor": None}
    # The same schema again is no new one.
    assert set_schema(desk).json()["schemaCheck"] is None


def test_a_rehearsal_counts_and_changes_nothing(desk: Desk) -> None:
    some_sessions(desk, GOOD, {"name": 7})
    other = desk.platform.tenant("globex", "notes")
    desk.platform.token(other, {"name": 7})
    seeded = desk.platform.token(desk.tenant, GOOD)
    assert check(desk) == {"checked": 2, "failing": 1, "nextCursor": None}
    assert check(desk, {}) == {"checked": 2, "failing": 0, "nextCursor": None}
    assert send("GET", NOTES, token=desk.token()).json()["payloadSchema"] is None
    assert send("PUT", SESSIONS, token=seeded, body={"name": 7}).status == 200


def test_an_expired_session_is_not_counted(desk: Desk) -> None:
    send("PATCH", NOTES, token=desk.token(), body={"payloadLifetime": 60})
    some_sessions(desk, {"name": 7})
    desk.platform.adapters.clock.pause(59)
    assert check(desk)["checked"] == 1
    desk.platform.adapters.clock.pause(1)
    assert check(desk)["checked"] == 0


def test_more_sessions_than_a_batch_are_counted_by_cursor(desk: Desk) -> None:
    begun: list[Payload] = [{"name": 7} if n % 3 else {"name": "Mira"} for n in range(450)]
    some_sessions(desk, *begun)
    pages = [set_schema(desk).json()["schemaCheck"]]
    while pages[-1]["nextCursor"]:
        pages.append(check(desk, cursor=pages[-1]["nextCursor"]))
    assert [page["checked"] for page in pages] == [200, 200, 50]
    assert sum(page["failing"] for page in pages) == 300


def test_sessions_of_one_moment_are_counted_in_one_batch(desk: Desk) -> None:
    some_sessions(desk, *[GOOD] * 204, apart=0)
    desk.platform.adapters.clock.pause(1)
    user = desk.platform.user(desk.workspace, "late@acme.example")
    late = replace(desk.tenant, user=user)
    for _ in range(2):
        body = {"workspaceName": "acme", "payload": GOOD}
        send("POST", CREATE, token=desk.platform.id_token(late), body=body)
    first = check(desk)
    assert first["checked"] == 204
    assert check(desk, cursor=first["nextCursor"]) == {
        "checked": 2,
        "failing": 0,
        "nextCursor": None,
    }


def test_a_batch_ends_after_its_seconds_too(desk: Desk) -> None:
    some_sessions(desk, *[GOOD] * 5)
    fetch = desk.platform.adapters.payloads.fetch
    clock = desk.platform.adapters.clock

    def slowly(*asked: Any) -> Any:
        clock.pause(2)
        return fetch(*asked)

    desk.platform.adapters.payloads.fetch = slowly  # type: ignore[method-assign, assignment]
    first = check(desk)
    assert first["checked"] == 3
    assert check(desk, cursor=first["nextCursor"])["checked"] == 2


def test_a_cursor_of_long_ago_looks_at_no_month_before_the_application(desk: Desk) -> None:
    some_sessions(desk, GOOD)
    begun = desk.platform.adapters.sessions.begun
    asked: list[str] = []

    def heard(*of: Any, after: str, until: int) -> Any:
        asked.append(after)
        return begun(*of, after=after, until=until)

    desk.platform.adapters.sessions.begun = heard  # type: ignore[method-assign, assignment]
    cursor = base64.urlsafe_b64encode(b"0000000001#0000000000").decode().rstrip("=")
    assert check(desk, cursor=cursor)["checked"] == 1
    created_at = send("GET", NOTES, token=desk.token()).json()["createdAt"]
    assert asked == [f"{created_at - 1:010d}#"]


@pytest.mark.parametrize("cursor", ["", "x", "é", "MTgwMDAwMDAwMA", "A" * 5_000])
def test_a_cursor_that_nobody_was_given_is_refused(desk: Desk, cursor: str) -> None:
    body = {"payloadSchema": {}, "cursor": cursor}
    answer = desk.unchanged(lambda: send("POST", CHECKS, token=desk.token(), body=body))
    assert (answer.status, answer.code) == (400, "invalid_input")


def test_a_check_shows_nothing_of_any_session(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    secret: Payload = {CANARY: [CANARY], "name": CANARY}
    tokens = some_sessions(desk, *[secret] * 205)
    count = len(desk.platform.events)
    schema = {"additionalProperties": False, "properties": {"name": {"const": 1}}}
    answers = [set_schema(desk, schema), send("GET", NOTES, token=desk.token())]
    body = {"payloadSchema": schema, "cursor": answers[0].json()["schemaCheck"]["nextCursor"]}
    answers.append(send("POST", CHECKS, token=desk.token(), body=body))
    told = "".join(answer.body + str(answer.headers) for answer in answers)
    told += str(capfd.readouterr()) + str(desk.platform.events[count:])
    assert "schema_checked" in told
    assert CANARY not in told
    cursor = base64.urlsafe_b64decode(f"{body['cursor']}==").decode()
    for head in desk.platform.adapters.sessions.heads.values():
        assert head.ref.sid not in told + cursor
    assert len(tokens) == 205


def test_a_check_is_recorded_before_it_opens_anything(desk: Desk) -> None:
    some_sessions(desk, {"name": 7})
    count = len(desk.platform.events)
    check(desk)
    (event,) = desk.platform.events[count:]
    assert (event.action, event.app, event.sid) == ("application.schema_checked", "notes", None)
    assert set(event.meta) == {"kind", "most", "schema", "after"}
    # A series of questions is seen to be one.
    check(desk, {"minProperties": 1})
    assert desk.platform.events[-1].meta["schema"] != event.meta["schema"]
    audit = desk.platform.adapters.audit
    opened: list[object] = []

    def refuse(_: object) -> None:
        raise AuditUnavailable("The audit trail did not answer. Try again.")

    audit.append = refuse  # type: ignore[method-assign, assignment]
    desk.platform.adapters.payloads.fetch = opened.append  # type: ignore[method-assign, assignment]
    for method, path in (("POST", CHECKS), ("PATCH", NOTES)):
        answer = send(method, path, token=desk.token(), body={"payloadSchema": SCHEMA})
        assert (answer.status, answer.code) == (503, "audit_unavailable")
    assert opened == []
    assert send("GET", NOTES, token=desk.token()).json()["payloadSchema"] is None


@pytest.mark.parametrize("role", Role)
def test_owners_and_admins_check(desk: Desk, role: Role) -> None:
    token = desk.token(role)
    call = partial(send, "POST", CHECKS, token=token, body={"payloadSchema": SCHEMA})
    if role in {Role.OWNER, Role.ADMIN}:
        assert call().status == 200
        return
    answer = desk.unchanged(call)
    assert (answer.status, answer.code) == (403, "forbidden")


def test_nobody_checks_the_sessions_of_another_workspace(desk: Desk) -> None:
    other = desk.platform.tenant("globex", "secrets")
    desk.platform.token(other, {"name": 7})
    path = f"{APPLICATIONS}/secrets/schema-checks"
    body = {"payloadSchema": SCHEMA}
    answer = desk.unchanged(lambda: send("POST", path, token=desk.token(), body=body))
    assert (answer.status, answer.code) == (404, "not_found")
    for token in (None, desk.platform.token(other), desk.id_token()):
        answer = desk.unchanged(partial(send, "POST", CHECKS, token=token, body=body))
        assert answer.status == 401


def test_a_refused_change_checks_nothing(desk: Desk) -> None:
    some_sessions(desk, {"name": 7})
    headers = {"if-match": '"9"'}
    body = {"payloadSchema": SCHEMA}
    answer = desk.unchanged(
        lambda: send("PATCH", NOTES, token=desk.token(), body=body, headers=headers)
    )
    assert (answer.status, answer.code) == (412, "version_mismatch")
    wrong = {**body, "color": json.dumps(SCHEMA)}
    answer = desk.unchanged(lambda: send("PATCH", NOTES, token=desk.token(), body=wrong))
    assert (answer.status, answer.code) == (400, "invalid_input")
