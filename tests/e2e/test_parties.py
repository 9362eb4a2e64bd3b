"""Relying parties that we did not write sign in by discovery alone."""

import json
import secrets
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.base_client.sync_app import BaseApp, OAuth2Mixin
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session

from tests.e2e.credentials import OPERATOR, PERSON
from tests.e2e.launch import Run

pytestmark = pytest.mark.slow

LISTENING = "http://127.0.0.1/back"
SCOPE = "openid email profile offline_access"
METHODS = ["client_secret_basic", "client_secret_post", "none"]


class Party(OAuth2Mixin, OpenIDMixin, BaseApp):  # type: ignore[misc]
    """Authlib's own client of an OpenID provider, without a web framework around it."""

    client_cls = OAuth2Session

    def _on_update_token(self, *_: object, **__: object) -> None:
        """Keep nothing: a web framework would write fresh tokens somewhere."""


@pytest.fixture(scope="module")
def member(run: Run) -> str:
    return run.token(OPERATOR, "notes", "--member")


def party_on(run: Run, member: str, method: str, **settings: Any) -> Party:
    """Register an application, and tell Authlib its id, its secret and the issuer."""
    app_id = f"party-{secrets.token_hex(4)}"
    kind = "native" if method == "none" else "server"
    body = {
        "appId": app_id,
        "displayName": "Party",
        "redirectUris": [LISTENING],
        "postLogoutRedirectUris": [LISTENING],
        "kind": kind,
        **settings,
    }
    made = run.client.send("POST", "/api/v1/applications", token=member, body=body)
    assert made.status == 201, made
    secret = None
    if kind == "server":
        path = f"/api/v1/applications/{app_id}/secrets"
        secret = run.client.send("POST", path, token=member).json()["secret"]
    return Party(
        None,
        client_id=made.json()["clientId"],
        client_secret=secret,
        server_metadata_url=f"{run.origin}/oidc/demo/.well-known/openid-configuration",
        client_kwargs={
            "scope": SCOPE,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": method,
            "revocation_endpoint_auth_method": method,
        },
    )


def back_from_login(run: Run, url: str) -> dict[str, str]:
    """Sign a person in where the party sent them; answers what they come back with."""
    address = urlsplit(url)
    page = run.client.send("GET", f"{address.path}?{address.query}")
    assert page.status == 302, page
    passwords = json.loads((run.state / "credentials.json").read_text("utf-8"))
    request = dict(parse_qsl(urlsplit(page.headers["location"]).query))
    answer = run.client.send(
        "POST",
        "/api/v1/login/sign-in",
        body={"request": request, "email": PERSON, "password": passwords[PERSON]},
        headers={"origin": run.origin, "x-secureflows": "1"},
    )
    assert answer.status == 200, answer
    return dict(parse_qsl(urlsplit(answer.json()["redirectTo"]).query))


def signed_in(run: Run, party: Party) -> tuple[Any, Any]:
    """Go the whole way; answers the tokens and what the ID token says."""
    # Nobody knows before which port the system gives to what runs on a person's machine.
    uri = LISTENING if party.client_secret else "http://127.0.0.1:51004/back"
    begun = party.create_authorization_url(uri)
    back = back_from_login(run, begun["url"])
    assert back["state"] == begun["state"]
    assert back["iss"] == party.server_metadata["issuer"]
    token = party.fetch_access_token(
        uri, code=back["code"], state=back["state"], code_verifier=begun["code_verifier"]
    )
    return token, party.parse_id_token(token, begun["nonce"])


def session(party: Party, token: Any = None) -> Any:
    """Authlib's session with the tokens of a sign-in."""
    made = party._get_oauth_client(**party.load_server_metadata())  # noqa: SLF001
    made.token = token
    return made


@pytest.mark.parametrize("method", METHODS)
def test_authlib_signs_in_refreshes_and_gives_back(run: Run, member: str, method: str) -> None:
    party = party_on(run, member, method)
    token, told = signed_in(run, party)
    endpoints = party.server_metadata
    assert (token["token_type"], token["scope"]) == ("Bearer", SCOPE)
    assert (told["email"], told["email_verified"]) == (PERSON, True)
    assert told["iss"] == f"{run.origin}/oidc/demo"
    person = party.userinfo(token=token)
    assert person == {name: told[name] for name in ("sub", "email", "email_verified", "name")}
    with session(party, token) as held:
        read = held.get(f"{run.origin}/api/v1/sessions/identity")
        assert read.json() == {"userId": int(told["sub"]), "email": PERSON}
        fresh = held.refresh_token(endpoints["token_endpoint"])
        assert fresh["refresh_token"] != token["refresh_token"]
        assert party.parse_id_token(fresh, None)["sub"] == told["sub"]
        assert party.userinfo(token=fresh)["sub"] == told["sub"]
        given_back = held.revoke_token(
            endpoints["revocation_endpoint"],
            token=fresh["refresh_token"],
            token_type_hint="refresh_token",
        )
        assert given_back.status_code == 200
        assert held.get(endpoints["userinfo_endpoint"]).status_code == 401
        with pytest.raises(OAuthError) as refusal:
            held.refresh_token(endpoints["token_endpoint"])
        assert refusal.value.error == "invalid_grant"


@pytest.mark.parametrize("method", METHODS[:2])
def test_authlib_asks_about_tokens(run: Run, member: str, method: str) -> None:
    party = party_on(run, member, method)
    token, told = signed_in(run, party)
    endpoint = party.server_metadata["introspection_endpoint"]
    with session(party, token) as held:
        for kind in ("access_token", "refresh_token"):
            found = held.introspect_token(endpoint, token=token[kind], token_type_hint=kind).json()
            assert (found["active"], found["sub"]) == (True, told["sub"])
            assert found["client_id"] == party.client_id
        assert held.introspect_token(endpoint, token="nothing").json() == {"active": False}


def test_authlib_acts_for_a_server_itself(run: Run, member: str) -> None:
    party = party_on(run, member, "client_secret_basic")
    with session(party) as held:
        token = held.fetch_token(
            party.server_metadata["token_endpoint"],
            grant_type="client_credentials",
            scope="introspect",
        )
        assert set(token) == {"access_token", "token_type", "expires_in", "expires_at", "scope"}
        endpoint = party.server_metadata["introspection_endpoint"]
        asked = held.post(endpoint, data={"token": token["access_token"]})
        assert (asked.status_code, asked.json()["active"]) == (200, True)


def test_authlib_is_told_why_it_is_not_let_in(run: Run, member: str) -> None:
    party = party_on(run, member, "client_secret_basic")
    party.client_secret = "sfs_" + "a" * 43
    begun = party.create_authorization_url(LISTENING)
    back = back_from_login(run, begun["url"])
    with pytest.raises(OAuthError) as refusal:
        party.fetch_access_token(LISTENING, code=back["code"], code_verifier=begun["code_verifier"])
    assert refusal.value.error == "invalid_client"


def test_authlib_signs_out(run: Run, member: str) -> None:
    party = party_on(run, member, "client_secret_basic")
    token, _ = signed_in(run, party)
    left = party.create_logout_url(LISTENING, id_token_hint=token["id_token"])
    address = urlsplit(left["url"])
    answer = run.client.send("GET", f"{address.path}?{address.query}")
    assert answer.status == 302
    assert answer.headers["location"] == f"{LISTENING}?state={left['state']}"
