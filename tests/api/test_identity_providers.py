from functools import partial
from typing import Any

import pytest

from chalicelib.domain.tenants import GOOGLE, shared_issuer
from chalicelib.domain.workspaces import Role
from tests.api.desk import Desk, desk_on
from tests.api.platform import PAGE, Platform, send

PROVIDERS = "/api/v1/identity-providers"
ACME = f"{PROVIDERS}/acme"
SECRET = "a-secret-of-the-provider"
ISSUER = "https://login.acme.example"
OTHER = "https://elsewhere.example"
SHARED = "https://login.microsoftonline.com/organizations/v2.0"
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
CHOICE: dict[str, Any] = {
    "displayName": "Acme",
    "issuer": ISSUER,
    "clientId": "secureflows",
    "clientSecret": SECRET,
    "domains": ["acme.example"],
    "makesUsers": True,
    "attributes": {"department": "dept"},
}
ROUTES = [("GET", PROVIDERS, None), ("PUT", ACME, CHOICE), ("DELETE", ACME, None)]


@pytest.fixture
def desk(platform: Platform) -> Desk:
    for issuer in (ISSUER, OTHER):
        platform.adapters.identity_providers.add(issuer)
    return desk_on(platform)


def chosen(desk: Desk, name: str = "acme", **words: Any) -> Any:
    answer = send("PUT", f"{PROVIDERS}/{name}", token=desk.token(), body={**CHOICE, **words})
    assert answer.status == 200, answer.body
    return answer.json()


def unchanged(desk: Desk, *call: Any, **words: Any) -> Any:
    before = listed(desk)
    answer = desk.unchanged(lambda: send(*call, **words))
    assert listed(desk) == before
    return answer


def listed(desk: Desk) -> Any:
    return send("GET", PROVIDERS, token=desk.token()).json()["items"]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_only_a_member_token_of_now_opens_the_providers(
    desk: Desk, method: str, path: str, body: Any
) -> None:
    call = partial(unchanged, desk, method, path, body=body)
    answer = call()
    assert (answer.status, answer.code) == (401, "token_missing")
    for other in (desk.platform.token(desk.tenant), desk.id_token(), "x.y.z"):
        answer = call(token=other)
        assert (answer.status, answer.code) == (401, "token_invalid")
    token = desk.token()
    desk.platform.adapters.clock.pause(600)
    answer = call(token=token)
    assert (answer.status, answer.code) == (401, "token_expired")
    answer = call(token=desk.token(), headers={"origin": PAGE})
    assert (answer.status, answer.code) == (403, "origin_not_allowed")


@pytest.mark.parametrize(("method", "path", "body"), ROUTES[1:])
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SUPPORT])
def test_a_smaller_role_chooses_and_removes_none(
    desk: Desk, method: str, path: str, body: Any, role: Role
) -> None:
    chosen(desk)
    token = desk.token(role)
    answer = desk.unchanged(lambda: send(method, path, token=token, body=body))
    assert (answer.status, answer.code) == (403, "forbidden")


def test_one_is_chosen_and_its_secret_is_shown_to_nobody(desk: Desk) -> None:
    count = len(desk.platform.events)
    shown = chosen(desk)
    assert shown == {
        "name": "acme",
        "displayName": "Acme",
        "issuer": "https://login.acme.example",
        "clientId": "secureflows",
        "hasSecret": True,
        "domains": ["acme.example"],
        "enabled": True,
        "offered": True,
        "makesUsers": True,
        "trustsMfa": False,
        "attributes": {"department": "dept"},
        "tenants": [],
        "kind": "oidc",
        "ssoUrl": None,
        "certificates": [],
        "certificatesExpireAt": [],
        "warnings": [],
        "redirectUri": "https://flows.example/oidc/acme/callback/acme",
        "createdAt": desk.platform.adapters.clock.now(),
    }
    assert listed(desk) == [shown]
    (event,) = desk.platform.events[count:]
    assert (event.action, event.actor.kind) == ("workspace.settings_changed", "operator")
    assert event.meta == {
        "changed": "identityProviders",
        "provider": "acme",
        "change": "chosen",
        "version": 1,
    }
    (stored,) = desk.platform.adapters.upstreams.of(desk.workspace.id)
    assert SECRET not in repr(stored)
    assert stored.secret is not None
    assert SECRET.encode() not in stored.secret.sealed.ciphertext
    assert desk.platform.services.federation.upstreams.secret_of(stored) == SECRET


def test_a_change_without_a_secret_keeps_the_one_that_is_there(desk: Desk) -> None:
    chosen(desk)
    count = len(desk.platform.events)
    shown = chosen(desk, clientSecret=None, displayName="Acme again", enabled=False)
    assert (shown["hasSecret"], shown["displayName"], shown["enabled"]) == (
        True,
        "Acme again",
        False,
    )
    assert desk.platform.actions_since(count) == ["workspace.settings_changed"]
    (stored,) = desk.platform.adapters.upstreams.of(desk.workspace.id)
    assert desk.platform.services.federation.upstreams.secret_of(stored) == SECRET
    count = len(desk.platform.events)
    assert chosen(desk, clientSecret=None, displayName="Acme again", enabled=False) == shown
    assert desk.platform.actions_since(count) == []


def test_a_kept_secret_never_goes_to_another_issuer(desk: Desk) -> None:
    chosen(desk)
    body = {**CHOICE, "clientSecret": None, "issuer": OTHER}
    answer = unchanged(desk, "PUT", ACME, token=desk.token(), body=body)
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert answer.json()["errors"][0]["pointer"] == "/clientSecret"
    assert chosen(desk, issuer=OTHER)["hasSecret"]


def test_one_that_does_not_answer_as_its_issuer_is_only_stored_unused(desk: Desk) -> None:
    before = listed(desk)
    port = desk.platform.adapters.identity_providers
    port.providers[f"{ISSUER}/"] = port.describe(ISSUER)
    for issuer, why in (
        ("https://nobody.example", "does not answer"),
        (f"{ISSUER}/", f"calls itself {ISSUER}"),
    ):
        body = {**CHOICE, "issuer": issuer}
        answer = unchanged(desk, "PUT", ACME, token=desk.token(), body=body)
        assert (answer.status, answer.code) == (400, "invalid_input")
        assert answer.json()["errors"] == [{"pointer": "/issuer", "detail": why}]
        assert "enabled: false" in answer.json()["hint"]
        assert listed(desk) == before
    assert not chosen(desk, issuer="https://nobody.example", enabled=False)["enabled"]


def test_one_that_was_removed_is_gone_with_its_secret_and_can_be_chosen_again(desk: Desk) -> None:
    chosen(desk)
    count = len(desk.platform.events)
    answer = send("DELETE", ACME, token=desk.token())
    assert answer.json() == {"removed": True, "name": "acme"}
    (event,) = desk.platform.events[count:]
    assert (event.action, event.meta["change"]) == ("workspace.settings_changed", "removed")
    assert listed(desk) == []
    kept = desk.platform.adapters.upstreams.get(desk.workspace.id, "acme")
    assert kept is not None
    assert kept.secret is None
    again = unchanged(desk, "DELETE", ACME, token=desk.token())
    assert (again.status, again.code) == (404, "not_found")
    assert not chosen(desk, clientSecret=None)["hasSecret"]


def test_next_door_there_is_none(desk: Desk) -> None:
    chosen(desk)
    other = desk.platform.tenant("globex")
    token = desk.platform.member_token(other.workspace)
    assert send("GET", PROVIDERS, token=token).json()["items"] == []
    answer = unchanged(desk, "DELETE", ACME, token=token)
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_domain_belongs_to_one_provider(desk: Desk) -> None:
    chosen(desk)
    body = {**CHOICE, "domains": ["other.example", "ACME.example"]}
    answer = unchanged(desk, "PUT", f"{PROVIDERS}/okta", token=desk.token(), body=body)
    assert (answer.status, answer.code) == (409, "duplicate")


def test_there_are_twenty_at_most(desk: Desk) -> None:
    for number in range(20):
        chosen(desk, f"idp-{number}", domains=[])
    body = {**CHOICE, "domains": []}
    answer = unchanged(desk, "PUT", f"{PROVIDERS}/one-more", token=desk.token(), body=body)
    assert (answer.status, answer.code) == (400, "invalid_input")


@pytest.mark.parametrize(
    ("issuer", "tenants"),
    [(SHARED, [TENANT.upper(), TENANT]), (GOOGLE, ["Acme.example"]), (GOOGLE, [])],
)
def test_whose_people_may_come_is_kept(desk: Desk, issuer: str, tenants: list[str]) -> None:
    desk.platform.adapters.identity_providers.add(issuer)
    shown = chosen(desk, issuer=issuer, tenants=tenants)
    assert shown["tenants"] == list(dict.fromkeys(map(str.lower, tenants)))
    assert listed(desk) == [shown]


def test_presets_say_what_is_left_to_fill_in(desk: Desk) -> None:
    presets = send("GET", PROVIDERS, token=desk.token()).json()["presets"]
    found = {each["preset"]: each for each in presets}
    assert found.keys() == {"google", "entra", "okta"}
    assert found["google"]["issuer"] == GOOGLE
    assert shared_issuer(found["entra"]["issuer"].replace("{tenant}", "organizations"))


@pytest.mark.parametrize("name", ["ab", "Acme", "a_b", "9ab", "x" * 41, "%00%00%00", "a%23b"])
def test_what_is_no_name_is_refused(desk: Desk, name: str) -> None:
    path = f"{PROVIDERS}/{name}"
    answer = unchanged(desk, "PUT", path, token=desk.token(), body=CHOICE)
    assert (answer.status, answer.code) == (400, "invalid_input")
    answer = unchanged(desk, "DELETE", path, token=desk.token())
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(
    "words",
    [
        {"issuer": "http://login.acme.example"},
        {"issuer": "https://user@login.acme.example"},
        {"issuer": "https://login.acme.example/?a=b"},
        {"issuer": "https://login.acme.example/#a"},
        {"issuer": "ftp://login.acme.example"},
        {"issuer": "login.acme.example"},
        {"issuer": ""},
        {"clientId": ""},
        {"clientSecret": ""},
        {"displayName": ""},
        {"domains": ["acme"]},
        {"domains": ["*.acme.example"]},
        {"domains": ["mira@acme.example"]},
        {"domains": ["acme.example "] * 51},
        {"attributes": {"a b": "dept"}},
        {"attributes": {"a": ""}},
        {"attributes": {f"a{n}": "dept" for n in range(21)}},
        {"tenants": ["acme.example"]},
        {"issuer": SHARED},
        {"issuer": SHARED, "tenants": []},
        {"issuer": SHARED, "tenants": ["acme.example"]},
        {"issuer": SHARED, "tenants": [TENANT, "{tenantid}"]},
        {"issuer": SHARED, "tenants": [TENANT] * 51},
        {"issuer": GOOGLE, "tenants": [TENANT]},
        {"issuer": GOOGLE, "tenants": ["*"]},
        {"clientId": None},
        {"ssoUrl": "https://login.acme.example/sso"},
        {"certificates": ["MIIB"]},
        {"kind": "ldap"},
        {"unknown": True},
        {"enabled": "yes"},
    ],
)
def test_a_choice_that_means_nothing_changes_nothing(desk: Desk, words: dict[str, Any]) -> None:
    body = {**CHOICE, **words}
    answer = unchanged(desk, "PUT", ACME, token=desk.token(), body=body)
    assert (answer.status, answer.code) == (400, "invalid_input")
