"""Devices without a browser (RFC 8628): they ask, come back, and get tokens once."""

from dataclasses import replace

import pytest

from chalicelib.domain.clients import ClientKind, DpopUse
from chalicelib.domain.device_authorizations import ALPHABET
from chalicelib.domain.limits import (
    CODE_SECONDS,
    DEVICE_AUTHORIZATION_SECONDS,
    DEVICE_AUTHORIZATION_TOMBSTONE_SECONDS,
    POLL_SECONDS,
    SIGN_IN_WINDOW,
)
from chalicelib.domain.oidc import DEVICE_CODE
from chalicelib.services.attempts import DEVICE_AUTHORIZATIONS_PER_NETWORK
from tests.api.platform import OWN_ORIGIN, Platform, send
from tests.api.prover import TOKEN, Prover
from tests.api.server import server_on
from tests.api.shell import Shell, shell_of, start, told, visitor_on
from tests.api.visitor import Visitor, query_of

START = "/oidc/acme/device_authorization"
SESSIONS = "/api/v1/sessions"


@pytest.fixture
def visitor(platform: Platform) -> Visitor:
    return visitor_on(platform)


def test_a_device_that_is_let_in_gets_tokens_for_the_person(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    told(shell.ask(), "authorization_pending")
    visitor.sign_in()
    shell.decide()
    answer = shell.ask_in_time()
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert (tokens["token_type"], tokens["scope"]) == ("Bearer", "openid email")
    identity = send("GET", f"{SESSIONS}/identity", token=tokens["access_token"]).json()
    assert identity == {"userId": visitor.tenant.user, "email": visitor.tenant.email}


def test_a_device_is_told_two_codes_and_where_to_go(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    first, second = shell.user_code.split("-")
    assert (len(first), len(second)) == (4, 4)
    assert set(first + second) <= set(ALPHABET)
    assert shell.told["verification_uri"] == f"{OWN_ORIGIN}/app/device?workspace=acme"
    complete = query_of(shell.told["verification_uri_complete"])
    assert complete == {"workspace": "acme", "user_code": shell.user_code}
    assert shell.told["expires_in"] == DEVICE_AUTHORIZATION_SECONDS
    assert shell.told["interval"] == POLL_SECONDS


def test_clients_find_it_by_discovery(visitor: Visitor) -> None:
    found = visitor.get("/oidc/acme/.well-known/openid-configuration").json()
    assert found["device_authorization_endpoint"] == f"{OWN_ORIGIN}{START}"
    assert DEVICE_CODE in found["grant_types_supported"]


def test_no_code_is_stored_as_it_is(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    stored = repr(visitor.platform.adapters.device_authorizations.asked)
    assert shell.told["device_code"] not in stored
    assert shell.user_code.replace("-", "") not in stored


def test_a_device_that_is_refused_is_told_so(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    visitor.sign_in()
    shell.decide(approve=False)
    told(shell.ask(), "access_denied")
    told(shell.ask_in_time(), "access_denied")


def test_a_hasty_device_waits_longer_each_time(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    told(shell.ask(), "authorization_pending")
    told(shell.ask(), "slow_down")
    told(shell.ask_in_time(), "slow_down")
    told(shell.ask_in_time(), "slow_down")
    visitor.platform.adapters.clock.pause(4 * POLL_SECONDS)
    told(shell.ask(), "authorization_pending")


def test_a_hasty_device_is_let_in_no_sooner(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    shell.ask()
    visitor.sign_in()
    shell.decide()
    told(shell.ask(), "slow_down")
    visitor.platform.adapters.clock.pause(2 * POLL_SECONDS)
    assert shell.ask().status == 200


def test_a_request_ends_to_the_second(visitor: Visitor) -> None:
    clock = visitor.platform.adapters.clock
    shell = shell_of(visitor)
    clock.pause(DEVICE_AUTHORIZATION_SECONDS - 1)
    told(shell.ask(), "authorization_pending")
    clock.pause(POLL_SECONDS)
    told(shell.ask(), "expired_token")
    clock.pause(DEVICE_AUTHORIZATION_TOMBSTONE_SECONDS)
    told(shell.ask(), "invalid_grant")


def test_a_device_that_was_let_in_has_the_time_that_it_had(visitor: Visitor) -> None:
    clock = visitor.platform.adapters.clock
    shell = shell_of(visitor)
    visitor.sign_in()
    shell.decide()
    clock.pause(DEVICE_AUTHORIZATION_SECONDS - 1)
    assert shell.ask().status == 200


def test_a_device_that_was_let_in_at_the_last_moment_has_a_minute(visitor: Visitor) -> None:
    clock = visitor.platform.adapters.clock
    for wait, status in ((CODE_SECONDS - 1, 200), (CODE_SECONDS, 400)):
        shell = shell_of(visitor)
        visitor.sign_in()
        clock.pause(DEVICE_AUTHORIZATION_SECONDS - 1)
        shell.decide()
        clock.pause(wait)
        assert shell.ask().status == status


def test_to_sign_out_everywhere_stops_a_device_that_was_let_in(visitor: Visitor) -> None:
    clock = visitor.platform.adapters.clock
    token = visitor.exchange(visitor.code()).json()["access_token"]
    shell = shell_of(visitor)
    shell.decide()
    clock.pause(1)
    answer = send("POST", "/api/v1/auth/logout?everywhere=true", token=token)
    assert answer.status == 200, answer.body
    told(shell.ask_in_time(), "invalid_grant")


def test_a_code_is_looked_for_without_a_device_code(visitor: Visitor) -> None:
    told(shell_of(visitor).ask(device_code=""), "invalid_request")
    told(shell_of(visitor).ask(device_code="sfd_" + "a" * 43), "invalid_grant")


@pytest.mark.parametrize("scope", ['"', "openid \x07"])
def test_a_scope_that_is_none_is_refused(visitor: Visitor, scope: str) -> None:
    told(start(visitor, scope=scope), "invalid_scope")


def test_an_application_in_a_browser_has_no_devices(platform: Platform) -> None:
    told(start(Visitor(platform, platform.tenant())), "unauthorized_client")


def test_devices_are_counted_for_their_network(visitor: Visitor) -> None:
    for _ in range(DEVICE_AUTHORIZATIONS_PER_NETWORK):
        assert start(visitor).status == 200
    refused = start(visitor)
    assert (refused.status, refused.code) == (429, "rate_limited")
    told(start(visitor, client_id="nobody"), "invalid_client", 401)
    visitor.platform.adapters.clock.pause(SIGN_IN_WINDOW)
    assert start(visitor).status == 200


def test_an_unknown_client_is_refused(visitor: Visitor) -> None:
    told(start(visitor, client_id="nobody"), "invalid_client", 401)
    told(start(visitor, client_secret="sfs_x"), "invalid_client", 401)
    told(start(visitor, client_id=""), "invalid_request")


def test_a_server_shows_its_secret_both_times(platform: Platform) -> None:
    server = server_on(platform)
    told(start(server.visitor), "invalid_client", 401)
    answer = server.post("device_authorization", {"scope": "openid"})
    shell = Shell(server.visitor, answer.json())
    server.visitor.sign_in()
    shell.decide()
    told(shell.ask(), "invalid_client", 401)
    assert shell.ask(headers=server.basic).status == 200


def test_with_offline_access_the_sign_in_goes_on(visitor: Visitor) -> None:
    shell = shell_of(visitor, scope="openid offline_access")
    visitor.sign_in()
    shell.decide()
    tokens = shell.ask().json()
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert shell.ask(**form).status == 200


def test_the_tokens_of_a_device_can_be_bound_to_its_key(visitor: Visitor) -> None:
    prover = prover_at(visitor)
    shell = shell_of(visitor, scope="openid offline_access")
    visitor.sign_in()
    shell.decide()
    tokens = shell.ask(headers={"dpop": prover.proof("POST", TOKEN)}).json()
    assert (tokens["token_type"], "refresh_token" in tokens) == ("DPoP", True)
    assert prover.send("GET", SESSIONS, tokens["access_token"]).status == 200


def test_a_device_that_shows_a_key_at_first_comes_back_with_it(visitor: Visitor) -> None:
    prover, thief = prover_at(visitor), prover_at(visitor)
    at_start = f"{OWN_ORIGIN}{START}"
    refused = start(visitor, headers={"dpop": Prover(prover.clock).proof("POST", at_start)})
    told(refused, "use_dpop_nonce")
    assert refused.headers["dpop-nonce"] == prover.nonce
    answer = start(visitor, headers={"dpop": prover.proof("POST", at_start)})
    assert answer.headers["dpop-nonce"] == prover.nonce
    shell = Shell(visitor, answer.json())
    visitor.sign_in()
    shell.decide()
    told(shell.ask(), "invalid_grant")
    told(shell.ask_in_time(headers={"dpop": thief.proof("POST", TOKEN)}), "invalid_grant")
    assert shell.ask_in_time(headers={"dpop": prover.proof("POST", TOKEN)}).status == 200


def test_a_client_that_has_to_bind_its_tokens_does(platform: Platform) -> None:
    visitor = visitor_on(platform, dpop=DpopUse.REQUIRED)
    prover, shell = prover_at(visitor), shell_of(visitor)
    visitor.sign_in()
    shell.decide()
    told(shell.ask(), "invalid_dpop_proof")
    assert shell.ask(headers={"dpop": prover.proof("POST", TOKEN)}).status == 200


def test_a_device_code_is_its_client_s(visitor: Visitor) -> None:
    platform, tenant = visitor.platform, visitor.tenant
    forms = platform.application(tenant.workspace, tenant.user, "forms", kind=ClientKind.NATIVE)
    shell = shell_of(visitor)
    other = Shell(Visitor(platform, replace(tenant, application=forms)), shell.told)
    visitor.sign_in()
    shell.decide()
    told(other.ask(), "invalid_grant")
    assert shell.ask_in_time().status == 200


def test_a_device_code_is_its_workspace_s(visitor: Visitor) -> None:
    globex = visitor_on(visitor.platform, "globex")
    shell = shell_of(visitor)
    visitor.sign_in()
    shell.decide()
    client_id = globex.tenant.application.client_id
    told(shell.ask(at="globex", client_id=client_id), "invalid_grant")
    assert shell.ask().status == 200


def test_tokens_are_given_once_and_a_second_use_ends_them(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    visitor.sign_in()
    shell.decide()
    token = shell.ask().json()["access_token"]
    before = len(visitor.platform.events)
    told(shell.ask_in_time(), "invalid_grant")
    assert visitor.platform.actions_since(before) == ["code.reused"]
    assert send("GET", SESSIONS, token=token).code == "token_superseded"


def test_the_code_of_a_device_is_no_code_of_a_browser(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    visitor.sign_in()
    shell.decide()
    told(visitor.exchange(shell.told["device_code"]), "invalid_grant")
    told(visitor.exchange(shell.told["device_code"], redirect_uri=""), "invalid_request")


def prover_at(visitor: Visitor) -> Prover:
    prover = Prover(visitor.platform.adapters.clock)
    prover.nonce = visitor.platform.services.dpop.nonce(visitor.tenant.workspace.id)
    return prover
