"""Servers that ask for themselves (RFC 6749, section 4.4), and what their tokens open."""

import jwt
import pytest

from chalicelib.domain.clients import ClientKind
from chalicelib.domain.limits import CLIENT_TOKEN_SECONDS, SETTINGS_AGE
from tests.api.desk import APPLICATIONS
from tests.api.platform import Answer, Platform, send
from tests.api.prover import TOKEN, Prover
from tests.api.server import Server, server_on
from tests.api.visitor import post_form

OFFLINE = "openid offline_access"


@pytest.fixture
def server(platform: Platform) -> Server:
    return server_on(platform)


def granted(server: Server, **more: str) -> Answer:
    return server.post("token", {"grant_type": "client_credentials", **more})


def ask(slug: str, given: str, token: str) -> Answer:
    headers = {"authorization": f"Bearer {given}"}
    return post_form(f"/oidc/{slug}/introspect", {"token": token}, **headers)


@pytest.mark.parametrize("more", [{}, {"scope": "introspect"}])
def test_a_server_is_given_a_token_of_its_own(
    platform: Platform, server: Server, more: dict[str, str]
) -> None:
    before = len(platform.events)
    answer = granted(server, **more)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    token = found.pop("access_token")
    assert found == {
        "token_type": "Bearer",
        "expires_in": CLIENT_TOKEN_SECONDS,
        "scope": "introspect",
    }
    now = platform.adapters.clock.now()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims.pop("jti")
    issuer = "https://flows.example/oidc/acme"
    assert claims == {
        "iss": issuer,
        "aud": issuer,
        "sub": server.client_id,
        "client_id": server.client_id,
        "scope": "introspect",
        "iat": now,
        "exp": now + CLIENT_TOKEN_SECONDS,
    }
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
    assert platform.actions_since(before) == []


@pytest.mark.parametrize("scope", ["openid", "introspect openid", "offline_access", "everything"])
def test_it_stands_for_nobody_and_says_so(server: Server, scope: str) -> None:
    answer = granted(server, scope=scope)
    assert (answer.status, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("kind", [ClientKind.BROWSER, ClientKind.NATIVE])
def test_who_keeps_no_secret_is_no_party(platform: Platform, kind: ClientKind) -> None:
    tenant = platform.tenant(kind=kind)
    form = {"grant_type": "client_credentials", "client_id": tenant.application.client_id}
    answer = post_form("/oidc/acme/token", form)
    assert (answer.status, answer.json()["error"]) == (400, "unauthorized_client")


def test_it_is_bound_to_no_key(platform: Platform, server: Server) -> None:
    prover = Prover(platform.adapters.clock)
    form = {"grant_type": "client_credentials"}
    asked = server.post("token", form, **server.basic, dpop=prover.proof("POST", TOKEN))
    prover.nonce = asked.headers["dpop-nonce"]
    answer = server.post("token", form, **server.basic, dpop=prover.proof("POST", TOKEN))
    assert (answer.status, answer.json()["error"]) == (400, "invalid_dpop_proof")


def test_without_the_secret_there_is_no_token(server: Server) -> None:
    form = {"grant_type": "client_credentials", "client_id": server.client_id}
    answer = post_form("/oidc/acme/token", form)
    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


def test_it_opens_the_introspection_of_its_own_tokens(platform: Platform, server: Server) -> None:
    own = granted(server).json()["access_token"]
    given = server.tokens(scope=OFFLINE)
    for token in (given["access_token"], given["refresh_token"]):
        found = ask("acme", own, token).json()
        assert (found["active"], found["sub"]) == (True, str(server.tenant.user))
    found = ask("acme", own, own).json()
    assert found == {
        "active": True,
        "iss": "https://flows.example/oidc/acme",
        "client_id": server.client_id,
        "sub": server.client_id,
        "scope": "introspect",
        "token_type": "Bearer",
        "exp": platform.adapters.clock.now() + CLIENT_TOKEN_SECONDS,
    }
    elsewhere = server_on(platform, platform.tenant("globex", kind=ClientKind.SERVER))
    theirs = elsewhere.tokens(scope=OFFLINE)
    assert ask("acme", own, theirs["access_token"]).json() == {"active": False}
    others = granted(elsewhere).json()["access_token"]
    assert ask("acme", own, others).json() == {"active": False}


DOORS = [
    ("GET", "/api/v1/sessions"),
    ("POST", "/api/v1/sessions/get-or-create"),
    ("GET", APPLICATIONS),
    ("GET", "/oidc/acme/userinfo"),
]


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_it_opens_no_door_of_a_person(server: Server, method: str, path: str) -> None:
    own = granted(server).json()["access_token"]
    body = {"workspaceName": "acme"} if method == "POST" else None
    answer = send(method, path, token=own, body=body)
    assert (answer.status, answer.code) == (401, "token_invalid")


def test_the_token_of_a_person_does_not_open_the_introspection(
    platform: Platform, server: Server
) -> None:
    given = server.tokens(scope=OFFLINE)
    member = platform.member_token(server.tenant.workspace)
    for other in (given["access_token"], given["id_token"], member, "a.b.c"):
        answer = ask("acme", other, given["access_token"])
        assert (answer.status, answer.code) == (401, "token_invalid")
        assert answer.headers["www-authenticate"].startswith("Bearer ")
    answer = ask("acme", given["refresh_token"], given["access_token"])
    assert (answer.status, answer.code) == (401, "token_invalid")


def test_it_is_over_after_minutes_and_nothing_at_another_workspace(
    platform: Platform, server: Server
) -> None:
    own = granted(server).json()["access_token"]
    given = server.tokens()["access_token"]
    platform.tenant("globex")
    assert ask("globex", own, given).code == "token_invalid"
    platform.adapters.clock.pause(CLIENT_TOKEN_SECONDS)
    assert ask("acme", own, given).code == "token_expired"
    fresh = granted(server).json()["access_token"]
    assert ask("acme", fresh, own).json() == {"active": False}


def test_it_is_nothing_when_the_application_is_no_server_any_more(
    platform: Platform, server: Server
) -> None:
    own = granted(server).json()["access_token"]
    stored = platform.adapters.applications.find(server.client_id)
    assert stored is not None
    token = platform.member_token(server.tenant.workspace)
    path = f"{APPLICATIONS}/notes"
    assert send("DELETE", f"{path}/secrets/{stored.secrets[0].id}", token=token).status == 200
    assert send("PATCH", path, token=token, body={"kind": "browser"}).status == 200
    platform.adapters.clock.pause(SETTINGS_AGE)
    assert ask("acme", own, own).code == "token_invalid"


def test_it_cannot_be_given_back(server: Server) -> None:
    own = granted(server).json()["access_token"]
    answer = server.post("revoke", {"token": own})
    assert (answer.status, answer.json()["error"]) == (400, "unsupported_token_type")


def test_an_introspection_by_token_still_wants_a_token_in_a_form(server: Server) -> None:
    own = granted(server).json()["access_token"]
    headers = {"authorization": f"Bearer {own}"}
    answer = post_form("/oidc/acme/introspect", {}, **headers)
    assert (answer.status, answer.json()["error"]) == (400, "invalid_request")
    answer = send("POST", "/oidc/acme/introspect", token=own, body={"token": own})
    assert (answer.status, answer.json()["error"]) == (400, "invalid_request")
