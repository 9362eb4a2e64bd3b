from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jwt
import pytest

from chalicelib.domain.ids import new_ulid
from chalicelib.domain.workspaces import Gate, GateStatus
from tests.api.platform import PAGE, Answer, Platform, Tenant, send

CREATE = "/api/v1/sessions"
CONTINUE = "/api/v1/sessions/get-or-create"
RENEW = "/api/v1/sessions/renew"
BEGINNINGS = [CREATE, CONTINUE]
ALL = [*BEGINNINGS, RENEW]


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


def _body(platform: Platform, tenant: Tenant, path: str) -> Mapping[str, Any]:
    if path == RENEW:
        return {"sessionToken": platform.token(tenant, {"a": 1})}
    return {"workspaceName": tenant.workspace.slug, "app_id": "notes", "payload": {"a": 2}}


def _unchanged(platform: Platform, act: Callable[[], Answer]) -> Answer:
    """Call, and show that no session, no payload and no event has come or gone."""
    sessions = platform.adapters.sessions
    before = (dict(sessions.heads), dict(sessions.payloads), len(platform.events))
    answer = act()
    assert (sessions.heads, sessions.payloads, len(platform.events)) == before
    assert "sessionToken" not in answer.body or answer.status == 400
    return answer


def _post(platform: Platform, tenant: Tenant, path: str, body: Any, **words: Any) -> Answer:
    return send("POST", path, token=platform.id_token(tenant), body=body, **words)


def _sid(token: str) -> str:
    return str(jwt.decode(token, options={"verify_signature": False})["sid"])


def _read(token: str) -> Any:
    answer = send("GET", "/api/v1/sessions", token=token)
    assert answer.status == 200, answer
    return answer.json()


@pytest.mark.parametrize("path", ALL)
def test_without_a_token_nobody_is_known(platform: Platform, tenant: Tenant, path: str) -> None:
    body = _body(platform, tenant, path)
    answer = _unchanged(platform, lambda: send("POST", path, body=body))
    assert (answer.status, answer.code) == (401, "token_missing")
    assert answer.headers["www-authenticate"] == 'Bearer realm="secureflows"'


@pytest.mark.parametrize("path", ALL)
def test_an_id_token_is_good_for_five_minutes_to_the_second(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    body, id_token = _body(platform, tenant, path), platform.id_token(tenant)
    platform.adapters.clock.pause(299)
    assert send("POST", path, token=id_token, body=body).status == 200
    platform.adapters.clock.pause(1)
    body = _body(platform, tenant, path)
    answer = _unchanged(platform, lambda: send("POST", path, token=id_token, body=body))
    assert (answer.status, answer.code) == (401, "token_expired")


@pytest.mark.parametrize("path", ALL)
def test_a_token_of_another_kind_is_refused(platform: Platform, tenant: Tenant, path: str) -> None:
    body = _body(platform, tenant, path)
    for other in (
        platform.token(tenant),
        platform.member_token(tenant.workspace),
        "x.y.z",
        platform.id_token(tenant)[:-2] + "AA",
    ):
        answer = _unchanged(platform, partial(send, "POST", path, token=other, body=body))
        assert (answer.status, answer.code) == (401, "token_invalid")


@pytest.mark.parametrize("path", BEGINNINGS)
@pytest.mark.parametrize(
    "names",
    [
        {"workspaceName": "globex"},
        {"workspaceName": "nowhere"},
        {"workspaceName": "Acme"},
        {"workspaceName": "acme "},
        {"workspaceName": ""},
        {"workspaceName": "acme", "app_id": "forms"},
        {"workspaceName": "acme", "app_id": "nothing"},
        {"workspaceName": "acme", "app_id": ""},
        {"workspaceName": "acme", "app_id": "Notes"},
        {"workspaceName": "globex", "app_id": "notes"},
    ],
)
def test_names_that_differ_from_what_the_token_proves_are_refused(
    platform: Platform, tenant: Tenant, path: str, names: Mapping[str, str]
) -> None:
    platform.tenant("globex")
    platform.application(tenant.workspace, tenant.user, "forms")
    answer = _unchanged(platform, lambda: _post(platform, tenant, path, names))
    assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.parametrize("path", ALL)
@pytest.mark.parametrize(
    ("raw", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "invalid_json"),
        (b"", "application/json", 400, "invalid_json"),
        (b"null", "application/json", 400, "invalid_input"),
        (b"[]", "application/json", 400, "invalid_input"),
        (b"{}", "application/json", 400, "invalid_input"),
        (b'{"workspaceName": 1}', "application/json", 400, "invalid_input"),
        (b'{"workspaceName": "acme", "app_id": 1}', "application/json", 400, "invalid_input"),
        (b'{"workspaceName": "acme", "payload": []}', "application/json", 400, "invalid_input"),
        (b'{"workspaceName": "acme", "payload": 1}', "application/json", 400, "invalid_input"),
        (b'{"workspaceName": "acme", "userId": 1}', "application/json", 400, "invalid_input"),
        (b'{"sessionToken": null}', "application/json", 400, "invalid_input"),
        (b'{"sessionToken": "a", "payload": {}}', "application/json", 400, "invalid_input"),
        (b'{"workspaceName": "acme"}', "text/plain", 415, "unsupported_media_type"),
    ],
)
def test_bad_bodies_get_a_clear_answer_and_change_nothing(
    platform: Platform,
    tenant: Tenant,
    path: str,
    raw: bytes,
    content_type: str,
    status: int,
    code: str,
) -> None:
    answer = _unchanged(
        platform,
        lambda: send(
            "POST",
            path,
            token=platform.id_token(tenant),
            raw=raw,
            headers={"content-type": content_type},
        ),
    )
    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize("path", BEGINNINGS)
@pytest.mark.parametrize(
    ("payload", "status", "code"),
    [
        ({"a" * 201: 1}, 400, "invalid_input"),
        ({"": 1}, 400, "invalid_input"),
        ({"a\u0000": 1}, 400, "invalid_input"),
        ({"..": 1}, 400, "invalid_input"),
        ({"a": "x" * 262_144}, 413, "payload_too_large"),
    ],
)
def test_a_payload_that_could_not_be_written_begins_no_session(
    platform: Platform,
    tenant: Tenant,
    path: str,
    payload: Mapping[str, Any],
    status: int,
    code: str,
) -> None:
    body = {"workspaceName": "acme", "payload": payload}
    answer = _unchanged(platform, lambda: _post(platform, tenant, path, body))
    assert (answer.status, answer.code) == (status, code)


def test_create_always_adds_a_session(platform: Platform, tenant: Tenant) -> None:
    count = len(platform.events)
    bodies = [{"workspaceName": "acme", "payload": {"n": n}} for n in range(3)]
    tokens = [_post(platform, tenant, CREATE, body).json()["sessionToken"] for body in bodies]
    assert len({_sid(token) for token in tokens}) == 3
    assert [_read(token) for token in tokens] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert platform.actions_since(count) == ["session.created"] * 3


def test_create_without_a_payload_begins_with_an_empty_one(
    platform: Platform, tenant: Tenant
) -> None:
    for body in (
        {"workspaceName": "acme"},
        {"workspaceName": "acme", "app_id": None, "payload": None},
        {"workspaceName": "acme", "payload": {}},
    ):
        answer = _post(platform, tenant, CREATE, body)
        assert answer.status == 200
        assert answer.headers["cache-control"] == "no-store"
        assert _read(answer.json()["sessionToken"]) == {}


def test_get_or_create_begins_a_session_where_there_is_none(
    platform: Platform, tenant: Tenant
) -> None:
    count = len(platform.events)
    answer = _post(
        platform, tenant, CONTINUE, {"workspaceName": "acme", "payload": {"first": True}}
    )
    assert answer.json().keys() == {"sessionToken"}
    assert _read(answer.json()["sessionToken"]) == {"first": True}
    assert platform.actions_since(count) == ["session.created"]


def test_get_or_create_continues_the_newest_live_session_and_ignores_the_payload(
    platform: Platform, tenant: Tenant
) -> None:
    older = _post(platform, tenant, CREATE, {"workspaceName": "acme", "payload": {"n": 1}})
    platform.adapters.clock.pause(1)
    newer = _post(platform, tenant, CREATE, {"workspaceName": "acme", "payload": {"n": 2}})
    count = len(platform.events)
    body = {"workspaceName": "acme", "payload": {"n": 3}}
    again = [_post(platform, tenant, CONTINUE, body).json()["sessionToken"] for _ in range(2)]
    assert {_sid(token) for token in again} == {_sid(newer.json()["sessionToken"])}
    assert again[0] != again[1]
    assert [_read(token) for token in again] == [{"n": 2}, {"n": 2}]
    assert platform.actions_since(count) == []
    # Nobody was signed out by it.
    assert _read(newer.json()["sessionToken"]) == {"n": 2}
    assert _read(older.json()["sessionToken"]) == {"n": 1}


def test_get_or_create_begins_anew_after_the_newest_has_ended(
    platform: Platform, tenant: Tenant
) -> None:
    first = _post(platform, tenant, CONTINUE, {"workspaceName": "acme", "payload": {"n": 1}})
    token = first.json()["sessionToken"]
    assert send("POST", "/api/v1/sessions/revoke", token=token).status == 200
    platform.adapters.clock.pause(1)
    second = _post(platform, tenant, CONTINUE, {"workspaceName": "acme", "payload": {"n": 2}})
    assert _sid(second.json()["sessionToken"]) != _sid(token)
    assert _read(second.json()["sessionToken"]) == {"n": 2}


def test_get_or_create_begins_anew_after_the_newest_has_expired(platform: Platform) -> None:
    tenant = platform.tenant("brief", payload_seconds=60)
    body = {"workspaceName": "brief"}
    first = _post(platform, tenant, CONTINUE, body).json()["sessionToken"]
    platform.adapters.clock.pause(59)
    assert _sid(_post(platform, tenant, CONTINUE, body).json()["sessionToken"]) == _sid(first)
    platform.adapters.clock.pause(1)
    assert _sid(_post(platform, tenant, CONTINUE, body).json()["sessionToken"]) != _sid(first)


def test_get_or_create_sees_the_sessions_of_its_own_application_only(
    platform: Platform, tenant: Tenant
) -> None:
    forms = platform.application(tenant.workspace, tenant.user, "forms")
    there = Tenant(tenant.workspace, forms, tenant.user, tenant.email)
    notes = _post(platform, tenant, CONTINUE, {"workspaceName": "acme", "payload": {"n": 1}})
    other = _post(platform, there, CONTINUE, {"workspaceName": "acme", "payload": {"f": 1}})
    assert _read(other.json()["sessionToken"]) == {"f": 1}
    assert _read(notes.json()["sessionToken"]) == {"n": 1}


def test_a_sign_in_and_get_or_create_mean_the_same_session(
    platform: Platform, tenant: Tenant
) -> None:
    head, issued = platform.session(tenant, {"seed": 1})
    answer = _post(platform, tenant, CONTINUE, {"workspaceName": "acme", "payload": {"n": 1}})
    token = answer.json()["sessionToken"]
    assert _sid(token) == head.ref.sid
    assert _read(token) == _read(issued.text) == {"seed": 1}


def test_renew_gives_a_fresh_token_with_the_payload_and_supersedes_the_older(
    platform: Platform, tenant: Tenant
) -> None:
    head, first = platform.session(tenant, {"a": 1})
    second = platform.token(tenant)
    count = len(platform.events)
    answer = _post(platform, tenant, RENEW, {"sessionToken": first.text})
    assert answer.status == 200
    fresh = answer.json()["sessionToken"]
    assert answer.json() == {"sessionToken": fresh, "payload": {"a": 1}}
    assert _sid(fresh) == head.ref.sid
    assert platform.actions_since(count) == ["session.renewed"]
    assert _read(fresh) == {"a": 1}
    for old in (first.text, second):
        refused = send("GET", "/api/v1/sessions", token=old)
        assert (refused.status, refused.code) == (401, "token_superseded")


def test_renew_takes_an_expired_token_and_extends_no_data(platform: Platform) -> None:
    tenant = platform.tenant("brief", token_seconds=60, payload_seconds=600)
    head, issued = platform.session(tenant, {"a": 1})
    platform.adapters.clock.pause(500)
    assert send("GET", "/api/v1/sessions", token=issued.text).code == "token_expired"
    answer = _post(platform, tenant, RENEW, {"sessionToken": issued.text})
    fresh = answer.json()["sessionToken"]
    assert answer.json()["payload"] == {"a": 1}
    assert platform.adapters.sessions.heads[head.ref].exp == head.exp
    platform.adapters.clock.pause(59)
    assert _read(fresh) == {"a": 1}
    # The lifetime of the data is over a minute after the renewal, as it was from the beginning.
    platform.adapters.clock.pause(41)
    assert send("GET", "/api/v1/sessions", token=fresh).status == 401
    over = _unchanged(platform, lambda: _post(platform, tenant, RENEW, {"sessionToken": fresh}))
    assert (over.status, over.code) == (410, "session_ended")


def test_renew_of_a_superseded_token_still_belongs_to_its_owner(
    platform: Platform, tenant: Tenant
) -> None:
    old = platform.token(tenant, {"a": 1})
    fresh = _post(platform, tenant, RENEW, {"sessionToken": old}).json()["sessionToken"]
    again = _post(platform, tenant, RENEW, {"sessionToken": old})
    assert again.status == 200
    assert send("GET", "/api/v1/sessions", token=fresh).code == "token_superseded"
    assert _read(again.json()["sessionToken"]) == {"a": 1}


def test_renew_is_for_the_owner_only(platform: Platform, tenant: Tenant) -> None:
    nils = Tenant(
        tenant.workspace,
        tenant.application,
        platform.user(tenant.workspace, "nils@acme.example"),
        "nils@acme.example",
    )
    forms = platform.application(tenant.workspace, tenant.user, "forms")
    other_app = Tenant(tenant.workspace, forms, tenant.user, tenant.email)
    elsewhere = platform.tenant("globex")
    mine = platform.token(tenant, {"a": "mine"})
    for somebody in (nils, other_app, elsewhere):
        answer = _unchanged(
            platform,
            partial(_post, platform, somebody, RENEW, {"sessionToken": mine}),
        )
        assert (answer.status, answer.code) == (403, "not_owner")
        assert "mine" not in answer.body
    assert _read(mine) == {"a": "mine"}


def test_renew_refuses_what_is_no_session_token(platform: Platform, tenant: Tenant) -> None:
    platform.token(tenant)
    for text in (
        "",
        "x.y.z",
        platform.id_token(tenant),
        platform.member_token(tenant.workspace),
        platform.token(tenant)[:-2] + "AA",
        "a" * 8_192,
    ):
        answer = _unchanged(
            platform, partial(_post, platform, tenant, RENEW, {"sessionToken": text})
        )
        assert (answer.status, answer.code) == (401, "token_invalid"), text
    too_long = _post(platform, tenant, RENEW, {"sessionToken": "a" * 8_193})
    assert (too_long.status, too_long.code) == (400, "invalid_input")


def test_renew_of_a_revoked_session_finds_it_ended(platform: Platform, tenant: Tenant) -> None:
    token = platform.token(tenant, {"a": 1})
    send("POST", "/api/v1/sessions/revoke", token=token)
    answer = _unchanged(platform, lambda: _post(platform, tenant, RENEW, {"sessionToken": token}))
    assert (answer.status, answer.code) == (410, "session_ended")


@pytest.mark.parametrize("path", ALL)
def test_an_id_token_of_another_workspace_reaches_nothing_here(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    neighbour = platform.tenant("globex")
    body = _body(platform, tenant, path)
    answer = _unchanged(platform, lambda: _post(platform, neighbour, path, body))
    assert answer.status == 403
    assert answer.code == ("not_owner" if path == RENEW else "forbidden")


@pytest.mark.parametrize("path", ALL)
def test_an_id_token_for_a_client_that_is_not_of_its_workspace_is_refused(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    neighbour = platform.tenant("globex")
    body = _body(platform, tenant, path)
    mixed = platform.id_token(tenant, client_id=neighbour.application.client_id)
    answer = _unchanged(platform, lambda: send("POST", path, token=mixed, body=body))
    assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.parametrize("path", ALL)
def test_a_page_of_another_origin_is_refused_and_a_registered_one_is_named(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    body = _body(platform, tenant, path)
    for page in ("https://evil.example", "null", f"{PAGE}.evil.example"):
        answer = _unchanged(
            platform,
            partial(_post, platform, tenant, path, body, headers={"origin": page}),
        )
        assert (answer.status, answer.code) == (403, "origin_not_allowed")
    answer = _post(platform, tenant, path, body, headers={"origin": PAGE})
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("path", ALL)
def test_a_sealed_workspace_begins_and_renews_nothing(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    body, id_token = _body(platform, tenant, path), platform.id_token(tenant)
    gates = platform.adapters.workspaces.gates
    gates[tenant.workspace.id] = Gate(GateStatus.SEALED, version=2)
    platform.adapters.clock.pause(6)
    answer = _unchanged(platform, lambda: send("POST", path, token=id_token, body=body))
    assert (answer.status, answer.code) == (423, "workspace_sealed")


@pytest.mark.parametrize("path", BEGINNINGS)
def test_a_session_of_a_person_who_is_gone_does_not_begin(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    stranger = platform.id_token(tenant, user=tenant.user + 1, sid=new_ulid(1))
    body = {"workspaceName": "acme"}
    answer = _unchanged(platform, lambda: send("POST", path, token=stranger, body=body))
    assert answer.status in {401, 403, 404, 410, 503}, answer
