from functools import partial

import pytest

from tests.api.exchange import RENEW, post, read, sid_of, unchanged
from tests.api.platform import Platform, Tenant, send


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


def test_renew_gives_a_fresh_token_with_the_payload_and_supersedes_the_older(
    platform: Platform, tenant: Tenant
) -> None:
    head, first = platform.session(tenant, {"a": 1})
    second = platform.token(tenant)
    count = len(platform.events)
    answer = post(platform, tenant, RENEW, {"sessionToken": first.text})
    assert answer.status == 200
    fresh = answer.json()["sessionToken"]
    assert answer.json() == {"sessionToken": fresh, "payload": {"a": 1}}
    assert sid_of(fresh) == head.ref.sid
    assert platform.actions_since(count) == ["session.renewed"]
    assert read(fresh) == {"a": 1}
    for old in (first.text, second):
        refused = send("GET", "/api/v1/sessions", token=old)
        assert (refused.status, refused.code) == (401, "token_superseded")


def test_renew_takes_an_expired_token_and_extends_no_data(platform: Platform) -> None:
    tenant = platform.tenant("brief", token_seconds=60, payload_seconds=600)
    head, issued = platform.session(tenant, {"a": 1})
    platform.adapters.clock.pause(500)
    assert send("GET", "/api/v1/sessions", token=issued.text).code == "token_expired"
    answer = post(platform, tenant, RENEW, {"sessionToken": issued.text})
    fresh = answer.json()["sessionToken"]
    assert answer.json()["payload"] == {"a": 1}
    assert platform.adapters.sessions.heads[head.ref].exp == head.exp
    platform.adapters.clock.pause(59)
    assert read(fresh) == {"a": 1}
    # The lifetime of the data is over a minute after the renewal, as it was from the beginning.
    platform.adapters.clock.pause(41)
    assert send("GET", "/api/v1/sessions", token=fresh).status == 401
    over = unchanged(platform, lambda: post(platform, tenant, RENEW, {"sessionToken": fresh}))
    assert (over.status, over.code) == (410, "session_ended")


def test_renew_of_a_superseded_token_still_belongs_to_its_owner(
    platform: Platform, tenant: Tenant
) -> None:
    old = platform.token(tenant, {"a": 1})
    fresh = post(platform, tenant, RENEW, {"sessionToken": old}).json()["sessionToken"]
    again = post(platform, tenant, RENEW, {"sessionToken": old})
    assert again.status == 200
    assert send("GET", "/api/v1/sessions", token=fresh).code == "token_superseded"
    assert read(again.json()["sessionToken"]) == {"a": 1}


def test_renew_is_for_the_owner_only(platform: Platform, tenant: Tenant) -> None:
    nils = Tenant(
        tenant.workspace,
        tenant.application,
        platform.user(tenant.workspace, "nils@acme.example"),
        "nils@acme.example",
    )
    forms = platform.application(tenant.workspace, tenant.user, "forms")
    other_app = Tenant(tenant.workspace, forms, tenant.user, tenant.email)
    elsewhere = platform.tenant("globex")
    mine = platform.token(tenant, {"a": "mine"})
    for somebody in (nils, other_app, elsewhere):
        answer = unchanged(
            platform,
            partial(post, platform, somebody, RENEW, {"sessionToken": mine}),
        )
        assert (answer.status, answer.code) == (403, "not_owner")
        assert "mine" not in answer.body
    assert read(mine) == {"a": "mine"}


def test_renew_refuses_what_is_no_session_token(platform: Platform, tenant: Tenant) -> None:
    platform.token(tenant)
    for text in (
        "",
        "x.y.z",
        platform.id_token(tenant),
        platform.member_token(tenant.workspace),
        platform.token(tenant)[:-6] + "AAAAAA",
        "a" * 8_192,
    ):
        answer = unchanged(platform, partial(post, platform, tenant, RENEW, {"sessionToken": text}))
        assert (answer.status, answer.code) == (401, "token_invalid"), text
    too_long = post(platform, tenant, RENEW, {"sessionToken": "a" * 8_193})
    assert (too_long.status, too_long.code) == (400, "invalid_input")


def test_renew_of_a_revoked_session_finds_it_ended(platform: Platform, tenant: Tenant) -> None:
    token = platform.token(tenant, {"a": 1})
    send("POST", "/api/v1/sessions/revoke", token=token)
    answer = unchanged(platform, lambda: post(platform, tenant, RENEW, {"sessionToken": token}))
    assert (answer.status, answer.code) == (410, "session_ended")
