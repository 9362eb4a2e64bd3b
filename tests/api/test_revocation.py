"""Tokens that are given back (RFC 7009), and servers that ask about theirs (RFC 7662)."""

from dataclasses import replace

import pytest

from chalicelib.domain.clients import ClientKind
from chalicelib.domain.limits import REFRESH_GRACE_SECONDS
from chalicelib.domain.workspaces import Gate, GateStatus
from tests.api.platform import PAGE, Answer, Platform, Tenant, send
from tests.api.server import Server, basic, secret_of, server_on
from tests.api.visitor import Visitor, account, post_form

OFFLINE = "openid email profile offline_access"
SESSIONS = "/api/v1/sessions"
ENDPOINTS = ["revoke", "introspect"]


@pytest.fixture
def server(platform: Platform) -> Server:
    return server_on(platform)


def revoke(server: Server, token: str, **more: str) -> Answer:
    return server.post("revoke", {"token": token, **more})


def ask(server: Server, token: str, **more: str) -> dict[str, object]:
    answer = server.post("introspect", {"token": token, **more})
    assert answer.status == 200, answer
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, object] = answer.json()
    return found


def refresh(server: Server, token: str) -> Answer:
    return server.post("token", {"grant_type": "refresh_token", "refresh_token": token})


def neighbour_on(platform: Platform, server: Server) -> Server:
    """Another server of the same workspace, at which the same person can sign in."""
    tenant = server.tenant
    forms = platform.application(tenant.workspace, tenant.user, "forms", kind=ClientKind.SERVER)
    other = replace(tenant, application=forms)
    return Server(Visitor(platform, other), secret_of(platform, other))


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize(
    "hint", [{}, {"token_type_hint": "access_token"}, {"token_type_hint": "x"}]
)
def test_either_token_ends_all_of_its_sign_in_and_no_other(
    platform: Platform, server: Server, kind: str, hint: dict[str, str]
) -> None:
    other = server.tokens(scope=OFFLINE)
    given = server.tokens(scope=OFFLINE)
    before = len(platform.events)
    answer = revoke(server, given[kind], **hint)
    assert (answer.status, answer.json()) == (200, {})
    (event,) = platform.events[before:]
    assert (event.action, event.subject) == ("grant.revoked", server.tenant.user)
    assert send("GET", SESSIONS, token=given["access_token"]).code == "token_superseded"
    assert refresh(server, given["refresh_token"]).json()["error"] == "invalid_grant"
    assert send("GET", SESSIONS, token=other["access_token"]).status == 200
    assert refresh(server, other["refresh_token"]).status == 200
    before = len(platform.events)
    for token in (given["access_token"], given["refresh_token"]):
        assert revoke(server, token).status == 200
    assert platform.actions_since(before) == []


def test_a_public_client_gives_its_own_tokens_back(platform: Platform) -> None:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    account(platform, tenant.workspace, tenant.email)
    visitor = Visitor(platform, tenant)
    token = visitor.exchange(visitor.code()).json()["access_token"]
    form = {"token": token, "client_id": tenant.application.client_id}
    foreign = post_form("/oidc/acme/revoke", form, origin="https://evil.example")
    assert (foreign.status, foreign.code) == (403, "origin_not_allowed")
    assert send("GET", SESSIONS, token=token).status == 200
    answer = post_form("/oidc/acme/revoke", form, origin=PAGE)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] in {"*", PAGE}
    assert send("GET", SESSIONS, token=token).code == "token_superseded"


def test_an_expired_token_still_ends_what_it_came_with(platform: Platform, server: Server) -> None:
    given = server.tokens(scope=OFFLINE)
    platform.adapters.clock.pause(10_000)
    assert revoke(server, given["access_token"]).status == 200
    assert refresh(server, given["refresh_token"]).json()["error"] == "invalid_grant"


def test_the_tokens_of_others_are_not_ones_to_end(platform: Platform, server: Server) -> None:
    other = neighbour_on(platform, server)
    elsewhere = server_on(platform, platform.tenant("globex", kind=ClientKind.SERVER))
    given = server.tokens(scope=OFFLINE)
    before = len(platform.events)
    for stranger in (other, elsewhere):
        answer = revoke(stranger, given["access_token"])
        assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")
        assert revoke(stranger, given["refresh_token"]).status == 200
    assert platform.actions_since(before) == []
    assert send("GET", SESSIONS, token=given["access_token"]).status == 200
    assert refresh(server, given["refresh_token"]).status == 200


STRANGE = ["x", "é", "a.b.c", f"sfr_f{'a' * 20}_{'a' * 43}", "sfs_" + "a" * 43, "x" * 9_000]


@pytest.mark.parametrize("text", STRANGE)
def test_what_is_no_token_is_ended_already_and_good_for_nothing(
    platform: Platform, server: Server, text: str
) -> None:
    before = len(platform.events)
    assert revoke(server, text).status == 200
    assert ask(server, text) == {"active": False}
    assert platform.actions_since(before) == []


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_who_does_not_prove_who_they_are_is_not_let_in(server: Server, endpoint: str) -> None:
    given = server.tokens(scope=OFFLINE)
    form = {"token": given["access_token"]}
    path = f"/oidc/acme/{endpoint}"
    for headers, more in (
        ({}, {"client_id": server.client_id}),
        ({}, {"client_id": server.client_id, "client_secret": "sfs_" + "a" * 43}),
        ({}, {"client_id": "c" + "a" * 26}),
        (basic(server.client_id, "wrong"), {}),
    ):
        answer = post_form(path, {**form, **more}, **headers)
        assert (answer.status, answer.json()["error"]) == (401, "invalid_client")
        assert "www-authenticate" in answer.headers
    assert post_form(path, form).json()["error"] == "invalid_request"
    assert send("GET", SESSIONS, token=given["access_token"]).status == 200


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_request_without_a_token_is_refused(server: Server, endpoint: str) -> None:
    for form in ({}, {"token": ""}, {"token_type_hint": "access_token"}):
        answer = server.post(endpoint, form)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_request")
    headers = {**server.basic, "content-type": "application/json"}
    answer = send("POST", f"/oidc/acme/{endpoint}", body={"token": "x"}, headers=headers)
    assert (answer.status, answer.json()["error"]) == (400, "invalid_request")
    answer = send(
        "POST",
        f"/oidc/nowhere/{endpoint}",
        raw=b"token=x&client_id=c",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_sealed_workspace_answers_nobody(
    platform: Platform, server: Server, endpoint: str
) -> None:
    platform.adapters.workspaces.gates[server.tenant.workspace.id] = Gate(GateStatus.SEALED, 2)
    platform.adapters.clock.pause(5)
    assert server.post(endpoint, {"token": "x"}).code == "workspace_sealed"


def test_a_server_learns_what_its_token_is_good_for(platform: Platform, server: Server) -> None:
    now = platform.adapters.clock.now()
    given = server.tokens(scope="openid email offline_access")
    found = ask(server, given["access_token"])
    sid = found.pop("sid")
    assert found == {
        "active": True,
        "iss": "https://flows.example/oidc/acme",
        "client_id": server.client_id,
        "sub": str(server.tenant.user),
        "scope": "openid email offline_access",
        "token_type": "Bearer",
        "exp": now + 900,
        "auth_time": now,
        "acr": "sf:1",
        "amr": ["pwd"],
    }
    refreshing = ask(server, given["refresh_token"], token_type_hint="refresh_token")
    assert refreshing == {
        "active": True,
        "iss": "https://flows.example/oidc/acme",
        "client_id": server.client_id,
        "sub": str(server.tenant.user),
        "scope": "openid email offline_access",
        "exp": now + 30 * 86_400,
        "sid": sid,
    }
    assert ask(server, given["id_token"]) == {"active": False}


def test_a_token_that_is_over_is_good_for_nothing(platform: Platform, server: Server) -> None:
    expired = server.tokens()["access_token"]
    platform.adapters.clock.pause(900)
    assert ask(server, expired) == {"active": False}
    for end in ("/api/v1/auth/logout", "/api/v1/auth/logout?everywhere=true", f"{SESSIONS}/revoke"):
        platform.adapters.clock.pause(1)
        given = server.tokens(scope=OFFLINE)
        assert ask(server, given["refresh_token"])["active"] is True
        assert send("POST", end, token=given["access_token"]).status == 200
        assert ask(server, given["access_token"]) == {"active": False}
        assert ask(server, given["refresh_token"]) == {"active": False}


def test_a_replaced_refresh_token_is_good_for_nothing_after_its_grace(
    platform: Platform, server: Server
) -> None:
    first = server.tokens(scope=OFFLINE)["refresh_token"]
    second = refresh(server, first).json()["refresh_token"]
    platform.adapters.clock.pause(REFRESH_GRACE_SECONDS)
    before = len(platform.events)
    assert ask(server, first) == {"active": False}
    assert ask(server, second)["active"] is True
    assert platform.actions_since(before) == []


def test_of_the_tokens_of_others_nothing_is_told(platform: Platform, server: Server) -> None:
    other = neighbour_on(platform, server)
    elsewhere = server_on(platform, platform.tenant("globex", kind=ClientKind.SERVER))
    given = server.tokens(scope=OFFLINE)
    for stranger in (other, elsewhere):
        for token in (given["access_token"], given["refresh_token"]):
            assert ask(stranger, token) == {"active": False}
    member = platform.member_token(server.tenant.workspace)
    assert ask(server, member) == {"active": False}


@pytest.mark.parametrize("kind", [ClientKind.BROWSER, ClientKind.NATIVE])
def test_who_has_no_secret_may_not_ask(platform: Platform, kind: ClientKind) -> None:
    tenant: Tenant = platform.tenant(kind=kind)
    form = {"token": platform.token(tenant), "client_id": tenant.application.client_id}
    answer = post_form("/oidc/acme/introspect", form)
    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")
