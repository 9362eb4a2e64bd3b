"""Refresh tokens that are bound to a key, and what is told of tokens that are."""

from typing import Any

import jwt
import pytest

from chalicelib.domain.clients import ClientKind
from chalicelib.domain.limits import REFRESH_GRACE_SECONDS, SETTINGS_AGE
from tests.api.platform import OWN_ORIGIN, Answer, Platform, Tenant, send
from tests.api.prover import TOKEN, Prover
from tests.api.server import Server, server_on
from tests.api.visitor import Visitor, account, post_form

OFFLINE = "openid email profile offline_access"
SESSIONS = "/api/v1/sessions"
USERINFO = "/oidc/acme/userinfo"


def visitor_of(platform: Platform, kind: ClientKind) -> Visitor:
    tenant = platform.tenant(kind=kind)
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return Visitor(platform, tenant)


@pytest.fixture
def visitor(platform: Platform) -> Visitor:
    return visitor_of(platform, ClientKind.BROWSER)


@pytest.fixture
def prover(platform: Platform) -> Prover:
    return Prover(platform.adapters.clock)


def begun(prover: Prover, visitor: Visitor, **changes: Any) -> dict[str, str]:
    answer = prover.tokens(visitor, visitor.code(scope=OFFLINE), **changes)
    assert answer.status == 200, answer.body
    found: dict[str, str] = answer.json()
    return found


def refresh(tenant: Tenant, token: str, prover: Prover | None = None, **headers: str) -> Answer:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    form |= {} if headers else {"client_id": tenant.application.client_id}
    proof = {} if prover is None else {"dpop": prover.proof("POST", TOKEN)}
    return post_form("/oidc/acme/token", form, **headers, **proof)


def refused(answer: Answer) -> None:
    assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")


def key_of(token: str) -> object:
    return jwt.decode(token, options={"verify_signature": False}).get("cnf")


@pytest.mark.parametrize("kind", [ClientKind.BROWSER, ClientKind.NATIVE])
def test_with_a_key_a_public_client_is_given_a_refresh_token_for_that_key(
    platform: Platform, prover: Prover, kind: ClientKind
) -> None:
    visitor = visitor_of(platform, kind)
    first = begun(prover, visitor)
    assert first["scope"] == OFFLINE
    second = refresh(visitor.tenant, first["refresh_token"], prover).json()
    assert second["token_type"] == "DPoP"
    assert key_of(second["access_token"]) == {"jkt": prover.thumbprint}
    assert prover.send("GET", SESSIONS, second["access_token"]).status == 200
    platform.adapters.clock.pause(REFRESH_GRACE_SECONDS)
    assert refresh(visitor.tenant, second["refresh_token"], prover).status == 200


def test_without_its_key_a_refresh_token_is_no_use_and_ends_nothing(
    platform: Platform, prover: Prover, visitor: Visitor
) -> None:
    first = begun(prover, visitor)["refresh_token"]
    second = refresh(visitor.tenant, first, prover).json()["refresh_token"]
    platform.adapters.clock.pause(REFRESH_GRACE_SECONDS)
    thief = Prover(platform.adapters.clock, nonce=prover.nonce)
    before = len(platform.events)
    for token in (first, second):
        refused(refresh(visitor.tenant, token))
        refused(refresh(visitor.tenant, token, thief))
    assert platform.actions_since(before) == []
    assert refresh(visitor.tenant, second, prover).status == 200


def test_a_reuse_with_the_key_still_ends_the_family(
    platform: Platform, prover: Prover, visitor: Visitor
) -> None:
    first = begun(prover, visitor)["refresh_token"]
    second = refresh(visitor.tenant, first, prover).json()
    platform.adapters.clock.pause(REFRESH_GRACE_SECONDS)
    before = len(platform.events)
    refused(refresh(visitor.tenant, first, prover))
    assert platform.actions_since(before) == ["refresh.reused"]
    assert prover.send("GET", SESSIONS, second["access_token"]).code == "token_superseded"


def test_what_was_given_unbound_is_no_use_once_it_runs_in_a_browser(
    platform: Platform, prover: Prover
) -> None:
    visitor = visitor_of(platform, ClientKind.NATIVE)
    given = visitor.exchange(visitor.code(scope=OFFLINE)).json()["refresh_token"]
    member = platform.member_token(visitor.tenant.workspace)
    path = "/api/v1/applications/notes"
    assert send("PATCH", path, token=member, body={"kind": "browser"}).status == 200
    platform.adapters.clock.pause(SETTINGS_AGE)
    refused(refresh(visitor.tenant, given))
    prover.nonce = platform.services.dpop.nonce(visitor.tenant.workspace.id)
    refused(refresh(visitor.tenant, given, prover))


def test_a_server_may_change_its_key(platform: Platform, prover: Prover) -> None:
    server = server_on(platform)
    prover.nonce = platform.services.dpop.nonce(server.tenant.workspace.id)
    proof = {"dpop": prover.proof("POST", TOKEN)}
    code = server.visitor.code(scope=OFFLINE)
    first = server.visitor.exchange(code, headers={**server.basic, **proof}).json()
    assert key_of(first["access_token"]) == {"jkt": prover.thumbprint}
    other = Prover(platform.adapters.clock, nonce=prover.nonce)
    second = refresh(server.tenant, first["refresh_token"], other, **server.basic).json()
    assert key_of(second["access_token"]) == {"jkt": other.thumbprint}


def test_introspection_tells_the_key(platform: Platform, prover: Prover) -> None:
    server: Server = server_on(platform)
    prover.nonce = platform.services.dpop.nonce(server.tenant.workspace.id)
    proof = {"dpop": prover.proof("POST", TOKEN)}
    given = server.visitor.exchange(
        server.visitor.code(), headers={**server.basic, **proof}
    ).json()["access_token"]
    found = server.post("introspect", {"token": given}).json()
    assert (found["token_type"], found["cnf"]) == ("DPoP", {"jkt": prover.thumbprint})
    plain = server.post("introspect", {"token": server.tokens()["access_token"]}).json()
    assert plain["token_type"] == "Bearer"
    assert "cnf" not in plain


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_userinfo_demands_the_proof(prover: Prover, visitor: Visitor, method: str) -> None:
    token = begun(prover, visitor)["access_token"]
    assert send(method, USERINFO, token=token).code == "dpop_required"
    answer = prover.send(method, USERINFO, token)
    assert (answer.status, answer.json()["email"]) == (200, visitor.tenant.email)
    proof = prover.proof(method, f"{OWN_ORIGIN}{SESSIONS}", token=token)
    headers = {"authorization": f"DPoP {token}", "dpop": proof}
    assert send(method, USERINFO, headers=headers).code == "dpop_required"
