from dataclasses import replace
from functools import partial

import jwt
import pytest

from chalicelib.domain.clients import ClientKind
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.limits import REFRESH_GRACE_SECONDS, REFRESH_SECONDS
from chalicelib.domain.refresh import RefreshFamily, family_named
from chalicelib.domain.users import UserStatus
from tests.api.platform import Answer, Platform, send
from tests.api.server import Server, basic, secret_of, server_on
from tests.api.visitor import Visitor, account, post_form
from tests.contracts.directory import at_once

OFFLINE = "openid email profile offline_access"
SESSIONS = "/api/v1/sessions"


@pytest.fixture
def server(platform: Platform) -> Server:
    return server_on(platform)


def refresh(server: Server, token: str, **more: str) -> Answer:
    return server.post("token", {"grant_type": "refresh_token", "refresh_token": token, **more})


def refused(answer: Answer, error: str = "invalid_grant") -> None:
    assert (answer.status, answer.json()["error"]) == (400, error)
    assert "token" not in answer.json()


def stored(server: Server, token: str) -> RefreshFamily:
    name = family_named(token)
    assert name is not None
    return server.platform.adapters.refresh.families[server.tenant.workspace.id, name]


def claims(token: str) -> dict[str, object]:
    found: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    return found


def works(token: str) -> bool:
    return send("GET", SESSIONS, token=token).status == 200


@pytest.mark.parametrize("kind", [ClientKind.SERVER, ClientKind.NATIVE])
def test_who_asks_for_offline_access_is_given_a_refresh_token(
    platform: Platform, kind: ClientKind
) -> None:
    tenant = platform.tenant(kind=kind)
    tenant.email = "anna@acme.example"
    account(platform, tenant.workspace, tenant.email)
    visitor = Visitor(platform, tenant)
    headers = {}
    if kind is ClientKind.SERVER:
        headers = basic(tenant.application.client_id, secret_of(platform, tenant))
    plain = visitor.exchange(visitor.code(), headers=headers).json()
    assert "refresh_token" not in plain
    given = visitor.exchange(visitor.code(scope=OFFLINE), headers=headers).json()
    assert given["scope"] == OFFLINE
    assert given["refresh_token"].startswith("sfr_f")


def test_a_browser_is_given_none_and_told_so(platform: Platform) -> None:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    account(platform, tenant.workspace, tenant.email)
    visitor = Visitor(platform, tenant)
    given = visitor.exchange(visitor.code(scope=OFFLINE)).json()
    assert given["scope"] == "openid email profile"
    assert "refresh_token" not in given
    assert claims(given["access_token"])["scope"] == "openid email profile"
    assert platform.adapters.refresh.families == {}


def test_a_refresh_brings_fresh_tokens_of_the_same_sign_in(
    platform: Platform, server: Server
) -> None:
    first = server.tokens(scope=OFFLINE)
    platform.adapters.clock.pause(1_000)
    before = len(platform.events)
    answer = refresh(server, first["refresh_token"])
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    second = answer.json()
    assert set(second) == set(first)
    assert (second["token_type"], second["expires_in"]) == ("Bearer", 900)
    assert second["refresh_token"] != first["refresh_token"]
    assert platform.actions_since(before) == []
    assert works(second["access_token"])
    for kind in ("access_token", "id_token"):
        old, new = claims(first[kind]), claims(second[kind])
        same = {"iss", "aud", "sub", "sid", "gid", "auth_time", "acr", "amr"}
        assert {name: new[name] for name in same} == {name: old[name] for name in same}
        assert new["iat"] == platform.adapters.clock.now()
        assert new["jti"] != old["jti"]
    assert claims(first["id_token"])["nonce"] == "n-1"
    assert "nonce" not in claims(second["id_token"])


def test_no_token_is_stored_as_it_is(platform: Platform, server: Server) -> None:
    first = server.tokens(scope=OFFLINE)["refresh_token"]
    second = refresh(server, first).json()["refresh_token"]
    written = repr(platform.adapters.refresh.families) + repr(stored(server, first).successor)
    for token in (first, second):
        assert token not in written
        assert token[-43:] not in written
    assert stored(server, second).successor is not None


@pytest.mark.parametrize("seconds", [0, REFRESH_GRACE_SECONDS - 1])
def test_who_lost_the_answer_is_told_the_same_within_the_grace(
    platform: Platform, server: Server, seconds: int
) -> None:
    first = server.tokens(scope=OFFLINE)["refresh_token"]
    second = refresh(server, first).json()["refresh_token"]
    platform.adapters.clock.pause(seconds)
    before = len(platform.events)
    again = refresh(server, first)
    assert again.json()["refresh_token"] == second
    assert works(again.json()["access_token"])
    assert platform.actions_since(before) == []
    assert refresh(server, second).status == 200


def test_a_token_that_is_shown_again_later_ends_all_of_its_family(
    platform: Platform, server: Server
) -> None:
    other = server.tokens(scope=OFFLINE)
    first = server.tokens(scope=OFFLINE)
    second = refresh(server, first["refresh_token"]).json()
    platform.adapters.clock.pause(REFRESH_GRACE_SECONDS)
    before = len(platform.events)
    refused(refresh(server, first["refresh_token"]))
    (event,) = platform.events[before:]
    assert (event.action, event.subject) == ("refresh.reused", server.tenant.user)
    assert event.origin.ip == "192.0.2.7"
    for token in (first["access_token"], second["access_token"]):
        assert send("GET", SESSIONS, token=token).code == "token_superseded"
    before = len(platform.events)
    for token in (first["refresh_token"], second["refresh_token"]):
        refused(refresh(server, token))
    assert platform.actions_since(before) == []
    assert works(other["access_token"])
    assert refresh(server, other["refresh_token"]).status == 200


def test_a_token_of_two_rotations_ago_ends_the_family_at_once(server: Server) -> None:
    first = server.tokens(scope=OFFLINE)["refresh_token"]
    second = refresh(server, first).json()["refresh_token"]
    third = refresh(server, second).json()
    refused(refresh(server, first))
    refused(refresh(server, third["refresh_token"]))
    assert send("GET", SESSIONS, token=third["access_token"]).code == "token_superseded"


def test_a_reuse_stays_ended_after_every_token_has_expired(
    platform: Platform, server: Server
) -> None:
    first = server.tokens(scope=OFFLINE)["refresh_token"]
    second = refresh(server, first).json()["refresh_token"]
    platform.adapters.clock.pause(REFRESH_GRACE_SECONDS)
    refused(refresh(server, first))
    for seconds in (3_600, 7 * 86_400):
        platform.adapters.clock.pause(seconds)
        refused(refresh(server, second))


def test_of_eight_at_once_all_are_told_the_same_token(platform: Platform, server: Server) -> None:
    first = server.tokens(scope=OFFLINE)["refresh_token"]
    before = len(platform.events)
    answers = at_once([partial(refresh, server, first)] * 8)
    assert {answer.status for answer in answers} == {200}
    (successor,) = {answer.json()["refresh_token"] for answer in answers}
    assert platform.actions_since(before) == []
    assert refresh(server, successor).status == 200


def test_a_family_ends_when_nobody_uses_it_for_thirty_days(
    platform: Platform, server: Server
) -> None:
    token = server.tokens(scope=OFFLINE)["refresh_token"]
    for _ in range(3):
        platform.adapters.clock.pause(REFRESH_SECONDS - 1)
        token = refresh(server, token).json()["refresh_token"]
    platform.adapters.clock.pause(REFRESH_SECONDS)
    refused(refresh(server, token))


def test_a_family_never_outlives_its_session(platform: Platform) -> None:
    tenant = platform.tenant(kind=ClientKind.SERVER, payload_seconds=7_200)
    server = server_on(platform, tenant)
    first = server.tokens(scope=OFFLINE)
    platform.adapters.clock.pause(7_000)
    second = refresh(server, first["refresh_token"]).json()
    assert second["expires_in"] == 200
    platform.adapters.clock.pause(200)
    refused(refresh(server, second["refresh_token"]))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v1/auth/logout", "token_superseded"),
        ("/api/v1/auth/logout?everywhere=true", "token_superseded"),
        ("/api/v1/sessions/revoke", "session_ended"),
    ],
)
def test_an_end_ends_the_refresh_tokens_for_good(
    platform: Platform, server: Server, path: str, code: str
) -> None:
    given = server.tokens(scope=OFFLINE)
    assert send("POST", path, token=given["access_token"]).status == 200
    assert send("GET", SESSIONS, token=given["access_token"]).code == code
    for seconds in (0, 3_600, 20 * 86_400):
        platform.adapters.clock.pause(seconds)
        refused(refresh(server, given["refresh_token"]))


def test_a_logout_ends_one_sign_in_and_one_everywhere_ends_all(
    platform: Platform, server: Server
) -> None:
    one, two = server.tokens(scope=OFFLINE), server.tokens(scope=OFFLINE)
    send("POST", "/api/v1/auth/logout", token=one["access_token"])
    refused(refresh(server, one["refresh_token"]))
    two = refresh(server, two["refresh_token"]).json()
    platform.adapters.clock.pause(1)
    send("POST", "/api/v1/auth/logout?everywhere=true", token=two["access_token"])
    refused(refresh(server, two["refresh_token"]))
    platform.adapters.clock.pause(1)
    three = server.tokens(scope=OFFLINE)
    assert refresh(server, three["refresh_token"]).status == 200


def forgotten(platform: Platform, server: Server) -> None:
    """Let a head drop from memory which grants ended, but those that it has to remember."""
    platform.adapters.clock.pause(10 * 86_400)
    other = server.tokens()["access_token"]
    assert send("POST", "/api/v1/auth/logout", token=other).status == 200


def test_a_family_stays_ended_when_its_head_has_forgotten_the_grant(
    platform: Platform, server: Server
) -> None:
    given = server.tokens(scope=OFFLINE)
    send("POST", "/api/v1/auth/logout", token=given["access_token"])
    forgotten(platform, server)
    refused(refresh(server, given["refresh_token"]))


def test_a_family_that_was_made_while_everything_ended_is_never_honoured(
    platform: Platform, server: Server
) -> None:
    # As if it was stored behind the back of the one who went through all of them.
    given = server.tokens(scope=OFFLINE)
    family = stored(server, given["refresh_token"])
    send("POST", "/api/v1/auth/logout?everywhere=true", token=given["access_token"])
    families = platform.adapters.refresh.families
    families[server.tenant.workspace.id, family.id] = family
    forgotten(platform, server)
    refused(refresh(server, given["refresh_token"]))


def test_a_renewal_ends_no_sign_in(server: Server) -> None:
    given = server.tokens(scope=OFFLINE)
    renewed = send(
        "POST",
        "/api/v1/sessions/renew",
        token=given["id_token"],
        body={"sessionToken": given["access_token"]},
    )
    assert renewed.status == 200
    assert not works(given["access_token"])
    assert works(refresh(server, given["refresh_token"]).json()["access_token"])


def test_who_may_not_sign_in_any_more_is_not_refreshed(platform: Platform, server: Server) -> None:
    given = server.tokens(scope=OFFLINE)
    users = platform.adapters.users
    person = platform.arrival(server.tenant).partition.person
    user = users.get(person)
    assert user is not None
    users.put(replace(user, status=UserStatus.SUSPENDED))
    refused(refresh(server, given["refresh_token"]))
    users.put(user)
    refused(refresh(server, given["refresh_token"]))


def test_a_token_belongs_to_its_client(platform: Platform, server: Server) -> None:
    given = server.tokens(scope=OFFLINE)["refresh_token"]
    tenant = server.tenant
    other = replace(
        tenant,
        application=platform.application(
            tenant.workspace, tenant.user, "forms", kind=ClientKind.SERVER
        ),
    )
    secret = secret_of(platform, other)
    form = {"grant_type": "refresh_token", "refresh_token": given}
    before = len(platform.events)
    refused(post_form("/oidc/acme/token", form, **basic(other.application.client_id, secret)))
    neighbour = server_on(platform, platform.tenant("globex", kind=ClientKind.SERVER))
    refused(neighbour.post("token", form))
    assert platform.actions_since(before)[-1:] != ["refresh.reused"]
    assert refresh(server, given).status == 200


def test_without_its_secret_a_server_refreshes_nothing(server: Server) -> None:
    given = server.tokens(scope=OFFLINE)["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": given, "client_id": server.client_id}
    answer = post_form("/oidc/acme/token", form)
    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")
    assert refresh(server, given).status == 200


def test_a_scope_can_be_narrowed_for_one_access_token(server: Server) -> None:
    given = server.tokens(scope=OFFLINE)["refresh_token"]
    narrow = refresh(server, given, scope="openid email").json()
    assert narrow["scope"] == "openid email"
    assert claims(narrow["access_token"])["scope"] == "openid email"
    assert refresh(server, narrow["refresh_token"]).json()["scope"] == OFFLINE


@pytest.mark.parametrize("scope", ["openid phone", "everything", 'openid "x"', "openid  email"])
def test_a_scope_cannot_be_widened_and_asking_costs_nothing(server: Server, scope: str) -> None:
    given = server.tokens(scope="openid email offline_access")["refresh_token"]
    asked = "openid profile" if scope == "openid  email" else scope
    refused(refresh(server, given, scope=asked), "invalid_scope")
    assert refresh(server, given).status == 200


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        "sfr_",
        f"sfr_f{'a' * 20}_{'a' * 43}",
        f"sfr_f{'a' * 20}_{'a' * 42}",
        f"sfr_f{'#' * 20}_{'a' * 43}",
        f"sfc_{'a' * 43}",
    ],
)
def test_a_token_that_was_never_given_is_invalid(server: Server, text: str) -> None:
    refused(refresh(server, text), "invalid_grant" if text else "invalid_request")


def test_an_access_token_refreshes_nothing(server: Server) -> None:
    given = server.tokens(scope=OFFLINE)
    refused(refresh(server, given["access_token"]))
    refused(refresh(server, given["id_token"]))


def test_a_stolen_code_has_no_refresh_token_either(platform: Platform, server: Server) -> None:
    code = server.visitor.code(scope=OFFLINE)
    given = server.visitor.exchange(code, headers=server.basic).json()
    assert server.visitor.exchange(code, headers=server.basic).status == 400
    for seconds in (0, 86_400):
        platform.adapters.clock.pause(seconds)
        refused(refresh(server, given["refresh_token"]))


def test_a_successor_of_another_family_is_not_handed_out(
    platform: Platform, server: Server
) -> None:
    one, two = (server.tokens(scope=OFFLINE)["refresh_token"] for _ in range(2))
    refresh(server, one)
    refresh(server, two)
    families = platform.adapters.refresh.families
    mine, theirs = stored(server, one), stored(server, two)
    workspace = WorkspaceId(server.tenant.workspace.id)
    families[workspace, mine.id] = replace(mine, successor=theirs.successor)
    answer = refresh(server, one)
    assert (answer.status, answer.code) == (503, "store_unavailable")
