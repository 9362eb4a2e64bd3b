from typing import Any

import pytest

from chalicelib.domain.clients import ClientKind
from chalicelib.domain.ids import digest
from chalicelib.domain.limits import DEVICE_SECONDS, SSO_SECONDS
from tests.api.authenticator import enrolled
from tests.api.own import SELF, Home, home_at, home_of
from tests.api.platform import Answer, Platform, send
from tests.api.visitor import PASSWORD, Visitor, account, post_form

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 Safari/604.1"
OFFLINE = "openid email profile offline_access"


@pytest.fixture
def home(platform: Platform) -> Home:
    """A person of an application on their own machine, in Firefox."""
    tenant = platform.tenant(kind=ClientKind.NATIVE)
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return another(Home(Visitor(platform, tenant)), FIREFOX)


def another(home: Home, agent: str = SAFARI) -> Home:
    """Another browser in which the same person has just signed in."""
    other = Home(Visitor(home.platform, home.tenant, agent=agent))
    assert other.visitor.sign_in().status == 200
    assert other.post("/member-token").status == 200
    return other


def listed(home: Home, what: str = "sign-ins") -> list[dict[str, Any]]:
    (found,) = home.ask("GET", f"/{what}").json().values()
    assert isinstance(found, list)
    return found


def here(home: Home) -> dict[str, Any]:
    return next(each for each in listed(home) if each["current"])


def tokens(home: Home, scope: str = OFFLINE) -> dict[str, str]:
    """What the application gets in this browser, by its sign-in alone."""
    home.visitor.params(scope=scope)
    answer = home.visitor.authorize(scope=scope, prompt="none")
    code = answer.headers["location"].split("code=")[1].split("&")[0]
    given: dict[str, str] = home.visitor.exchange(code).json()
    return given


def works(given: dict[str, str]) -> bool:
    return send("GET", "/api/v1/sessions", token=given["access_token"]).status == 200


def refreshed(home: Home, given: dict[str, str]) -> Answer:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": given["refresh_token"],
        "client_id": home.tenant.application.client_id,
    }
    return post_form(f"/oidc/{home.tenant.workspace.slug}/token", form)


def test_one_sees_where_one_is_signed_in_and_how(platform: Platform, home: Home) -> None:
    platform.adapters.clock.pause(60)
    phone = another(home)
    now = platform.adapters.clock.now()
    first, second = listed(phone)
    assert first == {
        "id": first["id"],
        "agent": "Safari on iPhone",
        "current": True,
        "signedInAt": now,
        "expiresAt": now + SSO_SECONDS,
        "methods": ["pwd"],
    }
    assert (second["agent"], second["current"]) == ("Firefox on Linux", False)
    assert second["signedInAt"] == now - 60
    assert [each["current"] for each in listed(home)] == [False, True]


def test_a_second_factor_is_told_too(platform: Platform, home: Home) -> None:
    authenticator = enrolled(platform, home.tenant)
    visitor = Visitor(platform, home.tenant)
    challenge = visitor.sign_in().json()["step"]["challenge"]
    assert visitor.step("steps/totp", challenge=challenge, code=authenticator.code()).status == 200
    again = Home(visitor)
    again.post("/member-token")
    assert here(again)["methods"] == ["pwd", "otp", "mfa"]
    assert here(again)["agent"] == "A browser"


def test_no_id_that_is_told_opens_anything(platform: Platform, home: Home) -> None:
    given = tokens(home)
    told = {each["id"] for what in ("sign-ins", "grants", "devices") for each in listed(home, what)}
    assert len(told) == 3
    secrets = [*home.visitor.cookies.values(), given["refresh_token"]]
    stored = {digest(secret) for secret in secrets}
    (family,) = platform.adapters.refresh.families.values()
    assert told.isdisjoint({*secrets, *stored, family.id})


def test_nobody_else_s_are_listed_or_ended(platform: Platform, home: Home) -> None:
    tokens(home)
    neighbour = home_of(platform, "globex")
    colleague = Home(Visitor(platform, home.tenant))
    account(platform, home.tenant.workspace, "carl@acme.example")
    assert colleague.visitor.sign_in("carl@acme.example").status == 200
    colleague.post("/member-token")
    names = [(what, each["id"]) for what in _KINDS for each in listed(home, what)]
    for other in (neighbour, colleague):
        before = len(platform.events)
        for what, name in names:
            assert name not in {each["id"] for each in listed(other, what)}
            answer = other.ask("DELETE", f"/{what}/{name}")
            assert (answer.status, answer.code) == (404, "not_found")
        assert other.ask("POST", "/sign-ins/end-others").status == 200
        assert platform.actions_since(before) == []
    assert [(what, each["id"]) for what in _KINDS for each in listed(home, what)] == names


_KINDS = ("sign-ins", "grants", "devices")


@pytest.mark.parametrize("name", ["b", "b" + "a" * 63, "b" + "a" * 300, "..", "%23", "a.b"])
def test_what_is_no_name_is_not_there(home: Home, name: str) -> None:
    for what in _KINDS:
        assert home.ask("DELETE", f"/{what}/{name}").code == "not_found"
    assert len(listed(home)) == 1


def test_one_sign_in_ends_with_all_that_it_gave_and_no_other(
    platform: Platform, home: Home
) -> None:
    phone = another(home)
    kept, lost, plain = tokens(home), tokens(phone), tokens(phone, "openid")
    assert works(lost)
    assert works(plain)
    before = len(platform.events)
    answer = home.ask("DELETE", f"/sign-ins/{here(phone)['id']}")
    assert (answer.status, answer.cookies) == (200, [])
    assert [each["current"] for each in answer.json()["signIns"]] == [True]
    events = platform.events[before:]
    assert {event.action.value for event in events} == {"session.logged_out"}
    assert {event.meta["kind"] for event in events if "kind" in event.meta} == {"browser"}
    assert {event.actor.uid for event in events} == {home.tenant.user}
    assert phone.post("/member-token").code == "token_missing"
    assert phone.ask("GET", "").code == "token_superseded"
    assert not works(lost)
    assert not works(plain)
    assert refreshed(phone, lost).status == 400
    assert works(kept)
    assert refreshed(home, kept).status == 200
    assert home.ask("DELETE", f"/sign-ins/{answer.json()['signIns'][0]['id']}x").code == "not_found"


def test_a_code_that_waits_is_worth_nothing_once_its_sign_in_ended(home: Home) -> None:
    phone = another(home)
    tokens(home)
    answer = phone.visitor.authorize(prompt="none")
    code = answer.headers["location"].split("code=")[1].split("&")[0]
    home.ask("DELETE", f"/sign-ins/{here(phone)['id']}")
    assert phone.visitor.exchange(code).json()["error"] == "invalid_grant"


def test_ending_one_s_own_takes_the_cookie_away(home: Home) -> None:
    given = tokens(home)
    answer = home.ask("DELETE", f"/sign-ins/{here(home)['id']}")
    assert answer.json() == {"signIns": []}
    name = f"__Host-sf-{home.tenant.workspace.id}"
    assert [line.split(";")[:2] for line in answer.cookies] == [[f"{name}=", " Max-Age=0"]]
    assert not works(given)
    assert home.ask("GET", "").code == "token_superseded"


def test_a_sign_in_keeps_its_name_when_it_is_proven_anew(platform: Platform, home: Home) -> None:
    given, name = tokens(home), here(home)["id"]
    phone = another(home)
    platform.adapters.clock.pause(60)
    home.step_up()
    assert here(home)["id"] == name
    assert home.visitor.sign_in().status == 200
    home.post("/member-token")
    assert here(home)["id"] == name
    phone.ask("DELETE", f"/sign-ins/{name}")
    assert not works(given)


def test_another_person_in_the_same_browser_begins_anew(platform: Platform, home: Home) -> None:
    name, given = here(home)["id"], tokens(home)
    account(platform, home.tenant.workspace, "carl@acme.example")
    assert home.visitor.sign_in("carl@acme.example").status == 200
    home.post("/member-token")
    assert here(home)["id"] != name
    home.ask("POST", "/sign-ins/end-others")
    assert works(given)


def test_all_others_end_with_what_applications_hold(platform: Platform, home: Home) -> None:
    phone, tablet = another(home), another(home)
    given = [tokens(each) for each in (home, phone, tablet)]
    before, mails = len(platform.events), len(platform.adapters.mailer.sent)
    answer = home.ask("POST", "/sign-ins/end-others")
    assert [each["current"] for each in answer.json()["signIns"]] == [True]
    browsers = [e for e in platform.events[before:] if e.meta.get("kind") == "browser"]
    assert [event.action.value for event in browsers] == ["session.logged_out"] * 2
    assert [works(each) for each in given] == [False] * 3
    assert [refreshed(home, each).status for each in given] == [400] * 3
    assert listed(home, "grants") == []
    platform.adapters.clock.pause(1)
    assert [phone.post("/member-token").status, tablet.post("/member-token").status] == [401, 401]
    # What is in this browser goes on by its sign-in, and whoever is elsewhere is a stranger.
    assert works(tokens(home))
    assert len(platform.adapters.mailer.sent) == mails
    again = home_at(platform, home.tenant)
    assert again.visitor.cookies
    assert platform.events[-1].meta["device"] == "new"


def test_ending_needs_no_fresh_proof(platform: Platform, home: Home) -> None:
    phone = another(home)
    platform.adapters.clock.pause(86_400)
    home.post("/member-token")
    assert home.ask("DELETE", "/totp").code == "step_up_required"
    assert home.ask("DELETE", f"/sign-ins/{here(home)['id']}").status == 200
    phone.post("/member-token")
    assert phone.ask("POST", "/sign-ins/end-others").status == 200


def test_one_sees_which_applications_go_on_by_themselves(platform: Platform, home: Home) -> None:
    given = tokens(home)
    name = here(home)["id"]
    now = platform.adapters.clock.now()
    platform.adapters.clock.pause(60)
    assert refreshed(home, given).status == 200
    (grant,) = listed(home, "grants")
    assert grant == {
        "id": grant["id"],
        "application": {"appId": "notes", "name": "Notes"},
        "signInId": name,
        "createdAt": now,
        "lastUsedAt": now + 60,
        "expiresAt": now + 60 + SSO_SECONDS,
    }
    home.visitor.sign_out()
    other = another(home)
    assert [each["signInId"] for each in listed(other, "grants")] in ([None], [])


def test_one_application_is_ended_and_the_others_stay(platform: Platform, home: Home) -> None:
    phone = another(home)
    kept, lost = tokens(home), tokens(phone)
    held = {each["signInId"]: each["id"] for each in listed(home, "grants")}
    before = len(platform.events)
    answer = home.ask("DELETE", f"/grants/{held[here(phone)['id']]}")
    assert [each["id"] for each in answer.json()["grants"]] == [held[here(home)["id"]]]
    assert platform.actions_since(before) == ["grant.revoked"]
    assert not works(lost)
    assert refreshed(phone, lost).status == 400
    assert works(kept)
    # The browser is signed in as before.
    assert works(tokens(phone))


def test_one_sees_which_browsers_are_known(platform: Platform, home: Home) -> None:
    phone = another(home)
    now = platform.adapters.clock.now()
    cookie = "; ".join(f"{name}={value}" for name, value in phone.visitor.cookies.items())
    answer = send("GET", f"{SELF}/devices", token=phone.token, headers={"cookie": cookie})
    found = answer.json()["devices"]
    assert {(each["agent"], each["current"]) for each in found} == {
        ("Safari on iPhone", True),
        ("Firefox on Linux", False),
    }
    assert {each["signedInAt"] for each in found} == {now}
    assert {each["expiresAt"] for each in found} == {now + DEVICE_SECONDS}


def test_a_browser_that_was_forgotten_is_a_stranger_s(platform: Platform, home: Home) -> None:
    phone = another(home)
    names = {each["agent"]: each["id"] for each in listed(home, "devices")}
    before = len(platform.events)
    answer = home.ask("DELETE", f"/devices/{names['Safari on iPhone']}")
    assert [each["agent"] for each in answer.json()["devices"]] == ["Firefox on Linux"]
    assert platform.actions_since(before) == ["user.updated"]
    assert platform.events[-1].meta == {"changed": "devices"}
    # It is signed in as before, and not known when it comes the next time.
    assert phone.post("/member-token").status == 200
    assert phone.visitor.sign_in().status == 200
    assert platform.events[-1].meta["device"] == "new"
    assert home.visitor.sign_in().status == 200
    assert platform.events[-1].meta["device"] == "known"
    home.post("/member-token")
    assert home.ask("DELETE", f"/devices/{names['Safari on iPhone']}").code == "not_found"


@pytest.mark.parametrize("said", ["known", "new"])
def test_a_step_up_records_whether_the_browser_is_known(
    platform: Platform, home: Home, said: str
) -> None:
    if said == "new":
        del home.visitor.cookies[f"__Host-sfk-{home.tenant.workspace.id}"]
    assert home.post("/step-up", password=PASSWORD).status == 200
    assert platform.events[-1].meta["device"] == said
