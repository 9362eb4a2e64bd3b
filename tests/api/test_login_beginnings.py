"""What a login asks of the session that it begins: a shorter lifetime, and first data."""

import json
import secrets
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.api.exchange import read, sid_of
from tests.api.platform import Answer, Platform, Tenant, send
from tests.api.visitor import Visitor, account, code_of, query_of

CANARY = "canary" + secrets.token_hex(8)
DAY = 86_400


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant(payload_seconds=DAY)


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    account(platform, tenant.workspace, "zoe@acme.example")
    return Visitor(platform, tenant)


def signed_in(visitor: Visitor, **changes: str | None) -> str:
    """Go the whole way: from the application to the page, and back with a token."""
    page = visitor.authorize(**changes)
    assert page.status == 302, page
    request = dict(parse_qsl(urlsplit(page.headers["location"]).query))
    entered = visitor.step(
        "sign-in", request=request, email="zoe@acme.example", password="plain words are long"
    )
    answer = visitor.exchange(code_of(entered.json()["redirectTo"]))
    assert answer.status == 200, answer
    return str(answer.json()["access_token"])


def exp_of(platform: Platform, token: str) -> int:
    heads = platform.adapters.sessions.heads.values()
    return next(head.exp for head in heads if head.ref.sid == sid_of(token))


def denial(answer: Answer) -> dict[str, str]:
    assert answer.status == 302
    return query_of(answer.headers["location"])


def test_a_login_begins_a_session_with_what_it_asked_for(
    platform: Platform, visitor: Visitor
) -> None:
    payload: Any = {"color": "blue", "ü/": [1, None, {"deep": "ß"}]}
    token = signed_in(visitor, ttl_seconds="3600", payload=json.dumps(payload))
    assert read(token) == payload
    assert exp_of(platform, token) == platform.adapters.clock.now() + 3_600
    platform.adapters.clock.pause(899)
    assert send("PATCH", "/api/v1/sessions", token=token, body={"a": 1}).json() == {
        **payload,
        "a": 1,
    }


def test_without_a_wish_the_application_decides(platform: Platform, visitor: Visitor) -> None:
    token = signed_in(visitor)
    assert read(token) == {}
    assert exp_of(platform, token) == platform.adapters.clock.now() + DAY


def test_a_login_that_continues_a_session_changes_neither_data_nor_lifetime(
    platform: Platform, visitor: Visitor
) -> None:
    first = signed_in(visitor, ttl_seconds="3600", payload='{"a": 1}')
    exp = exp_of(platform, first)
    again = signed_in(visitor, ttl_seconds="60", payload='{"a": 2}')
    assert sid_of(again) == sid_of(first)
    assert (read(again), exp_of(platform, again)) == ({"a": 1}, exp)


def test_one_who_is_remembered_brings_it_too(platform: Platform, visitor: Visitor) -> None:
    first = signed_in(visitor)
    send("POST", "/api/v1/sessions/revoke", token=first)
    answer = visitor.authorize(prompt="none", ttl_seconds="60", payload='{"a": 3}')
    token = visitor.exchange(code_of(answer.headers["location"])).json()["access_token"]
    assert read(token) == {"a": 3}
    assert exp_of(platform, token) == platform.adapters.clock.now() + 60


@pytest.mark.parametrize(
    "wish",
    [
        {"ttl_seconds": "59"},
        {"ttl_seconds": "0"},
        {"ttl_seconds": "-60"},
        {"ttl_seconds": "60.0"},
        {"ttl_seconds": "1e3"},
        {"ttl_seconds": "٦٠٠"},
        {"ttl_seconds": str(DAY + 1)},
        {"ttl_seconds": "9" * 5_000},
        {"payload": "{"},
        {"payload": "[]"},
        {"payload": '"text"'},
        {"payload": "null"},
        {"payload": '{"a": NaN}'},
        {"payload": '{"a": 1, "a": 2}'},
        {"payload": '{"": 1}'},
        {"payload": '{"a": "\\ud800"}'},
        {"payload": "[" * 2_000},
        {"payload": json.dumps({"a": "x" * 2_048})},
    ],
)
def test_a_wish_that_cannot_be_granted_is_sent_back(
    platform: Platform, visitor: Visitor, wish: dict[str, str]
) -> None:
    told = denial(visitor.authorize(**wish))
    (name,) = wish
    assert told["error"] == "invalid_request"
    assert told["state"] == "s-1"
    assert set(told["error_description"]).isdisjoint('"\\')
    # The page's own steps read the request anew.
    request = {"workspace_name": "acme", "app_id": "notes", **visitor.params(**wish)}
    answer = visitor.step(
        "sign-in", request=request, email="zoe@acme.example", password="plain words are long"
    )
    assert (answer.status, answer.code) == (400, "invalid_input"), name
    assert platform.adapters.sessions.heads == {}


def test_a_payload_that_the_schema_refuses_is_sent_back_without_its_values(
    platform: Platform,
) -> None:
    schema = '{"properties": {"a": {"type": "number"}}, "required": ["a"]}'
    tenant = platform.tenant(payload_schema=schema)
    account(platform, tenant.workspace, "zoe@acme.example")
    visitor = Visitor(platform, tenant)
    answer = visitor.authorize(payload=json.dumps({"a": CANARY}))
    assert denial(answer)["error"] == "invalid_request"
    assert CANARY not in answer.headers["location"]
    assert read(signed_in(visitor)) == {}


def test_a_payload_that_is_refused_only_at_the_exchange_gives_no_tokens(
    platform: Platform, tenant: Tenant, visitor: Visitor
) -> None:
    request = {
        "workspace_name": "acme",
        "app_id": "notes",
        **visitor.params(payload=json.dumps({"a": CANARY})),
    }
    entered = visitor.step(
        "sign-in", request=request, email="zoe@acme.example", password="plain words are long"
    )
    member = platform.member_token(tenant.workspace)
    body = {"payloadSchema": {"properties": {"a": {"type": "number"}}}}
    send("PATCH", "/api/v1/applications/notes", token=member, body=body)
    answer = visitor.exchange(code_of(entered.json()["redirectTo"]))
    assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")
    assert CANARY not in answer.body
    assert platform.adapters.sessions.heads == {}


def test_what_a_login_brings_is_sealed_while_it_waits_and_gone_when_it_was_used(
    platform: Platform, visitor: Visitor
) -> None:
    request = {
        "workspace_name": "acme",
        "app_id": "notes",
        **visitor.params(payload=json.dumps({"a": CANARY})),
    }
    entered = visitor.step(
        "sign-in", request=request, email="zoe@acme.example", password="plain words are long"
    )
    login = platform.adapters.login
    (waiting,) = login._codes.values()  # noqa: SLF001 - what lies at rest
    assert waiting.seed is not None
    assert CANARY.encode() not in waiting.seed.ciphertext
    assert CANARY not in repr(waiting)
    visitor.exchange(code_of(entered.json()["redirectTo"]))
    (used,) = login._codes.values()  # noqa: SLF001 - the same
    assert (used.used, used.seed) == (True, None)
