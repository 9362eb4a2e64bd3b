"""Tokens that are bound to a key: how they are got, and that they are no use without it."""

from typing import Any

import jwt
import pytest

from chalicelib.domain.clients import DpopUse
from chalicelib.domain.limits import DPOP_LEEWAY, DPOP_NONCE_SECONDS, SETTINGS_AGE
from tests.api.platform import OWN_ORIGIN, PAGE, Answer, Platform, Tenant, send
from tests.api.prover import READ, TOKEN, Prover, hash_of, rsa
from tests.api.visitor import Visitor, account, query_of

PATH = "/api/v1/sessions"
KEY = f"{PATH}/get/a%2Fb"


def tenant_with(platform: Platform, **settings: Any) -> Tenant:
    tenant = platform.tenant(**settings)
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


@pytest.fixture
def visitor(platform: Platform) -> Visitor:
    return Visitor(platform, tenant_with(platform))


@pytest.fixture
def prover(platform: Platform) -> Prover:
    return Prover(platform.adapters.clock)


@pytest.fixture
def token(prover: Prover, visitor: Visitor) -> str:
    answer = prover.tokens(visitor)
    assert answer.status == 200, answer.body
    found: str = answer.json()["access_token"]
    return found


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def denied(answer: Answer, error: str) -> None:
    assert (answer.status, answer.json()["error"]) == (400, error), answer.body
    assert answer.headers["cache-control"] == "no-store"


def refused(answer: Answer, code: str, error: str) -> None:
    assert (answer.status, answer.code) == (401, code), answer.body
    told = answer.headers["www-authenticate"]
    assert told.startswith("DPoP ")
    assert f'error="{error}"' in told
    assert 'algs="ES256 RS256"' in told


@pytest.mark.parametrize("kind", ["EC", "RSA"])
def test_tokens_are_bound_to_the_key_that_was_proven(
    platform: Platform, visitor: Visitor, kind: str
) -> None:
    clock = platform.adapters.clock
    prover = Prover(clock) if kind == "EC" else rsa(clock)
    answer = prover.tokens(visitor)
    assert answer.status == 200, answer.body
    found = answer.json()
    assert found["token_type"] == "DPoP"
    for name in ("access_token", "id_token"):
        assert claims_of(found[name])["cnf"] == {"jkt": prover.thumbprint}
    assert answer.headers["dpop-nonce"] == prover.nonce
    used = prover.send("GET", PATH, found["access_token"])
    assert (used.status, used.headers["dpop-nonce"]) == (200, prover.nonce)


def test_without_a_proof_tokens_are_bound_to_nothing(visitor: Visitor) -> None:
    answer = visitor.exchange(visitor.code())
    assert (answer.status, answer.json()["token_type"]) == (200, "Bearer")
    assert "dpop-nonce" not in answer.headers
    assert "cnf" not in claims_of(answer.json()["access_token"])
    used = send("GET", PATH, token=answer.json()["access_token"])
    assert (used.status, "dpop-nonce" in used.headers) == (200, False)


def test_the_nonce_is_asked_for_before_the_code_is_used(prover: Prover, visitor: Visitor) -> None:
    code = visitor.code()
    for _ in range(2):
        answer = visitor.exchange(code, headers={"dpop": prover.proof("POST", TOKEN)})
        denied(answer, "use_dpop_nonce")
        assert answer.headers["dpop-nonce"]
    assert prover.tokens(visitor, code).status == 200


WRONG_AT_TOKEN: dict[str, dict[str, Any]] = {
    "another method": {"htm": "GET"},
    "a method in small letters": {"htm": "post"},
    "another endpoint": {"htu": f"{OWN_ORIGIN}/oidc/acme/authorize"},
    "another workspace": {"htu": f"{OWN_ORIGIN}/oidc/other/token"},
    "another host": {"htu": "https://evil.example/oidc/acme/token"},
    "another type": {"header": {"typ": "JWT"}},
    "no id": {"jti": None},
}


@pytest.mark.parametrize("name", WRONG_AT_TOKEN)
def test_a_proof_that_does_not_fit_gets_nothing_and_leaves_the_code(
    prover: Prover, visitor: Visitor, name: str
) -> None:
    code = visitor.code()
    prover.nonce = visitor.platform.services.dpop.nonce(visitor.tenant.workspace.id)
    before = len(visitor.platform.events)
    proof = prover.proof("POST", TOKEN, **WRONG_AT_TOKEN[name])
    denied(visitor.exchange(code, headers={"dpop": proof}), "invalid_dpop_proof")
    assert visitor.platform.actions_since(before) == []
    assert prover.tokens(visitor, code).status == 200


@pytest.mark.parametrize(
    ("seconds", "is_good"),
    [
        (DPOP_LEEWAY, True),
        (DPOP_LEEWAY + 1, False),
        (-DPOP_LEEWAY, True),
        (-DPOP_LEEWAY - 1, False),
    ],
)
def test_the_clocks_may_differ_by_a_minute(
    prover: Prover, visitor: Visitor, *, seconds: int, is_good: bool
) -> None:
    prover.nonce = visitor.platform.services.dpop.nonce(visitor.tenant.workspace.id)
    iat = prover.clock.now() + seconds
    answer = visitor.exchange(
        visitor.code(), headers={"dpop": prover.proof("POST", TOKEN, iat=iat)}
    )
    assert answer.status == (200 if is_good else 400)


def test_a_proof_gets_through_once(prover: Prover, visitor: Visitor) -> None:
    prover.nonce = visitor.platform.services.dpop.nonce(visitor.tenant.workspace.id)
    headers = {"dpop": prover.proof("POST", TOKEN)}
    assert visitor.exchange(visitor.code(), headers=headers).status == 200
    denied(visitor.exchange(visitor.code(), headers=headers), "invalid_dpop_proof")
    again = {"dpop": prover.proof("POST", TOKEN, jti="j-1")}
    assert visitor.exchange(visitor.code(), headers=again).status == 200
    same_id = {"dpop": prover.proof("POST", TOKEN, jti="j-1", ath="other")}
    denied(visitor.exchange(visitor.code(), headers=same_id), "invalid_dpop_proof")
    # Another key may use the same id.
    other = Prover(prover.clock, nonce=prover.nonce)
    headers = {"dpop": other.proof("POST", TOKEN, jti="j-1")}
    assert visitor.exchange(visitor.code(), headers=headers).status == 200


def test_a_nonce_is_good_for_this_turn_and_the_next_and_for_its_workspace(
    prover: Prover, visitor: Visitor
) -> None:
    clock = visitor.platform.adapters.clock
    workspace = visitor.tenant.workspace.id
    clock.pause(DPOP_NONCE_SECONDS - clock.now() % DPOP_NONCE_SECONDS)
    nonce = prover.nonce = visitor.platform.services.dpop.nonce(workspace)
    clock.pause(2 * DPOP_NONCE_SECONDS - 1)
    answer = visitor.exchange(visitor.code(), headers={"dpop": prover.proof("POST", TOKEN)})
    assert (answer.status, answer.headers["dpop-nonce"] == nonce) == (200, False)
    clock.pause(1)
    late = visitor.exchange(visitor.code(), headers={"dpop": prover.proof("POST", TOKEN)})
    denied(late, "use_dpop_nonce")
    other = visitor.platform.tenant("other").workspace.id
    for wrong in (visitor.platform.services.dpop.nonce(other), "", "é", "n" * 43):
        prover.nonce = wrong
        asked = visitor.exchange(visitor.code(), headers={"dpop": prover.proof("POST", TOKEN)})
        denied(asked, "use_dpop_nonce")


def test_of_two_proofs_in_one_request_none_is_read(prover: Prover, visitor: Visitor) -> None:
    first, second = prover.proof("POST", TOKEN), prover.proof("POST", TOKEN)
    lines = [("dpop", first), ("dpop", second)]
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = send("POST", "/oidc/acme/token", raw=b"grant_type=x", headers=form, lines=lines)
    assert (answer.status, answer.code) == (400, "invalid_input")
    answer = visitor.exchange(visitor.code(), headers={"dpop": f"{first}, {second}"})
    denied(answer, "invalid_dpop_proof")


def test_a_code_that_was_asked_for_with_a_key_is_no_use_to_another(
    prover: Prover, visitor: Visitor
) -> None:
    thief = Prover(prover.clock)
    code = visitor.code(dpop_jkt=prover.thumbprint)
    denied(thief.tokens(visitor, code), "invalid_grant")
    denied(visitor.exchange(visitor.code(dpop_jkt=prover.thumbprint)), "invalid_grant")
    assert prover.tokens(visitor, visitor.code(dpop_jkt=prover.thumbprint)).status == 200
    # One that names no key is whoever's comes with the verifier.
    assert thief.tokens(visitor, visitor.code()).status == 200


@pytest.mark.parametrize("jkt", ["a", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "é"])
def test_what_is_no_thumbprint_is_sent_back(visitor: Visitor, jkt: str) -> None:
    answer = visitor.authorize(dpop_jkt=jkt)
    assert query_of(answer.headers["location"])["error"] == "invalid_request"


def test_a_key_is_no_use_where_tokens_are_not_bound(platform: Platform, prover: Prover) -> None:
    visitor = Visitor(platform, tenant_with(platform, dpop=DpopUse.OFF))
    answer = visitor.authorize(dpop_jkt=prover.thumbprint)
    assert query_of(answer.headers["location"])["error"] == "invalid_request"


def test_the_login_page_is_given_the_key_of_the_request(prover: Prover, visitor: Visitor) -> None:
    answer = visitor.authorize(dpop_jkt=prover.thumbprint)
    assert query_of(answer.headers["location"])["dpop_jkt"] == prover.thumbprint


def test_a_bound_token_is_no_use_by_another_scheme(prover: Prover, token: str) -> None:
    refused(send("GET", PATH, token=token), "dpop_required", "invalid_token")
    proof = prover.proof("GET", READ, token=token)
    answer = send("GET", PATH, token=token, headers={"dpop": proof})
    refused(answer, "dpop_required", "invalid_token")


def test_a_token_that_is_bound_to_nothing_is_no_use_with_a_proof(
    prover: Prover, visitor: Visitor
) -> None:
    token = visitor.exchange(visitor.code()).json()["access_token"]
    answer = prover.send("GET", PATH, token)
    assert (answer.status, answer.code) == (401, "token_invalid")


WRONG_AT_RESOURCE: dict[str, tuple[dict[str, Any], str]] = {
    "another method": ({"htm": "PUT"}, "invalid_dpop_proof"),
    "another route": ({"htu": f"{READ}/identity"}, "invalid_dpop_proof"),
    "another host": ({"htu": "https://evil.example/api/v1/sessions"}, "invalid_dpop_proof"),
    "the hash of another token": ({"ath": hash_of("other")}, "invalid_dpop_proof"),
    "no hash": ({"ath": None}, "invalid_dpop_proof"),
    "another type": ({"header": {"typ": "at+jwt"}}, "invalid_dpop_proof"),
    "a time of before": ({"iat": 1}, "invalid_dpop_proof"),
}


@pytest.mark.parametrize("name", WRONG_AT_RESOURCE)
def test_a_proof_that_does_not_fit_opens_nothing(prover: Prover, token: str, name: str) -> None:
    changes, error = WRONG_AT_RESOURCE[name]
    proof = prover.proof("GET", READ, **{"token": token, **changes})
    headers = {"authorization": f"DPoP {token}", "dpop": proof}
    refused(send("GET", PATH, headers=headers), "dpop_required", error)


def test_no_proof_opens_nothing(token: str) -> None:
    answer = send("GET", PATH, headers={"authorization": f"DPoP {token}"})
    refused(answer, "dpop_required", "invalid_dpop_proof")


def test_the_proof_of_another_key_opens_nothing(prover: Prover, token: str) -> None:
    thief = Prover(prover.clock, nonce=prover.nonce)
    refused(thief.send("GET", PATH, token), "dpop_required", "invalid_token")


def test_a_resource_asks_for_its_nonce(prover: Prover, token: str) -> None:
    nonce = prover.nonce
    prover.nonce = None
    answer = prover.send("GET", PATH, token)
    refused(answer, "dpop_nonce", "use_dpop_nonce")
    assert answer.headers["dpop-nonce"] == nonce
    prover.nonce = nonce
    assert prover.send("GET", PATH, token).status == 200


def test_a_proof_opens_a_resource_once(prover: Prover, token: str) -> None:
    headers = {
        "authorization": f"dpop {token}",
        "dpop": prover.proof("GET", READ, token=token),
    }
    assert send("GET", PATH, headers=headers).status == 200
    refused(send("GET", PATH, headers=headers), "dpop_required", "invalid_dpop_proof")
    prover.clock.pause(2 * DPOP_LEEWAY)
    refused(send("GET", PATH, headers=headers), "dpop_required", "invalid_dpop_proof")


def test_an_address_is_the_one_that_was_sent(prover: Prover, token: str) -> None:
    assert prover.send("POST", f"{PATH}/set/a%2Fb", token, body={"value": 1}).status == 200
    assert prover.send("GET", KEY, token).json() == {"key": "a/b", "value": 1}
    proof = prover.proof("GET", f"{OWN_ORIGIN}{KEY}?x=1#y", token=token)
    headers = {"authorization": f"DPoP {token}", "dpop": proof}
    assert send("GET", f"{KEY}?x=1", headers=headers).status == 200
    decoded = prover.proof("GET", f"{READ}/get/a/b", token=token)
    headers = {"authorization": f"DPoP {token}", "dpop": decoded}
    refused(send("GET", KEY, headers=headers), "dpop_required", "invalid_dpop_proof")


def test_what_an_id_token_brings_is_bound_as_it_is(prover: Prover, visitor: Visitor) -> None:
    id_token = prover.tokens(visitor).json()["id_token"]
    body = {"workspaceName": "acme", "app_id": "notes"}
    for path in (PATH, f"{PATH}/get-or-create"):
        answer = send("POST", path, token=id_token, body=body)
        refused(answer, "dpop_required", "invalid_token")
        thief = Prover(prover.clock, nonce=prover.nonce)
        refused(thief.send("POST", path, id_token, body=body), "dpop_required", "invalid_token")
        answer = prover.send("POST", path, id_token, body=body)
        assert answer.status == 200, answer.body
        brought = answer.json()["sessionToken"]
        assert claims_of(brought)["cnf"] == {"jkt": prover.thumbprint}
        assert prover.send("GET", PATH, brought).status == 200
    answer = prover.send("POST", f"{PATH}/renew", id_token, body={"sessionToken": brought})
    assert claims_of(answer.json()["sessionToken"])["cnf"] == {"jkt": prover.thumbprint}


def test_an_application_that_demands_it_takes_no_other_token(platform: Platform) -> None:
    visitor = Visitor(platform, tenant_with(platform, dpop=DpopUse.REQUIRED))
    denied(visitor.exchange(visitor.code()), "invalid_dpop_proof")
    prover = Prover(platform.adapters.clock)
    tokens = prover.tokens(visitor).json()
    assert prover.send("GET", PATH, tokens["access_token"]).status == 200
    # What was given before it demanded that.
    unbound = platform.token(visitor.tenant)
    for method, path in (("GET", PATH), ("PUT", PATH), ("POST", "/api/v1/auth/logout")):
        answer = send(method, path, token=unbound, body={} if method == "PUT" else None)
        refused(answer, "dpop_required", "invalid_token")
    id_token = platform.id_token(visitor.tenant)
    body = {"workspaceName": "acme", "app_id": "notes"}
    answer = send("POST", PATH, token=id_token, body=body)
    refused(answer, "dpop_required", "invalid_token")


def test_it_acts_within_seconds_and_also_on_writes_that_read_nothing(platform: Platform) -> None:
    tenant = tenant_with(platform)
    token = platform.token(tenant)
    for value in (1, 2):
        assert send("PUT", PATH, token=token, body={"a": value}).status == 200
    path = "/api/v1/applications/notes"
    member = platform.member_token(tenant.workspace)
    assert send("PATCH", path, token=member, body={"dpop": "required"}).status == 200
    platform.adapters.clock.pause(SETTINGS_AGE)
    answer = send("PUT", PATH, token=token, body={"a": 3})
    refused(answer, "dpop_required", "invalid_token")


def test_an_application_without_it_refuses_proofs_and_keeps_what_is_bound(
    platform: Platform,
) -> None:
    tenant = tenant_with(platform)
    visitor, prover = Visitor(platform, tenant), Prover(platform.adapters.clock)
    token = prover.tokens(visitor).json()["access_token"]
    member = platform.member_token(tenant.workspace)
    path = "/api/v1/applications/notes"
    assert send("PATCH", path, token=member, body={"dpop": "off"}).status == 200
    platform.adapters.clock.pause(SETTINGS_AGE)
    code = visitor.code()
    denied(prover.tokens(visitor, code), "invalid_dpop_proof")
    assert visitor.exchange(code).json()["token_type"] == "Bearer"
    assert prover.send("GET", PATH, token).status == 200
    refused(send("GET", PATH, token=token), "dpop_required", "invalid_token")


def test_a_page_may_send_proofs_and_read_nonces(prover: Prover, visitor: Visitor) -> None:
    page = {"origin": PAGE}
    code = visitor.code()
    asked = visitor.exchange(code, headers={"dpop": prover.proof("POST", TOKEN), **page})
    denied(asked, "use_dpop_nonce")
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "DPoP-Nonce" in asked.headers["access-control-expose-headers"]
    token = prover.tokens(visitor, code).json()["access_token"]
    answer = prover.send("GET", PATH, token, headers=page)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, PAGE)
    assert "DPoP-Nonce" in answer.headers["access-control-expose-headers"]


def test_a_confirmation_that_is_not_understood_is_not_read_as_none(
    platform: Platform, visitor: Visitor
) -> None:
    signatures = platform.adapters.signatures
    claims = claims_of(platform.token(visitor.tenant))
    key = next(iter(platform.adapters.keys.signing()))
    for cnf in ({}, {"kid": "k"}, {"jkt": 7}, {"jkt": "a", "x5t#S256": "b"}, None, "jkt"):
        token = signatures.sign({**claims, "cnf": cnf}, typ="at+jwt", key=key)
        answer = send("GET", PATH, token=token)
        assert (answer.status, answer.code) == (401, "token_invalid")


def test_an_application_that_sends_tokens_in_addresses_cannot_demand_it(
    platform: Platform,
) -> None:
    member = platform.member_token(platform.tenant().workspace)
    both = {"dpop": "required", "returnFlow": "token"}
    body = {"appId": "other", "displayName": "Other", "redirectUris": [f"{PAGE}/"], **both}
    answer = send("POST", "/api/v1/applications", token=member, body=body)
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (400, "/dpop")
    path = "/api/v1/applications/notes"
    assert send("PATCH", path, token=member, body={"returnFlow": "token"}).status == 200
    assert send("PATCH", path, token=member, body={"dpop": "required"}).status == 400
    assert send("PATCH", path, token=member, body=both).status == 400


def test_metadata_names_the_algorithms(visitor: Visitor) -> None:
    found = visitor.get("/oidc/acme/.well-known/openid-configuration").json()
    assert found["dpop_signing_alg_values_supported"] == ["ES256", "RS256"]


def test_an_operators_token_has_no_such_scheme(platform: Platform, visitor: Visitor) -> None:
    token = platform.member_token(visitor.tenant.workspace)
    answer = send("GET", "/api/v1/applications", headers={"authorization": f"DPoP {token}"})
    assert (answer.status, answer.code) == (401, "token_missing")
