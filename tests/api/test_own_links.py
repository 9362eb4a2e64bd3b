"""One's own providers elsewhere: listed, removed, and never the last way in."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.limits import FRESH_SECONDS
from chalicelib.domain.links import Link
from chalicelib.domain.sessions import Person
from tests.api.desk import Desk, desk_on
from tests.api.devices import holding
from tests.api.own import Home, home_at, home_of
from tests.api.platform import Platform
from tests.api.test_identity_providers import chosen
from tests.api.test_sso import EMAIL, ISSUER, OTHER, signed_in
from tests.api.visitor import Visitor
from tests.builders import some_event

PATH = "/identity-providers"


@pytest.fixture
def desk(platform: Platform) -> Desk:
    for issuer in (ISSUER, OTHER):
        platform.adapters.identity_providers.add(issuer)
    desk = desk_on(platform)
    chosen(desk)
    chosen(desk, "other", issuer=OTHER, domains=[], displayName="Other")
    return desk


@pytest.fixture
def home(desk: Desk) -> Home:
    """Somebody without a password, as a provider's word made them."""
    home = Home(Visitor(desk.platform, desk.tenant))
    assert signed_in(desk, home.visitor).status == 200
    assert home.post("/member-token").status == 200
    return home


def person_of(home: Home) -> Person:
    user = home.platform.services.hosted.users.found(home.tenant.workspace.id, EMAIL)
    assert user is not None
    return user.person


def link(home: Home, provider: str, issuer: str, subject: str = "x" * 43) -> None:
    person = person_of(home)
    now = home.platform.adapters.clock.now()
    made = Link(subject, provider, issuer, now)
    home.platform.adapters.users.link(person, made, some_event(person.workspace))


def listed(home: Home) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = home.ask("GET", PATH).json()["identityProviders"]
    return found


def removed(home: Home, number: int = 0) -> Any:
    return home.ask("DELETE", f"{PATH}/{listed(home)[number]['id']}")


def refused(home: Home, said: str) -> None:
    held, count = listed(home), len(home.platform.events)
    answer = removed(home)
    assert (answer.status, answer.code) == (403, "forbidden")
    assert answer.json()["detail"] == said
    assert (listed(home), home.platform.actions_since(count)) == (held, [])


ONLY = "This provider is your only way to sign in. Add a passkey first."
REQUIRED = "Everybody here signs in by their organisation's provider. It stays."


def test_what_lets_in_is_listed_and_nothing_of_whom_it_knows(home: Home) -> None:
    (one,) = listed(home)
    now = home.platform.adapters.clock.now()
    assert one == {"id": one["id"], "name": "acme", "displayName": "Acme", "linkedAt": now}
    (kept,) = home.platform.adapters.users.links(person_of(home))
    assert kept.subject not in home.ask("GET", PATH).body
    assert "u-1" not in home.ask("GET", PATH).body


def test_whoever_signs_in_by_a_password_alone_has_none(platform: Platform) -> None:
    assert listed(home_of(platform)) == []


def test_the_last_way_in_stays(desk: Desk, home: Home) -> None:
    refused(home, ONLY)
    # A provider that is not there any more, or was never named, lets nobody in.
    for number, (provider, issuer) in enumerate((("gone", "https://gone.example"), ("other", "x"))):
        link(home, provider, issuer, subject=f"{number}" * 43)
        refused(home, ONLY)
    chosen(desk, "other", issuer=OTHER, domains=[], displayName="Other", enabled=False)
    link(home, "other", OTHER)
    refused(home, ONLY)
    assert [each["displayName"] for each in listed(home)] == ["Acme", "gone", "other", "Other"]


@pytest.mark.parametrize("way", ["password", "passkey", "provider"])
def test_whoever_has_another_way_in_removes_it(home: Home, way: str) -> None:
    person, users = person_of(home), home.platform.adapters.users
    if way == "password":
        user = users.get(person)
        assert user is not None
        users.put(replace(user, password="$argon2id$made-up"))
    elif way == "passkey":
        holding(home.platform, replace_user(home, person))
    else:
        link(home, "other", OTHER)
    (kept,) = users.links(person)[:1]
    count = len(home.platform.events)
    answer = removed(home)
    assert answer.status == 200
    assert answer.json() == {"identityProviders": listed(home)}
    assert [each["name"] for each in listed(home)] == (["other"] if way == "provider" else [])
    assert home.platform.actions_since(count) == ["factor.removed"]
    event = home.platform.events[-1]
    assert event.meta == {"kind": "federated", "provider": "acme"}
    assert (event.actor.uid, event.subject) == (person.user, person.user)
    mail = home.platform.adapters.mailer.sent[-1]
    assert (mail.to, mail.subject) == (EMAIL, "Acme no longer signs you in to Acme")
    assert users.linked(person.workspace, kept.subject) is None
    assert home.ask("DELETE", f"{PATH}/{kept.id}").code == "not_found"


def replace_user(home: Home, person: Person) -> Any:
    home.tenant.user, home.tenant.email = person.user, EMAIL
    return home.tenant


def test_a_removed_one_lets_in_only_who_proves_the_account(desk: Desk, home: Home) -> None:
    link(home, "other", OTHER)
    assert removed(home).status == 200
    again = signed_in(desk, Visitor(desk.platform, desk.tenant))
    assert again.json() == {"unlinked": {"email": EMAIL, "displayName": "Acme"}}


def test_removing_ends_the_other_sign_ins_and_not_this_one(desk: Desk, home: Home) -> None:
    elsewhere = Visitor(desk.platform, desk.tenant)
    assert signed_in(desk, elsewhere).status == 200
    link(home, "other", OTHER)
    assert removed(home).status == 200
    assert elsewhere.step("continue").code == "token_missing"
    assert home.ask("GET", PATH).status == 200


def test_where_a_provider_is_required_the_one_that_counts_stays(desk: Desk, home: Home) -> None:
    users, person = home.platform.adapters.users, person_of(home)
    user = users.get(person)
    assert user is not None
    users.put(replace(user, password="$argon2id$made-up"))
    workspaces = home.platform.adapters.workspaces
    before = workspaces.get(desk.workspace.id)
    assert before is not None
    workspaces.change_settings(
        before, replace(before, require_sso=True), some_event(desk.workspace.id)
    )
    home.platform.adapters.clock.pause(60)
    assert home.post("/member-token").status == 200
    refused(home, REQUIRED)
    link(home, "other", OTHER)
    assert removed(home).status == 200
    refused(home, REQUIRED)


def test_a_sign_in_of_a_while_ago_is_asked_again(home: Home) -> None:
    link(home, "other", OTHER)
    home.platform.adapters.clock.pause(FRESH_SECONDS + 1)
    home.post("/member-token")
    answer = removed(home)
    assert (answer.status, answer.code) == (403, "step_up_required")
    assert len(listed(home)) == 2


def test_somebody_elses_is_not_there(platform: Platform, home: Home) -> None:
    (theirs,) = listed(home)
    other = home_of(platform, "other")
    assert listed(other) == []
    assert other.ask("DELETE", f"{PATH}/{theirs['id']}").code == "not_found"
    mine = home_at(platform, other.tenant)
    assert mine.ask("DELETE", f"{PATH}/{theirs['id']}").code == "not_found"
    assert listed(home) == [theirs]
