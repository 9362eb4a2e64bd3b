"""Requests that a client leaves before it sends the browser (RFC 9126)."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from chalicelib.domain.clients import ClientKind, DpopUse
from chalicelib.domain.limits import PUSHED_SECONDS, SIGN_IN_WINDOW
from chalicelib.domain.pushed_requests import REQUEST_URI
from chalicelib.services.attempts import PUSHED_PER_NETWORK
from tests.api.platform import OWN_ORIGIN, PAGE, Answer, Platform, Tenant, send
from tests.api.prover import Prover
from tests.api.server import server_on
from tests.api.visitor import Visitor, account, post_form, query_of
from tests.domain.tricks import MALFORMED, STRANGERS

PAR = f"{OWN_ORIGIN}/oidc/acme/par"
TRICKS = [trick for trick in (*MALFORMED, *STRANGERS) if trick != f"{PAGE}/"]


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant)


def push(
    visitor: Visitor,
    *,
    headers: Any = None,  # a mapping; dictionaries of changes are spread beside it
    **changes: str | None,
) -> Answer:
    return post_form("/oidc/acme/par", visitor.params(**changes), **(headers or {}))


def pushed(visitor: Visitor, **changes: str | None) -> str:
    answer = push(visitor, **changes)
    assert answer.status == 201, answer.body
    found: str = answer.json()["request_uri"]
    return found


def authorize(visitor: Visitor, request_uri: str, **more: str) -> Answer:
    named = {"client_id": visitor.tenant.application.client_id, "request_uri": request_uri}
    return visitor.get(f"/oidc/acme/authorize?{urlencode({**named, **more})}")


def denied(answer: Answer, error: str = "invalid_request", status: int = 400) -> None:
    assert (answer.status, answer.json()["error"]) == (status, error), answer.body
    assert "request_uri" not in answer.json()


def nowhere(answer: Answer) -> None:
    assert (answer.status, answer.code) == (400, "invalid_input"), answer.body
    assert "location" not in answer.headers


def test_a_pushed_request_leads_to_the_login_with_all_of_it(visitor: Visitor) -> None:
    answer = push(visitor, login_hint="mira@acme.example", state="a b&c=ü", payload='{"a": 1}')
    assert (answer.status, answer.json()["expires_in"]) == (201, PUSHED_SECONDS)
    assert answer.headers["cache-control"] == "no-store"
    request_uri = answer.json()["request_uri"]
    assert request_uri.startswith(f"{REQUEST_URI}sfp_")
    sent = authorize(visitor, request_uri)
    assert sent.status == 302
    changes = {"login_hint": "mira@acme.example", "state": "a b&c=ü", "payload": '{"a": 1}'}
    assert query_of(sent.headers["location"]) == {
        "workspace_name": "acme",
        "app_id": "notes",
        **visitor.params(**changes),
    }


def test_who_is_signed_in_already_comes_back_with_a_code(visitor: Visitor) -> None:
    visitor.sign_in()
    back = query_of(authorize(visitor, pushed(visitor, prompt="none")).headers["location"])
    assert (back["state"], back["iss"]) == ("s-1", f"{OWN_ORIGIN}/oidc/acme")
    assert visitor.exchange(back["code"]).status == 200


def test_nothing_counts_beside_what_was_pushed(visitor: Visitor) -> None:
    request_uri = pushed(visitor)
    more = {"redirect_uri": "https://evil.example/", "state": "evil", "scope": "openid"}
    found = query_of(authorize(visitor, request_uri, **more).headers["location"])
    assert (found["redirect_uri"], found["state"]) == (f"{PAGE}/", "s-1")
    assert found["scope"] == "openid email profile"


def test_a_request_serves_once(visitor: Visitor) -> None:
    request_uri = pushed(visitor)
    assert authorize(visitor, request_uri).status == 302
    nowhere(authorize(visitor, request_uri))


def test_a_request_ends_to_the_second(platform: Platform, visitor: Visitor) -> None:
    first, second = pushed(visitor), pushed(visitor)
    platform.adapters.clock.pause(PUSHED_SECONDS - 1)
    assert authorize(visitor, first).status == 302
    platform.adapters.clock.pause(1)
    nowhere(authorize(visitor, second))


def test_a_request_is_its_clients_and_its_workspaces(platform: Platform, visitor: Visitor) -> None:
    tenant = visitor.tenant
    forms = platform.application(tenant.workspace, tenant.user, "forms")
    other = Visitor(platform, replace(tenant, application=forms))
    nowhere(authorize(other, pushed(visitor)))
    globex = platform.tenant("globex")
    request_uri = quote(pushed(visitor))
    client_id = globex.application.client_id
    path = f"/oidc/globex/authorize?client_id={client_id}&request_uri={request_uri}"
    nowhere(send("GET", path))
    own = tenant.application.client_id
    nowhere(send("GET", f"/oidc/globex/authorize?client_id={own}&request_uri={request_uri}"))
    nowhere(send("GET", f"/oidc/acme/authorize?request_uri={quote(pushed(visitor))}"))


@pytest.mark.parametrize(
    "request_uri",
    [
        "https://evil.example/r",
        REQUEST_URI,
        f"{REQUEST_URI}sfp_{'a' * 43}",
        f"{REQUEST_URI}sfp_{'a' * 42}é",
        f"{REQUEST_URI}sfc_{'a' * 43}",
        f"x{REQUEST_URI}sfp_{'a' * 43}",
        "#",
    ],
)
def test_what_was_never_pushed_leads_nowhere(visitor: Visitor, request_uri: str) -> None:
    nowhere(authorize(visitor, request_uri))


def test_the_login_page_takes_no_reference(visitor: Visitor) -> None:
    named = {"workspace_name": "acme", "client_id": visitor.tenant.application.client_id}
    answer = visitor.step("context", request={**named, "request_uri": pushed(visitor)})
    assert (answer.status, answer.code) == (400, "invalid_input")


@pytest.mark.parametrize("trick", TRICKS)
def test_an_address_that_is_not_registered_is_not_taken(visitor: Visitor, trick: str) -> None:
    denied(push(visitor, redirect_uri=trick))


WRONG: dict[str, tuple[dict[str, str | None], str]] = {
    "a reference": ({"request_uri": f"{REQUEST_URI}sfp_{'a' * 43}"}, "invalid_request"),
    "a request object": ({"request": "a.b.c"}, "request_not_supported"),
    "no redirect URI": ({"redirect_uri": None}, "invalid_request"),
    "no response type": ({"response_type": None}, "invalid_request"),
    "another response type": ({"response_type": "token"}, "unsupported_response_type"),
    "no challenge": ({"code_challenge": None}, "invalid_request"),
    "a plain challenge": ({"code_challenge_method": "plain"}, "invalid_request"),
    "a malformed scope": ({"scope": 'openid "x"'}, "invalid_scope"),
    "an unknown prompt": ({"prompt": "dance"}, "invalid_request"),
    "a payload that is none": ({"payload": "[]"}, "invalid_request"),
    "more than fits": ({"ui_locales": "e" * 16_384}, "invalid_request"),
    "another application": ({"app_id": "forms"}, "invalid_request"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_request_is_judged_when_it_is_pushed(
    platform: Platform, visitor: Visitor, name: str
) -> None:
    changes, error = WRONG[name]
    denied(push(visitor, **changes), error)
    assert platform.adapters.pushed_requests.pushed == {}


def test_an_unknown_client_pushes_nothing(visitor: Visitor) -> None:
    denied(push(visitor, client_id="c" * 27), "invalid_client", 401)
    denied(push(visitor, client_id=None))


def test_a_server_shows_its_secret(platform: Platform) -> None:
    server = server_on(platform, platform.tenant(kind=ClientKind.SERVER))
    denied(push(server.visitor), "invalid_client", 401)
    denied(push(server.visitor, client_secret="sfs_" + "a" * 43), "invalid_client", 401)
    assert push(server.visitor, headers=server.basic).status == 201
    answer = push(server.visitor, client_secret=server.secret)
    assert answer.status == 201
    found = query_of(authorize(server.visitor, answer.json()["request_uri"]).headers["location"])
    assert "client_secret" not in found
    assert server.secret not in repr(found)


def test_nothing_of_a_request_is_readable_where_it_waits(
    platform: Platform, visitor: Visitor
) -> None:
    request_uri = pushed(visitor, login_hint="canary@acme.example", payload='{"a": "canary"}')
    (waiting,) = platform.adapters.pushed_requests.pushed.values()
    written = repr(waiting) + repr(waiting.sealed.ciphertext)
    assert "canary" not in written
    assert request_uri[-43:] not in written


def test_a_page_pushes_from_a_registered_origin_only(visitor: Visitor) -> None:
    answer = push(visitor, headers={"origin": PAGE})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (201, "*")
    strange = push(visitor, headers={"origin": "https://evil.example"})
    assert (strange.status, strange.code) == (403, "origin_not_allowed")


def test_a_proof_names_the_key_of_the_code(platform: Platform, visitor: Visitor) -> None:
    prover = Prover(platform.adapters.clock)
    asked = push(visitor, headers={"dpop": prover.proof("POST", PAR)})
    denied(asked, "use_dpop_nonce")
    prover.nonce = asked.headers["dpop-nonce"]
    answer = push(visitor, headers={"dpop": prover.proof("POST", PAR)})
    assert (answer.status, answer.headers["dpop-nonce"]) == (201, prover.nonce)
    found = query_of(authorize(visitor, answer.json()["request_uri"]).headers["location"])
    assert found["dpop_jkt"] == prover.thumbprint
    same = {"dpop_jkt": prover.thumbprint}
    assert push(visitor, headers={"dpop": prover.proof("POST", PAR)}, **same).status == 201
    other = push(visitor, headers={"dpop": prover.proof("POST", PAR)}, dpop_jkt="a" * 43)
    denied(other, "invalid_dpop_proof")
    wrong = push(visitor, headers={"dpop": prover.proof("POST", f"{OWN_ORIGIN}/oidc/acme/token")})
    denied(wrong, "invalid_dpop_proof")


def test_an_application_without_dpop_takes_no_proof(platform: Platform) -> None:
    visitor = Visitor(platform, platform.tenant(dpop=DpopUse.OFF))
    prover = Prover(platform.adapters.clock)
    denied(push(visitor, headers={"dpop": prover.proof("POST", PAR)}), "invalid_dpop_proof")


def test_metadata_names_the_endpoint(visitor: Visitor) -> None:
    found = visitor.get("/oidc/acme/.well-known/openid-configuration").json()
    assert found["pushed_authorization_request_endpoint"] == PAR
    assert found["require_pushed_authorization_requests"] is False


def test_requests_are_counted_for_their_network(visitor: Visitor) -> None:
    for _ in range(PUSHED_PER_NETWORK):
        assert push(visitor).status == 201
    # What is refused leaves nothing, and costs no more.
    denied(push(visitor, client_id="nobody"), "invalid_client", 401)
    refused = push(visitor)
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert 0 < int(refused.headers["retry-after"]) <= SIGN_IN_WINDOW
    assert len(visitor.platform.adapters.pushed_requests.pushed) == PUSHED_PER_NETWORK
    form = {"content-type": "application/x-www-form-urlencoded"}
    raw = urlencode(visitor.params()).encode()
    elsewhere = send("POST", "/oidc/acme/par", raw=raw, headers=form, ip="198.51.100.9")
    assert elsewhere.status == 201
    visitor.platform.adapters.clock.pause(SIGN_IN_WINDOW)
    assert push(visitor).status == 201


def test_strangers_keep_no_server_of_their_network_out(platform: Platform) -> None:
    server = server_on(platform, platform.tenant(kind=ClientKind.SERVER))
    tenant = server.tenant
    forms = platform.application(tenant.workspace, tenant.user, "forms")
    stranger = Visitor(platform, replace(tenant, application=forms))
    for _ in range(PUSHED_PER_NETWORK):
        assert push(stranger).status == 201
    assert push(stranger).status == 429
    assert push(server.visitor, headers=server.basic).status == 201
