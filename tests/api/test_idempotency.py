"""Requests with an Idempotency-Key: done once, answered again, for a day."""

from typing import Any

import pytest

from chalicelib.domain.limits import MAX_RECEIPT_BYTES, RECEIPT_SECONDS
from tests.api.exchange import CONTINUE, CREATE, post, read, sid_of
from tests.api.platform import PAGE, Answer, Platform, Tenant, send

PATH = "/api/v1/sessions"
WRITES: list[tuple[str, str, Any]] = [
    ("PUT", PATH, {"a": 2}),
    ("PATCH", PATH, {"a": None, "b": 3}),
    ("POST", f"{PATH}/set/a", {"value": 4}),
    ("DELETE", f"{PATH}/delete/a", None),
    ("DELETE", f"{PATH}/delete/never", None),
]
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


@pytest.fixture
def token(platform: Platform, tenant: Tenant) -> str:
    return platform.token(tenant, {"a": 1})


def keyed(method: str, path: str, token: str, body: Any = None, key: str = KEY, **more: str) -> Any:
    return send(method, path, token=token, body=body, headers={"idempotency-key": key, **more})


def replays(first: Answer, again: Answer) -> bool:
    assert "idempotency-replayed" not in first.headers
    return (again.status, again.body, again.headers.get("etag")) == (
        first.status,
        first.body,
        first.headers.get("etag"),
    ) and again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_write_is_done_once_and_answered_again(
    platform: Platform, token: str, method: str, path: str, body: Any
) -> None:
    first = keyed(method, path, token, body)
    assert first.status == 200
    others = send("POST", f"{PATH}/set/other", token=token, body={"value": 1})
    count = len(platform.events)
    assert replays(first, keyed(method, path, token, body))
    now = send("GET", PATH, token=token)
    assert now.headers["etag"] == others.headers["etag"]
    assert now.json()["other"] == 1
    assert platform.actions_since(count) == []


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_repetition_is_answered_before_its_if_match_is_looked_at(
    platform: Platform, tenant: Tenant, method: str, path: str, body: Any
) -> None:
    token = platform.token(tenant, {"a": 1})
    first = keyed(method, path, token, body, **{"if-match": '"1"'})
    send("POST", f"{PATH}/set/other", token=token, body={"value": 1})
    assert replays(first, keyed(method, path, token, body, **{"if-match": '"1"'}))


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_another_request_under_the_same_key_is_refused(
    platform: Platform, token: str, method: str, path: str, body: Any
) -> None:
    assert keyed("POST", f"{PATH}/set/first", token, {"value": 1}).status == 200
    count, before = len(platform.events), send("GET", PATH, token=token)
    answer = keyed(method, path, token, body)
    assert (answer.status, answer.code) == (422, "idempotency_reused")
    assert send("GET", PATH, token=token).body == before.body
    assert platform.actions_since(count) == []


def test_another_body_or_name_is_another_request(token: str) -> None:
    assert keyed("POST", f"{PATH}/set/a%2Fb", token, {"value": 1}).status == 200
    for path, body in ((f"{PATH}/set/a%2Fb", {"value": 2}), (f"{PATH}/set/a", {"value": 1})):
        assert keyed("POST", path, token, body).code == "idempotency_reused"
    again = keyed("POST", f"{PATH}/set/a%2fb", token, {"value": 1})
    assert again.headers["idempotency-replayed"] == "true"


def test_a_delete_that_found_nothing_is_remembered(token: str) -> None:
    path = f"{PATH}/delete/late"
    assert keyed("DELETE", path, token).body == "false"
    send("POST", f"{PATH}/set/late", token=token, body={"value": 1})
    assert keyed("DELETE", path, token).body == "false"
    assert send("GET", f"{PATH}/get/late", token=token).status == 200
    assert keyed("DELETE", path, token, key="another").body == "true"


def test_a_day_later_to_the_second_a_key_is_new(platform: Platform) -> None:
    tenant = platform.tenant("long", token_seconds=2 * RECEIPT_SECONDS)
    token = platform.token(tenant)
    first = keyed("POST", f"{PATH}/set/a", token, {"value": 1})
    platform.adapters.clock.pause(RECEIPT_SECONDS - 1)
    assert replays(first, keyed("POST", f"{PATH}/set/a", token, {"value": 1}))
    platform.adapters.clock.pause(1)
    anew = keyed("POST", f"{PATH}/set/b", token, {"value": 2})
    assert anew.json() == {"a": 1, "b": 2}
    assert replays(anew, keyed("POST", f"{PATH}/set/b", token, {"value": 2}))


def test_only_successes_are_remembered(platform: Platform, token: str) -> None:
    for body, status in (([1], 400), ({"a": "x" * 300_000}, 413)):
        assert keyed("PUT", PATH, token, body).status == status
    assert keyed("PUT", PATH, token, {"a": 2}, **{"if-match": '"9"'}).status == 412
    assert platform.adapters.sessions.receipts == {}
    assert keyed("PUT", PATH, token, {"a": 2}).status == 200


def test_a_large_answer_is_given_again_while_it_is_the_newest_and_then_said_to_be_gone(
    platform: Platform, token: str
) -> None:
    body = {"a": "x" * MAX_RECEIPT_BYTES}
    first = keyed("PATCH", PATH, token, body)
    (receipt,) = platform.adapters.sessions.receipts.values()
    assert receipt.body is None
    assert replays(first, keyed("PATCH", PATH, token, body))
    send("PUT", PATH, token=token, body={"b": 1})
    gone = keyed("PATCH", PATH, token, body)
    assert (gone.status, gone.code) == (409, "replay_unavailable")
    assert '"2"' in gone.json()["detail"]
    assert "retry-after" not in gone.headers
    assert send("GET", PATH, token=token).json() == {"b": 1}


def test_an_answer_of_just_the_limit_is_kept(token: str) -> None:
    body = {"a": "x" * (MAX_RECEIPT_BYTES - len('{"a":""}'))}
    first = keyed("PATCH", PATH, token, body)
    send("PUT", PATH, token=token, body={"b": 1})
    assert replays(first, keyed("PATCH", PATH, token, body))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("k", "k"),
        (' "k" ', "k"),
        (r'"a\"b\\"', 'a"b\\'),
        ("x" * 255, "x" * 255),
        ("!~,;=", "!~,;="),
        ('k"', 'k"'),
    ],
)
def test_a_key_is_the_same_bare_or_quoted(token: str, text: str, key: str) -> None:
    first = keyed("PUT", PATH, token, {"a": 2}, key=text)
    assert first.status == 200
    quoted = '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert replays(first, keyed("PUT", PATH, token, {"a": 2}, key=quoted))
    other = keyed("PUT", PATH, token, {"a": 2}, key="other")
    assert "idempotency-replayed" not in other.headers


@pytest.mark.parametrize(
    "text", ["", " ", '""', '"', "a b", "ü", "a\x7f", "x" * 256, '"a"; p=1', '"a', '"a\\x"', '"ü"']
)
@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_key_of_another_form_is_refused(
    platform: Platform, token: str, text: str, method: str, path: str, body: Any
) -> None:
    count = len(platform.events)
    answer = keyed(method, path, token, body, key=text)
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert platform.actions_since(count) == []


@pytest.mark.parametrize("keys", [("a", "b"), ("a", "a"), ('"a"', '"b"'), ("a", ""), ("", "a")])
@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_two_keys_of_one_request_are_refused(
    platform: Platform, token: str, keys: tuple[str, str], method: str, path: str, body: Any
) -> None:
    count, lines = len(platform.events), [("idempotency-key", key) for key in keys]
    answer = send(method, path, token=token, body=body, lines=lines)
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert platform.actions_since(count) == []


def test_the_same_key_of_a_neighbour_is_another_one(platform: Platform, tenant: Tenant) -> None:
    forms = platform.application(tenant.workspace, tenant.user, "forms")
    other = platform.user(tenant.workspace, "nils@acme.example")
    neighbours = [
        tenant,
        Tenant(tenant.workspace, forms, tenant.user, tenant.email),
        Tenant(tenant.workspace, tenant.application, other, "nils@acme.example"),
        platform.tenant("globex"),
    ]
    for number, one in enumerate(neighbours):
        answer = keyed("PUT", PATH, platform.token(one), {"number": number})
        assert (answer.status, answer.json()) == (200, {"number": number})
        assert "idempotency-replayed" not in answer.headers
    digests = {ref.digest for ref in platform.adapters.sessions.receipts}
    assert len(digests) == len(neighbours), "equal keys of two people look alike"


def test_a_key_belongs_to_the_session_that_it_was_used_for(
    platform: Platform, tenant: Tenant
) -> None:
    tokens = [
        post(platform, tenant, CREATE, {"workspaceName": "acme"}).json()["sessionToken"]
        for _ in range(2)
    ]
    assert keyed("PUT", PATH, tokens[0], {"a": 1}).status == 200
    assert keyed("PUT", PATH, tokens[1], {"a": 1}).code == "idempotency_reused"
    assert read(tokens[1]) == {}


def test_a_repetition_is_refused_to_whoever_may_no_longer_write(
    platform: Platform, tenant: Tenant
) -> None:
    token = platform.token(tenant)
    assert keyed("PUT", PATH, token, {"a": 1}).status == 200
    foreign = keyed("PUT", PATH, token, {"a": 1}, origin="https://evil.example")
    assert foreign.code == "origin_not_allowed"
    assert send("POST", "/api/v1/auth/logout", token=token).status == 200
    assert keyed("PUT", PATH, token, {"a": 1}).code == "token_superseded"
    again = platform.token(tenant)
    assert keyed("PUT", PATH, again, {"a": 1}).headers["idempotency-replayed"] == "true"
    send("POST", f"{PATH}/revoke", token=again)
    assert keyed("PUT", PATH, again, {"a": 1}).code == "session_ended"


def test_a_process_that_knows_nothing_yet_repeats_too(platform: Platform, token: str) -> None:
    first = keyed("PUT", PATH, token, {"a": 1})
    platform.adapters.clock.pause(61)
    assert replays(first, keyed("PUT", PATH, token, {"a": 1}))


def test_a_browser_may_read_that_an_answer_was_given_before(token: str) -> None:
    keyed("PUT", PATH, token, {"a": 1})
    answer = keyed("PUT", PATH, token, {"a": 1}, origin=PAGE)
    assert "Idempotency-Replayed" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("path", [CREATE, CONTINUE])
def test_a_creation_is_done_once_and_repeated_with_a_fresh_token(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    body = {"workspaceName": "acme", "payload": {"n": 1}}
    words = {"headers": {"idempotency-key": KEY}}
    first = post(platform, tenant, path, body, **words)
    platform.adapters.clock.pause(1)
    newer = post(platform, tenant, CREATE, {"workspaceName": "acme"})
    count = len(platform.events)
    again = post(platform, tenant, path, body, **words)
    assert again.headers["idempotency-replayed"] == "true"
    tokens = [answer.json()["sessionToken"] for answer in (first, again, newer)]
    assert sid_of(tokens[0]) == sid_of(tokens[1]) != sid_of(tokens[2])
    assert tokens[0] != tokens[1]
    assert read(tokens[1]) == {"n": 1}
    assert platform.actions_since(count) == []
    stored = repr(platform.adapters.sessions.receipts)
    assert not any(token in stored for token in tokens)


def test_a_get_or_create_that_continued_a_session_is_remembered(
    platform: Platform, tenant: Tenant
) -> None:
    body = {"workspaceName": "acme"}
    words = {"headers": {"idempotency-key": KEY}}
    older = sid_of(post(platform, tenant, CREATE, body).json()["sessionToken"])
    first = post(platform, tenant, CONTINUE, body, **words)
    assert "idempotency-replayed" not in first.headers
    platform.adapters.clock.pause(1)
    post(platform, tenant, CREATE, body)
    again = post(platform, tenant, CONTINUE, body, **words)
    assert [sid_of(answer.json()["sessionToken"]) for answer in (first, again)] == [older, older]


@pytest.mark.parametrize("path", [CREATE, CONTINUE])
def test_the_repetition_of_a_creation_whose_session_is_over_says_so(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    body = {"workspaceName": "acme"}
    words = {"headers": {"idempotency-key": KEY}}
    token = post(platform, tenant, path, body, **words).json()["sessionToken"]
    send("POST", f"{PATH}/revoke", token=token)
    again = post(platform, tenant, path, body, **words)
    assert (again.status, again.code) == (410, "session_ended")
    assert len(platform.adapters.sessions.heads) == 1


def test_a_creation_under_the_key_of_another_request_is_refused(
    platform: Platform, tenant: Tenant
) -> None:
    words = {"headers": {"idempotency-key": KEY}}
    body = {"workspaceName": "acme", "payload": {"n": 1}}
    token = post(platform, tenant, CREATE, body, **words).json()["sessionToken"]
    for path, other in ((CREATE, {"workspaceName": "acme"}), (CONTINUE, body)):
        answer = post(platform, tenant, path, other, **words)
        assert (answer.status, answer.code) == (422, "idempotency_reused")
    assert keyed("PUT", PATH, token, body).code == "idempotency_reused"
    assert len(platform.adapters.sessions.heads) == 1
