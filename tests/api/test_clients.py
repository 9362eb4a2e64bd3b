"""How clients prove who they are at the token endpoint (RFC 6749, section 2.3)."""

import base64
from collections.abc import Callable

import pytest

from chalicelib.domain.clients import ClientKind, DpopUse
from chalicelib.domain.limits import SETTINGS_AGE
from tests.api.platform import Answer, Platform, send
from tests.api.server import Server, basic, secret_of, server_on
from tests.api.visitor import Visitor, account

Form = dict[str, str | None]


@pytest.fixture
def server(platform: Platform) -> Server:
    return server_on(platform)


def refused(answer: Answer) -> None:
    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"] == 'Basic realm="secureflows"'
    assert answer.headers["cache-control"] == "no-store"
    assert "token" not in answer.body.replace("token_endpoint", "")


def test_a_server_shows_its_secret_in_the_header(server: Server) -> None:
    exchange = server.visitor.exchange
    assert exchange(server.visitor.code(), headers=server.basic, client_id=None).status == 200
    assert exchange(server.visitor.code(), headers=server.basic).status == 200


def test_a_server_shows_its_secret_in_the_form(server: Server) -> None:
    answer = server.visitor.exchange(server.visitor.code(), client_secret=server.secret)
    assert answer.status == 200


WRONG: dict[str, Callable[[Server], tuple[dict[str, str], Form]]] = {
    "nothing": lambda _: ({}, {}),
    "an empty secret": lambda _: ({}, {"client_secret": ""}),
    "a wrong secret": lambda _: ({}, {"client_secret": "sfs_" + "a" * 43}),
    "most of the secret": lambda s: ({}, {"client_secret": s.secret[:-1]}),
    "a wrong secret in the header": lambda s: (basic(s.client_id, "sfs_" + "a" * 43), {}),
    "no secret in the header": lambda s: (basic(s.client_id, ""), {}),
    "another scheme": lambda s: ({"authorization": f"Bearer {s.secret}"}, {}),
    "a header that is no base64": lambda _: ({"authorization": "Basic é"}, {"client_id": None}),
    "a header that is no UTF-8": lambda _: (
        {"authorization": f"Basic {base64.b64encode(bytes([255, 58, 255])).decode()}"},
        {"client_id": None},
    ),
    "a header without a word": lambda _: ({"authorization": "Basic"}, {"client_id": None}),
    "the digest": lambda s: (
        {},
        {"client_secret": s.platform.adapters.applications.find(s.client_id).secrets[0].digest},  # type: ignore[union-attr]
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_server_without_its_secret_is_not_let_in_and_its_code_stays(
    server: Server, name: str
) -> None:
    headers, changes = WRONG[name](server)
    code = server.visitor.code()
    before = len(server.platform.events)
    refused(server.visitor.exchange(code, headers=headers, **changes))
    assert server.platform.actions_since(before) == []
    assert server.visitor.exchange(code, headers=server.basic).status == 200


@pytest.mark.parametrize("kind", [ClientKind.BROWSER, ClientKind.NATIVE])
def test_who_has_no_secret_shows_none(platform: Platform, kind: ClientKind) -> None:
    tenant = platform.tenant(kind=kind)
    tenant.email = "anna@acme.example"
    account(platform, tenant.workspace, tenant.email)
    visitor = Visitor(platform, tenant)
    code = visitor.code()
    client_id = tenant.application.client_id
    refused(visitor.exchange(code, client_secret="sfs_" + "a" * 43))
    refused(visitor.exchange(code, headers=basic(client_id, "x")))
    assert visitor.exchange(code, headers=basic(client_id, ""), client_id=None).status == 200


@pytest.mark.parametrize("more", [{"client_secret": "x"}, {"client_id": "c" + "a" * 26}])
def test_who_shows_two_things_is_refused(server: Server, more: dict[str, str]) -> None:
    answer = server.visitor.exchange(server.visitor.code(), headers=server.basic, **more)
    assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


def test_a_secret_is_the_clients_own(platform: Platform, server: Server) -> None:
    tenant = server.tenant
    other = platform.application(tenant.workspace, tenant.user, "forms", kind=ClientKind.SERVER)
    code = server.visitor.code()
    refused(
        server.visitor.exchange(code, headers=basic(other.client_id, server.secret), client_id=None)
    )
    refused(server.visitor.exchange(code, client_id=other.client_id, client_secret=server.secret))
    assert server.visitor.exchange(code, headers=server.basic).status == 200


def test_every_secret_that_is_there_works_and_none_that_is_gone(
    platform: Platform, server: Server
) -> None:
    second = secret_of(platform, server.tenant)
    for secret in (server.secret, second):
        answer = server.visitor.exchange(
            server.visitor.code(), headers=basic(server.client_id, secret)
        )
        assert answer.status == 200
    stored = platform.adapters.applications.find(server.client_id)
    assert stored is not None
    token = platform.member_token(server.tenant.workspace)
    path = f"/api/v1/applications/notes/secrets/{stored.secrets[0].id}"
    assert send("DELETE", path, token=token).status == 200
    platform.adapters.clock.pause(SETTINGS_AGE)
    code = server.visitor.code()
    refused(server.visitor.exchange(code, headers=server.basic))
    answer = server.visitor.exchange(code, headers=basic(server.client_id, second))
    assert answer.status == 200


def test_a_secret_with_signs_in_it_is_decoded_before_it_is_compared(server: Server) -> None:
    for secret in ("a:b", "a%2Bb", "a+b", "ä ö"):
        refused(
            server.visitor.exchange(server.visitor.code(), headers=basic(server.client_id, secret))
        )


def test_who_has_to_bind_tokens_gets_none_that_are_not(platform: Platform) -> None:
    tenant = platform.tenant(dpop=DpopUse.REQUIRED)
    tenant.email = "anna@acme.example"
    account(platform, tenant.workspace, tenant.email)
    visitor = Visitor(platform, tenant)
    answer = visitor.exchange(visitor.code())
    assert (answer.status, answer.json()["error"]) == (400, "invalid_dpop_proof")


def test_a_native_application_is_sent_to_the_port_on_which_it_listens(platform: Platform) -> None:
    tenant = platform.tenant(kind=ClientKind.NATIVE, page="http://127.0.0.1")
    tenant.email = "anna@acme.example"
    account(platform, tenant.workspace, tenant.email)
    visitor = Visitor(platform, tenant)
    uri = "http://127.0.0.1:51004/"
    assert visitor.authorize(redirect_uri=uri).status == 302
    request = {"workspace_name": "acme", **visitor.params(redirect_uri=uri)}
    words = {"email": tenant.email, "password": "plain words are long"}
    location = visitor.step("sign-in", request=request, **words).json()["redirectTo"]
    assert location.startswith(f"{uri}?code=")
    code = location.partition("code=")[2].partition("&")[0]
    assert visitor.exchange(code, redirect_uri="http://127.0.0.1:51005/").status == 400
    assert visitor.authorize(redirect_uri="http://127.0.0.1:51004/x").status == 400
