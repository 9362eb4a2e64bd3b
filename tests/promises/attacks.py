"""The attacks of RFC 9700 on what exists: what is tried by each, and what comes of it.

Two of its sections are about pages: 4.16 (frames) is in `tests/local/server/test_static.py`, what
4.7 has a browser do in `test_forged_pages.py`. Tokens and proofs that race are in `tests/services`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import jwt

from chalicelib.domain.clients import ClientKind
from chalicelib.domain.limits import (
    CODE_SECONDS,
    DPOP_LEEWAY,
    PUSHED_SECONDS,
    REFRESH_GRACE_SECONDS,
)
from chalicelib.domain.oidc import at_hash_of
from tests.api.platform import OWN_ORIGIN, Answer, Platform, Tenant, send
from tests.api.prover import READ, TOKEN, Prover
from tests.api.server import Server, secret_of
from tests.api.visitor import Visitor, account, code_of, post_form, query_of

SESSIONS = "/api/v1/sessions"
OFFLINE = "openid offline_access"
OTHER_PAGE = "https://forms.example"


@dataclass
class Field:
    """Two clients in one workspace, a third next door, and whoever attacks."""

    platform: Platform
    victim: Visitor
    forms: Visitor
    neighbour: Visitor

    def pause(self, seconds: float) -> None:
        self.platform.adapters.clock.pause(seconds)

    def neighbour_nonce(self) -> str:
        return self.platform.services.dpop.nonce(self.neighbour.tenant.workspace.id)

    def prover(self) -> Prover:
        nonce = self.platform.services.dpop.nonce(self.victim.tenant.workspace.id)
        return Prover(self.platform.adapters.clock, nonce=nonce)


def field_on(platform: Platform) -> Field:
    """Set the field up."""
    tenant, globex = (_peopled(platform, slug) for slug in ("acme", "globex"))
    owner = tenant.user
    forms = platform.application(
        tenant.workspace, owner, "forms", page=OTHER_PAGE, kind=ClientKind.NATIVE
    )
    return Field(
        platform,
        victim=Visitor(platform, tenant),
        forms=Visitor(platform, replace(tenant, application=forms)),
        neighbour=Visitor(platform, globex),
    )


def _server(field: Field) -> Server:
    tenant = field.victim.tenant
    application = field.platform.application(
        tenant.workspace, tenant.user, "server", kind=ClientKind.SERVER
    )
    tenant = replace(tenant, application=application)
    return Server(Visitor(field.platform, tenant), secret_of(field.platform, tenant))


def _peopled(platform: Platform, slug: str) -> Tenant:
    tenant = platform.tenant(slug)
    tenant.email = f"anna@{slug}.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


def code_replayed(field: Field) -> None:
    code = field.victim.code()
    token = field.victim.exchange(code).json()["access_token"]
    _denied(field.victim.exchange(code), "invalid_grant")
    assert send("GET", SESSIONS, token=token).code == "token_superseded"


def code_injected_into_another_client(field: Field) -> None:
    code = field.victim.code()
    stolen = field.forms.exchange(code, code_verifier=field.victim.verifier)
    _denied(stolen, "invalid_grant")


def code_injected_into_another_sign_in(field: Field) -> None:
    other = Visitor(field.platform, field.victim.tenant)
    _denied(other.exchange(field.victim.code()), "invalid_grant")


def code_taken_to_another_address(field: Field) -> None:
    code = field.victim.code()
    _denied(field.victim.exchange(code, redirect_uri=f"{OTHER_PAGE}/"), "invalid_grant")


def code_taken_next_door(field: Field) -> None:
    code = field.victim.code()
    answer = field.victim.exchange(code, at="globex")
    _denied(answer, "invalid_client", 401)
    assert field.victim.exchange(code).status == 200


def code_kept_for_later(field: Field) -> None:
    code = field.victim.code()
    field.pause(CODE_SECONDS)
    _denied(field.victim.exchange(code), "invalid_grant")


def code_of_another_key(field: Field) -> None:
    owner, thief = field.prover(), field.prover()
    code = field.victim.code(dpop_jkt=owner.thumbprint)
    _denied(thief.tokens(field.victim, code), "invalid_grant")


def pkce_left_out(field: Field) -> None:
    sent = field.victim.authorize(code_challenge=None, code_challenge_method=None)
    assert query_of(sent.headers["location"])["error"] == "invalid_request"


def pkce_made_plain(field: Field) -> None:
    sent = field.victim.authorize(
        code_challenge=field.victim.verifier[:43], code_challenge_method="plain"
    )
    assert query_of(sent.headers["location"])["error"] == "invalid_request"


def pkce_verifier_left_out(field: Field) -> None:
    code = field.victim.code()
    _denied(field.victim.exchange(code, code_verifier=None), "invalid_request")
    _denied(field.victim.exchange(code, code_verifier=""), "invalid_request")


def mix_up(field: Field) -> None:
    for visitor, slug in ((field.victim, "acme"), (field.neighbour, "globex")):
        back = query_of(visitor.sign_in().json()["redirectTo"])
        assert back["iss"] == f"{OWN_ORIGIN}/oidc/{slug}"
        error = query_of(visitor.authorize(scope='"').headers["location"])
        assert error["iss"] == back["iss"]
        found = visitor.get(f"/oidc/{slug}/.well-known/openid-configuration").json()
        assert found["issuer"] == back["iss"]
        assert found["authorization_response_iss_parameter_supported"] is True


def redirected_elsewhere(field: Field) -> None:
    for trick in (f"{OTHER_PAGE}/", "https://evil.example/", "https://notes.example/x", "//evil"):
        answer = field.victim.authorize(redirect_uri=trick)
        assert (answer.status, answer.headers.get("location")) == (400, None)


def redirected_by_an_error(field: Field) -> None:
    answer = field.victim.authorize(redirect_uri="https://evil.example/", response_type="token")
    assert (answer.status, answer.headers.get("location")) == (400, None)


def token_in_an_address(field: Field) -> None:
    for kind in ("token", "id_token", "code token", "code id_token", "none"):
        sent = query_of(field.victim.authorize(response_type=kind).headers["location"])
        assert sent["error"] == "unsupported_response_type"
    sent = query_of(field.victim.authorize(response_mode="fragment").headers["location"])
    assert sent["error"] == "invalid_request"


def token_in_a_query(field: Field) -> None:
    token = field.victim.exchange(field.victim.code()).json()["access_token"]
    for path in (SESSIONS, "/oidc/acme/userinfo"):
        answer = send("GET", f"{path}?{urlencode({'access_token': token})}")
        assert (answer.status, answer.code) == (401, "token_missing")


def token_injected_into_another_client(field: Field) -> None:
    stolen = field.forms.exchange(field.forms.code()).json()["access_token"]
    given = field.victim.exchange(field.victim.code()).json()
    claims = jwt.decode(given["id_token"], options={"verify_signature": False})
    assert claims["at_hash"] == at_hash_of(given["access_token"])
    assert claims["at_hash"] != at_hash_of(stolen)
    # And what it reaches is the other client's session, whoever shows it.
    send("PUT", SESSIONS, token=given["access_token"], body={"of": "notes"})
    assert send("GET", SESSIONS, token=stolen).json() == {}


def message_to_another_window(field: Field) -> None:
    for mode in ("web_message", "form_post", "fragment", "query.jwt"):
        sent = query_of(field.victim.authorize(response_mode=mode).headers["location"])
        assert sent["error"] == "invalid_request"


def signed_out_to_elsewhere(field: Field) -> None:
    given = field.victim.exchange(field.victim.code()).json()
    for uri in ("https://evil.example/", "//evil.example", f"{OTHER_PAGE}/"):
        words = {"id_token_hint": given["id_token"], "post_logout_redirect_uri": uri}
        answer = field.victim.get(f"/oidc/acme/logout?{urlencode(words)}")
        assert answer.headers["location"] == "/#signed-out"


def headers_of_a_proxy(field: Field) -> None:
    forged = {
        "host": "evil.example",
        "forwarded": "for=192.0.2.60;host=evil.example;proto=http",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "http",
        "x-forwarded-for": "127.0.0.1",
        "x-original-url": "/api/v1/workspaces",
        "x-ssl-client-s-dn": "CN=forms",
        "x-forwarded-client-cert": "Hash=0",
    }
    found = field.victim.get("/oidc/acme/.well-known/openid-configuration", **forged)
    assert found.json()["issuer"] == f"{OWN_ORIGIN}/oidc/acme"
    owner = field.prover()
    elsewhere = owner.proof("POST", "https://evil.example/oidc/acme/token")
    answer = field.victim.exchange(field.victim.code(), headers={**forged, "dpop": elsewhere})
    _denied(answer, "invalid_dpop_proof")
    assert "evil" not in field.victim.authorize().headers["location"]


def secret_left_out(field: Field) -> None:
    server = _server(field)
    code = server.visitor.code()
    for words in ({}, {"client_secret": ""}, {"client_secret": "sfs_" + "a" * 43}):
        _denied(server.visitor.exchange(code, **words), "invalid_client", 401)
    _denied(field.victim.exchange(code, code_verifier=server.visitor.verifier), "invalid_grant")


def client_that_plays_a_person(field: Field) -> None:
    server = _server(field)
    form = {"grant_type": "client_credentials", "scope": "introspect openid"}
    _denied(server.post("token", form), "invalid_scope")
    own = server.post("token", {**form, "scope": "introspect"}).json()["access_token"]
    for path in (SESSIONS, "/oidc/acme/userinfo", "/api/v1/sessions/identity"):
        assert send("GET", path, token=own).code == "token_invalid"


def client_s_own_token_with_a_key(field: Field) -> None:
    server = _server(field)
    prover = field.prover()
    proof = {**server.basic, "dpop": prover.proof("POST", TOKEN)}
    form = {"grant_type": "client_credentials"}
    # Refused, as a token that is bound to nothing would be found out when it is stolen.
    _denied(server.post("token", form, **proof), "invalid_dpop_proof")
    _denied(server.post("token", form, **proof), "invalid_dpop_proof")
    assert server.post("token", form).json()["token_type"] == "Bearer"


def password_sent_by_the_client(field: Field) -> None:
    form = {"grant_type": "password", "username": field.victim.tenant.email, "password": "x"}
    client = {"client_id": field.victim.tenant.application.client_id}
    _denied(post_form("/oidc/acme/token", {**form, **client}), "unsupported_grant_type")


def form_posted_on(field: Field) -> None:
    answer = post_form("/oidc/acme/authorize", field.victim.params())
    assert answer.status == 303


def refresh_token_reused(field: Field) -> None:
    first = field.forms.exchange(field.forms.code(scope=OFFLINE)).json()
    second = _refreshed(field.forms, first["refresh_token"]).json()
    field.pause(REFRESH_GRACE_SECONDS)
    _denied(_refreshed(field.forms, first["refresh_token"]), "invalid_grant")
    _denied(_refreshed(field.forms, second["refresh_token"]), "invalid_grant")
    assert send("GET", SESSIONS, token=second["access_token"]).code == "token_superseded"


def refresh_token_of_another_client(field: Field) -> None:
    given = field.forms.exchange(field.forms.code(scope=OFFLINE)).json()["refresh_token"]
    _denied(_refreshed(field.victim, given), "invalid_grant")
    assert _refreshed(field.forms, given).status == 200


def refresh_token_without_its_key(field: Field) -> None:
    owner, thief = field.prover(), field.prover()
    given = owner.tokens(field.victim, field.victim.code(scope=OFFLINE)).json()["refresh_token"]
    _denied(_refreshed(field.victim, given), "invalid_grant")
    _denied(_refreshed(field.victim, given, thief), "invalid_grant")
    assert _refreshed(field.victim, given, owner).status == 200


def refresh_token_in_a_browser(field: Field) -> None:
    given = field.victim.exchange(field.victim.code(scope=OFFLINE)).json()
    assert "refresh_token" not in given


def token_without_its_key(field: Field) -> None:
    owner, thief = field.prover(), field.prover()
    token = owner.tokens(field.victim).json()["access_token"]
    assert send("GET", SESSIONS, token=token).code == "dpop_required"
    assert thief.send("GET", SESSIONS, token).code == "dpop_required"
    assert owner.send("GET", SESSIONS, token).status == 200


def proof_replayed(field: Field) -> None:
    owner = field.prover()
    headers = {"dpop": owner.proof("POST", TOKEN)}
    token = field.victim.exchange(field.victim.code(), headers=headers).json()["access_token"]
    again = field.victim.exchange(field.victim.code(), headers=headers)
    _denied(again, "invalid_dpop_proof")
    shown = {"authorization": f"DPoP {token}", "dpop": owner.proof("GET", READ, token=token)}
    assert send("GET", SESSIONS, headers=shown).status == 200
    assert send("GET", SESSIONS, headers=shown).code == "dpop_required"


def proof_made_in_advance(field: Field) -> None:
    owner = field.prover()
    token = owner.tokens(field.victim).json()["access_token"]
    later = owner.clock.now() + 600
    kept = owner.proof("GET", READ, token=token, iat=later)
    field.pause(600)
    answer = send("GET", SESSIONS, headers={"authorization": f"DPoP {token}", "dpop": kept})
    assert answer.code == "dpop_nonce"


def clocks_that_differ(field: Field) -> None:
    owner = field.prover()
    token = owner.tokens(field.victim).json()["access_token"]
    for seconds, status in (
        *((DPOP_LEEWAY, 200), (-DPOP_LEEWAY, 200)),
        *((DPOP_LEEWAY + 1, 401), (-DPOP_LEEWAY - 1, 401)),
    ):
        proof = owner.proof("GET", READ, token=token, iat=owner.clock.now() + seconds)
        headers = {"authorization": f"DPoP {token}", "dpop": proof}
        assert send("GET", SESSIONS, headers=headers).status == status
    field.pause(900)
    assert owner.send("GET", SESSIONS, token).code == "token_expired"


def clocks_that_differ_at_the_token_endpoint(field: Field) -> None:
    owner = field.prover()
    for seconds, error in (
        *((DPOP_LEEWAY, None), (-DPOP_LEEWAY, None)),
        *((DPOP_LEEWAY + 1, "invalid_dpop_proof"), (-DPOP_LEEWAY - 1, "invalid_dpop_proof")),
    ):
        proof = owner.proof("POST", TOKEN, iat=owner.clock.now() + seconds)
        answer = field.victim.exchange(field.victim.code(), headers={"dpop": proof})
        assert answer.json().get("error") == error


def proof_without_a_nonce(field: Field) -> None:
    owner = field.prover()
    token = owner.tokens(field.victim).json()["access_token"]
    for nonce in (None, "guessed", field.neighbour_nonce()):
        answer = field.victim.exchange(
            field.victim.code(), headers={"dpop": owner.proof("POST", TOKEN, nonce=nonce)}
        )
        _denied(answer, "use_dpop_nonce")
        shown = {
            "authorization": f"DPoP {token}",
            "dpop": owner.proof("GET", READ, token=token, nonce=nonce),
        }
        assert send("GET", SESSIONS, headers=shown).code == "dpop_nonce"


def proof_of_another_kind(field: Field) -> None:
    owner = field.prover()
    given = owner.tokens(field.victim).json()
    forged = owner.proof("POST", TOKEN, header={"typ": "JWT"})
    for proof in (given["id_token"], given["access_token"], forged, "a.b.c", ""):
        answer = field.victim.exchange(field.victim.code(), headers={"dpop": proof})
        _denied(answer, "invalid_dpop_proof")


def token_of_another_kind(field: Field) -> None:
    given = field.victim.exchange(field.victim.code()).json()
    assert send("GET", SESSIONS, token=given["id_token"]).code == "token_invalid"
    answer = send("POST", SESSIONS, token=given["access_token"], body={"workspaceName": "acme"})
    assert answer.code == "token_invalid"


def request_pushed_by_another(field: Field) -> None:
    answer = post_form("/oidc/acme/par", field.victim.params())
    request_uri = answer.json()["request_uri"]
    named = {"client_id": field.forms.tenant.application.client_id, "request_uri": request_uri}
    answer = field.forms.get(f"/oidc/acme/authorize?{urlencode(named)}")
    assert (answer.status, answer.headers.get("location")) == (400, None)


def request_pushed_long_ago(field: Field) -> None:
    request_uri = post_form("/oidc/acme/par", field.victim.params()).json()["request_uri"]
    named = {"client_id": field.victim.tenant.application.client_id, "request_uri": request_uri}
    field.pause(PUSHED_SECONDS)
    answer = field.victim.get(f"/oidc/acme/authorize?{urlencode(named)}")
    assert (answer.status, answer.headers.get("location")) == (400, None)


def sign_in_slipped_under_a_person(field: Field) -> None:
    # A code of the attacker's own sign-in, brought to the victim's client.
    attacker = Visitor(field.platform, field.victim.tenant)
    code = code_of(attacker.sign_in().json()["redirectTo"])
    _denied(field.victim.exchange(code), "invalid_grant")


Attack = Callable[[Field], None]
ATTACKS: tuple[tuple[str, str, Attack], ...] = (
    ("4.1", "an address that was not registered", redirected_elsewhere),
    ("4.1", "an address that was not registered, with an error", redirected_by_an_error),
    ("4.2", "a token in an address, history or Referer", token_in_an_address),
    ("4.3", "a token in the query of a resource", token_in_a_query),
    ("4.4", "mix-up of providers", mix_up),
    ("4.5", "replay of a code", code_replayed),
    ("4.5", "a code in another client", code_injected_into_another_client),
    ("4.5", "a code in another sign-in of the same client", code_injected_into_another_sign_in),
    ("4.5", "a code at another address", code_taken_to_another_address),
    ("4.5", "a code at another workspace", code_taken_next_door),
    ("4.5", "a code that was kept", code_kept_for_later),
    ("4.5", "a code that was asked for with a key", code_of_another_key),
    ("4.6", "a token of another client's sign-in", token_injected_into_another_client),
    ("4.7", "a sign-in slipped under a person (CSRF)", sign_in_slipped_under_a_person),
    ("4.8", "PKCE left out of the request", pkce_left_out),
    ("4.8", "PKCE made plain", pkce_made_plain),
    ("4.8", "PKCE left out of the exchange", pkce_verifier_left_out),
    ("4.9", "a token without its key", token_without_its_key),
    ("4.9", "a token of another kind", token_of_another_kind),
    ("4.10", "replay of a proof", proof_replayed),
    ("4.10", "a proof made in advance", proof_made_in_advance),
    ("4.10", "clocks that differ", clocks_that_differ),
    ("4.10", "clocks that differ, for tokens", clocks_that_differ_at_the_token_endpoint),
    ("4.10", "a proof without a nonce, or a foreign one", proof_without_a_nonce),
    ("4.10", "a proof of another kind", proof_of_another_kind),
    ("4.11", "a sign-out that leads elsewhere", signed_out_to_elsewhere),
    ("4.12", "a form sent on by a redirect", form_posted_on),
    ("4.13", "headers that only a proxy may set", headers_of_a_proxy),
    ("4.14", "reuse of a refresh token", refresh_token_reused),
    ("4.14", "a refresh token of another client", refresh_token_of_another_client),
    ("4.14", "a refresh token without its key", refresh_token_without_its_key),
    ("4.14", "a refresh token in a browser, without a key", refresh_token_in_a_browser),
    ("4.15", "a client that plays a person", client_that_plays_a_person),
    ("4.17", "an answer to another window", message_to_another_window),
    ("2.5", "a secret left out", secret_left_out),
    ("9449", "a key for a client's own token", client_s_own_token_with_a_key),
    ("2.4", "a password that the client asks for", password_sent_by_the_client),
    ("9126", "a pushed request of another client", request_pushed_by_another),
    ("9126", "a pushed request that was kept", request_pushed_long_ago),
)


def _refreshed(visitor: Visitor, token: str, prover: Prover | None = None) -> Answer:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": visitor.tenant.application.client_id,
    }
    proof: dict[str, Any] = {} if prover is None else {"dpop": prover.proof("POST", TOKEN)}
    return post_form(f"/oidc/{visitor.slug}/token", form, **proof)


def _denied(answer: Answer, error: str, status: int = 400) -> None:
    assert (answer.status, answer.json()["error"]) == (status, error), answer.body
    assert "access_token" not in answer.json()
