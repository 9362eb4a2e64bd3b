from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.api.platform import OWN_ORIGIN, PAGE, Answer, Platform, Tenant, send

ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/api/v1/sessions", None),
    ("PUT", "/api/v1/sessions", {"a": 1}),
    ("PATCH", "/api/v1/sessions", {"a": 1}),
    ("GET", "/api/v1/sessions/get/a", None),
    ("POST", "/api/v1/sessions/set/a", {"value": 2}),
    ("DELETE", "/api/v1/sessions/delete/a", None),
    ("GET", "/api/v1/sessions/identity", None),
    ("GET", "/api/v1/sessions/keys", None),
    ("POST", "/api/v1/sessions/revoke", None),
    ("POST", "/api/v1/auth/logout", None),
]
WRITES = [(m, p) for m, p, body in ROUTES if body is not None]


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


def _unchanged(platform: Platform, tenant: Tenant, act: Callable[[], Answer]) -> Answer:
    """Call, and show that the session and the audit trail are as before."""
    before = send("GET", "/api/v1/sessions", token=platform.token(tenant))
    events = len(platform.events)
    answer = act()
    after = send("GET", "/api/v1/sessions", token=platform.token(tenant))
    assert (after.body, after.headers["etag"]) == (before.body, before.headers["etag"])
    assert platform.actions_since(events) == []
    return answer


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_without_a_token_nobody_is_known(
    platform: Platform, tenant: Tenant, method: str, path: str, body: object
) -> None:
    platform.token(tenant, {"a": 0})
    answer = _unchanged(platform, tenant, lambda: send(method, path, body=body))
    assert (answer.status, answer.code) == (401, "token_missing")
    assert answer.headers["www-authenticate"] == 'Bearer realm="secureflows"'


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_an_expired_token_is_refused_to_the_second(
    platform: Platform, tenant: Tenant, method: str, path: str, body: object
) -> None:
    token = platform.token(tenant, {"a": 0})
    platform.adapters.clock.pause(900)
    answer = _unchanged(platform, tenant, lambda: send(method, path, body=body, token=token))
    assert (answer.status, answer.code) == (401, "token_expired")


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_a_token_of_another_kind_is_refused(
    platform: Platform, tenant: Tenant, method: str, path: str, body: object
) -> None:
    platform.token(tenant, {"a": 0})
    others = [
        platform.id_token(tenant),
        platform.member_token(tenant.workspace),
        "x.y.z",
        platform.token(tenant)[:-6] + "AAAAAA",
    ]
    for other in others:
        answer = _unchanged(platform, tenant, partial(send, method, path, body=body, token=other))
        assert (answer.status, answer.code) == (401, "token_invalid")


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_a_token_of_another_workspace_reaches_only_its_own_session(
    platform: Platform, tenant: Tenant, method: str, path: str, body: object
) -> None:
    platform.token(tenant, {"a": "of acme"})
    neighbour = platform.tenant("globex")
    theirs = platform.token(neighbour, {"a": "of globex"})
    before = send("GET", "/api/v1/sessions", token=platform.token(tenant)).body
    answer = send(method, path, body=body, token=theirs)
    assert answer.status == 200
    assert "of acme" not in answer.body
    assert send("GET", "/api/v1/sessions", token=platform.token(tenant)).body == before


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize(
    ("raw", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "invalid_json"),
        (b"", "application/json", 400, "invalid_json"),
        (b'{"a":NaN}', "application/json", 400, "invalid_json"),
        (b'{"a":1,"a":2}', "application/json", 400, "invalid_json"),
        (b'{"a":1e999}', "application/json", 400, "invalid_json"),
        (b'"\\ud800"', "application/json", 400, "invalid_json"),
        (b'"\xff"', "application/json", 400, "invalid_json"),
        (b"[" * 200_000, "application/json", 400, "invalid_json"),
        (b"[" * 101 + b"]" * 101, "application/json", 400, "invalid_json"),
        (b'{"a":1}', "text/plain", 415, "unsupported_media_type"),
        (b'{"a":1}', "", 415, "unsupported_media_type"),
        (b'{"a":"' + b"x" * 300_000 + b'"}', "application/json", 413, "payload_too_large"),
    ],
)
def test_bad_bodies_get_a_clear_answer_and_change_nothing(
    platform: Platform,
    tenant: Tenant,
    method: str,
    path: str,
    raw: bytes,
    content_type: str,
    status: int,
    code: str,
) -> None:
    token = platform.token(tenant, {"a": 0})
    answer = _unchanged(
        platform,
        tenant,
        lambda: send(method, path, raw=raw, token=token, headers={"content-type": content_type}),
    )
    assert (answer.status, answer.code) == (status, code)


def test_what_is_set_under_a_key_can_be_put_back_whole(platform: Platform, tenant: Tenant) -> None:
    token, deepest = platform.token(tenant), b"[" * 99 + b"]" * 99
    whole = send("POST", "/api/v1/sessions/set/a", token=token, raw=deepest)
    assert whole.status == 200
    again = send("PUT", "/api/v1/sessions", token=token, raw=whole.body.encode())
    assert again.body == whole.body
    deeper = send("POST", "/api/v1/sessions/set/a", token=token, raw=b"[" + deepest + b"]")
    assert (deeper.status, deeper.code) == (400, "invalid_json")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_whole_payload_is_an_object(platform: Platform, tenant: Tenant, method: str) -> None:
    token = platform.token(tenant)
    for body in (b"[]", b"1", b'"x"', b"null"):
        answer = send(method, "/api/v1/sessions", raw=body, token=token)
        assert (answer.status, answer.code) == (400, "invalid_input")


@pytest.mark.parametrize(
    "key", ["a" * 201, "%00", "a%0Ab", "%7F", "%C2%80", ".", "..", "%FF", "%ED%A0%80"]
)
@pytest.mark.parametrize(
    ("method", "route"), [("GET", "get"), ("POST", "set"), ("DELETE", "delete")]
)
def test_key_names_that_cannot_be_used_are_refused(
    platform: Platform, tenant: Tenant, key: str, method: str, route: str
) -> None:
    token = platform.token(tenant)
    body = {"value": 1} if method == "POST" else None
    answer = _unchanged(
        platform,
        tenant,
        lambda: send(method, f"/api/v1/sessions/{route}/{key}", token=token, body=body),
    )
    assert (answer.status, answer.code) == (400, "invalid_input")


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        ("a%2Fb", "a/b"),
        ("%252F", "%2F"),
        ("gr%C3%BC%C3%9Fe", "grüße"),
        ("%F0%9F%94%91", "🔑"),
        ("e%CC%81", "e\u0301"),
        ("a" * 200, "a" * 200),
        ("%20", " "),
        ("%2B+", "++"),
        ("__proto__", "__proto__"),
    ],
)
def test_a_key_name_reads_back_byte_for_byte(
    platform: Platform, tenant: Tenant, encoded: str, name: str
) -> None:
    token = platform.token(tenant)
    written = send("POST", f"/api/v1/sessions/set/{encoded}", token=token, body={"value": [name]})
    assert written.json() == {name: [name]}
    read = send("GET", f"/api/v1/sessions/get/{encoded}", token=token)
    assert read.json() == {"key": name, "value": [name]}


def test_the_whole_life_of_a_payload(platform: Platform, tenant: Tenant) -> None:
    token = platform.token(tenant)
    count = len(platform.events)
    assert send("GET", "/api/v1/sessions", token=token).json() == {}
    put = send("PUT", "/api/v1/sessions", token=token, body={"a": 1, "b": {"c": 2}})
    assert put.json() == {"a": 1, "b": {"c": 2}}
    patch = send("PATCH", "/api/v1/sessions", token=token, body={"a": None, "b": {"d": 3}})
    assert patch.json() == {"b": {"c": 2, "d": 3}}
    assert send("POST", "/api/v1/sessions/set/e", token=token, body=[1]).json()["e"] == [1]
    read = send("GET", "/api/v1/sessions/get/e", token=token)
    assert read.json() == {"key": "e", "value": [1]}
    deleted = send("DELETE", "/api/v1/sessions/delete/e", token=token)
    assert deleted.body == "true"
    assert send("DELETE", "/api/v1/sessions/delete/e", token=token).body == "false"
    missing = send("GET", "/api/v1/sessions/get/e", token=token)
    assert (missing.status, missing.code) == (404, "key_not_found")
    assert platform.actions_since(count) == [
        "payload.replaced",
        "payload.patched",
        "payload.key_set",
        "payload.key_deleted",
    ]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ({"value": 1}, 1),
        ({"value": {"value": 1}}, {"value": 1}),
        ({"value": 1, "x": 2}, {"value": 1, "x": 2}),
        ([1], [1]),
        (None, None),
        ("text", "text"),
        (False, False),
    ],
)
def test_set_unwraps_an_object_whose_only_member_is_value(
    platform: Platform, tenant: Tenant, body: object, value: object
) -> None:
    token = platform.token(tenant)
    raw = b"null" if body is None else None
    answer = send("POST", "/api/v1/sessions/set/k", token=token, body=body, raw=raw)
    assert answer.json() == {"k": value}


def test_a_stale_if_match_is_refused_and_changes_nothing(
    platform: Platform, tenant: Tenant
) -> None:
    token = platform.token(tenant)
    first = send("PUT", "/api/v1/sessions", token=token, body={"a": 1}).headers["etag"]
    second = send(
        "PUT", "/api/v1/sessions", token=token, body={"a": 2}, headers={"if-match": first}
    )
    assert second.status == 200
    for method, path, body in ROUTES[1:3] + ROUTES[4:6]:
        for tag in (first, 'W/"3"', '"x"', '""', "3"):
            answer = _unchanged(
                platform,
                tenant,
                partial(send, method, path, token=token, body=body, headers={"if-match": tag}),
            )
            assert (answer.status, answer.code) == (412, "version_mismatch")
    anything = send(
        "PUT", "/api/v1/sessions", token=token, body={"a": 3}, headers={"if-match": "*"}
    )
    assert anything.status == 200


@pytest.mark.parametrize("tags", ["*", '"2"', 'W/"2"', '"7", W/"2"'])
@pytest.mark.parametrize("more", [{}, {"if-match": '"2"'}])
def test_a_version_that_must_not_be_replaced_stays(
    platform: Platform, tenant: Tenant, tags: str, more: dict[str, str]
) -> None:
    token = platform.token(tenant)
    send("PUT", "/api/v1/sessions", token=token, body={"a": 1})
    headers = {"if-none-match": tags, **more}
    for method, path, body in ROUTES[1:3] + ROUTES[4:6]:
        refused = _unchanged(
            platform, tenant, partial(send, method, path, token=token, body=body, headers=headers)
        )
        assert (refused.status, refused.code) == (412, "version_mismatch")


def test_whoever_names_other_versions_writes(platform: Platform, tenant: Tenant) -> None:
    token = platform.token(tenant)
    for tags in ('"7"', "", "2", '*, "7"', '"x"'):
        for method, path, body in ROUTES[1:3] + ROUTES[4:6]:
            written = send(
                method,
                path,
                token=token,
                body=body,
                headers={"if-none-match": tags, "if-match": "*"},
            )
            assert written.status == 200


def test_a_write_that_was_done_is_answered_again_at_the_version_that_it_made(
    platform: Platform, tenant: Tenant
) -> None:
    token = platform.token(tenant)
    headers = {"if-none-match": '"2"', "idempotency-key": "k"}
    for _ in range(2):
        written = send("PUT", "/api/v1/sessions", token=token, body={"a": 1}, headers=headers)
        assert (written.status, written.headers["etag"]) == (200, '"2"')


def test_an_application_may_demand_if_match(platform: Platform) -> None:
    tenant = platform.tenant("strict", requires_if_match=True)
    token = platform.token(tenant)
    for headers in ({}, {"if-none-match": '"7"'}):
        answer = send("PUT", "/api/v1/sessions", token=token, body={"a": 1}, headers=headers)
        assert (answer.status, answer.code) == (428, "if_match_required")


def test_identity_is_stable_and_a_number(platform: Platform, tenant: Tenant) -> None:
    answer = send("GET", "/api/v1/sessions/identity", token=platform.token(tenant))
    assert answer.json() == {"userId": tenant.user, "email": "mira@acme.example"}


def test_after_revocation_the_next_request_is_refused_and_the_payload_is_gone(
    platform: Platform, tenant: Tenant
) -> None:
    head, issued = platform.session(tenant)
    send("PUT", "/api/v1/sessions", token=issued.text, body={"a": 1})
    answer = send("POST", "/api/v1/sessions/revoke", token=issued.text)
    assert answer.json() == {"revoked": True, "sessionId": head.ref.sid}
    for method, path, body in ROUTES:
        again = send(method, path, token=issued.text, body=body)
        assert (again.status, again.code) == (410, "session_ended")
    # What is over can be signed out of once: its sign-in may still have an ID token.
    assert [event.action for event in platform.events[-2:]] == [
        "session.revoked",
        "session.logged_out",
    ]
    assert send("GET", "/api/v1/sessions", token=platform.token(tenant)).json() == {}


def test_a_logout_ends_this_sign_in_and_no_other(platform: Platform, tenant: Tenant) -> None:
    here, there = platform.token(tenant), platform.token(tenant)
    send("PUT", "/api/v1/sessions", token=here, body={"kept": True})
    assert send("POST", "/api/v1/auth/logout", token=here).json() == {"loggedOut": True}
    again = send("GET", "/api/v1/sessions", token=here)
    assert (again.status, again.code) == (401, "token_superseded")
    assert send("GET", "/api/v1/sessions", token=there).json() == {"kept": True}


@pytest.mark.parametrize("spelling", ["true", "True", "TRUE"])
def test_a_logout_everywhere_ends_all_tokens_and_no_data(
    platform: Platform, tenant: Tenant, spelling: str
) -> None:
    here, there = platform.token(tenant), platform.token(tenant)
    send("PUT", "/api/v1/sessions", token=here, body={"kept": True})
    send("POST", f"/api/v1/auth/logout?everywhere={spelling}", token=here)
    for token in (here, there):
        assert send("GET", "/api/v1/sessions", token=token).code == "token_superseded"
    assert send("GET", "/api/v1/sessions", token=platform.token(tenant)).json() == {"kept": True}


def test_a_payload_expires_to_the_second(platform: Platform) -> None:
    tenant = platform.tenant("brief", payload_seconds=60, token_seconds=900)
    token = platform.token(tenant, {"a": 1})
    platform.adapters.clock.pause(59)
    assert send("GET", "/api/v1/sessions", token=token).json() == {"a": 1}
    platform.adapters.clock.pause(1)
    answer = send("GET", "/api/v1/sessions", token=token)
    # The token never outlives its session, so both are over.
    assert (answer.status, answer.code) == (401, "token_expired")


def test_a_page_of_another_origin_is_refused_and_a_registered_one_is_named(
    platform: Platform, tenant: Tenant
) -> None:
    token = platform.token(tenant)
    for page in ("https://evil.example", "null", "https://notes.example.evil.example"):
        answer = _unchanged(
            platform,
            tenant,
            partial(
                send,
                "PUT",
                "/api/v1/sessions",
                token=token,
                body={"x": 1},
                headers={"origin": page},
            ),
        )
        assert (answer.status, answer.code) == (403, "origin_not_allowed")
    for page in (PAGE, OWN_ORIGIN):
        answer = send("GET", "/api/v1/sessions", token=token, headers={"origin": page})
        assert answer.status == 200
    named = send("GET", "/api/v1/sessions", token=token, headers={"origin": PAGE})
    assert named.headers["access-control-allow-origin"] == PAGE
    anonymous = send("GET", "/api/v1/sessions", headers={"origin": PAGE})
    assert anonymous.headers["access-control-allow-origin"] == "*"
    assert anonymous.headers["vary"] == "Origin"


def test_a_closed_key_keeps_the_data_and_says_so(platform: Platform, tenant: Tenant) -> None:
    token = platform.token(tenant, {"a": 1})
    platform.adapters.root_key.is_enabled = False
    platform.adapters.clock.pause(61)
    answer = send("GET", "/api/v1/sessions", token=token)
    assert (answer.status, answer.code) == (423, "key_unavailable")
    platform.adapters.root_key.is_enabled = True
    assert send("GET", "/api/v1/sessions", token=token).json() == {"a": 1}


def test_a_warm_read_asks_kms_for_nothing(platform: Platform, tenant: Tenant) -> None:
    token = platform.token(tenant, {"a": 1})
    send("PUT", "/api/v1/sessions", token=token, body={"a": 2})
    calls = platform.adapters.root_key.calls
    send("GET", "/api/v1/sessions", token=token)
    send("PUT", "/api/v1/sessions", token=token, body={"a": 3})
    assert platform.adapters.root_key.calls == calls


def test_identity_comes_from_the_token_alone(platform: Platform, tenant: Tenant) -> None:
    neighbour = platform.tenant("globex")
    theirs, _ = platform.session(neighbour, {"secret": "of globex"})
    token = platform.token(tenant, {"a": 1})
    foreign = {
        "userId": neighbour.user,
        "sub": str(neighbour.user),
        "workspaceName": "globex",
        "sid": theirs.ref.sid,
        "app_id": "notes",
    }
    query = "&".join(f"{name}={value}" for name, value in foreign.items())
    for method, path, body in ROUTES[:7]:
        sent = None if body is None else {**body, **foreign}
        answer = send(
            method,
            f"{path}?{query}",
            token=token,
            body=sent,
            headers={"x-user-id": str(neighbour.user), "x-workspace": "globex"},
        )
        assert "of globex" not in answer.body
    untouched = send("GET", "/api/v1/sessions", token=platform.token(neighbour))
    assert untouched.json() == {"secret": "of globex"}


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_a_browser_takes_no_answer_for_anything_but_json(
    platform: Platform, tenant: Tenant, method: str, path: str, body: object
) -> None:
    for token in (platform.token(tenant, {"a": "<script>"}), None):
        answer = send(method, path, body=body, token=token)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "json" in answer.headers["content-type"]
