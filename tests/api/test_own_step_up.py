"""A fresh proof by people without a password, or with something better."""

from dataclasses import replace
from typing import Any

import jwt
import pytest

from chalicelib.domain.sessions import Person
from tests.api.authenticator import enrolled
from tests.api.devices import holding, sent
from tests.api.own import Home, home_at, home_of
from tests.api.platform import Answer, Platform
from tests.api.visitor import account
from tests.device import PRESENT, Device

FRESH = 600


@pytest.fixture
def home(platform: Platform) -> Home:
    return home_of(platform)


@pytest.fixture
def device(platform: Platform, home: Home) -> Device:
    return holding(platform, home.tenant)


def stale(home: Home) -> None:
    """Let so much time go by that a change wants a proof."""
    home.platform.adapters.clock.pause(FRESH + 1)
    home.post("/member-token")
    assert home.ask("POST", "/totp").code == "step_up_required"


def asked(home: Home) -> Any:
    answer = home.post("/step-up/passkey/options")
    assert answer.status == 200, answer
    return answer.json()


def proven(home: Home, device: Device, ceremony: Any = None, **lies: Any) -> Answer:
    ceremony = ceremony or asked(home)
    said = sent(device.show(ceremony["options"], **lies))
    return home.post("/step-up/passkey", challenge=ceremony["challenge"], credential=said)


def test_a_passkey_makes_it_fresh_under_a_new_cookie(
    platform: Platform, home: Home, device: Device
) -> None:
    stale(home)
    cookies, before = dict(home.visitor.cookies), len(platform.events)
    assert proven(home, device).status == 200
    assert platform.actions_since(before) == ["signin.succeeded"]
    assert platform.events[-1].meta == {"method": "passkey", "device": "known"}
    claims = jwt.decode(home.token, options={"verify_signature": False})
    assert (claims["acr"], claims["auth_time"]) == ("sf:2", platform.adapters.clock.now())
    assert home.ask("POST", "/totp").status == 200
    home.visitor.cookies = cookies
    assert home.post("/member-token").code == "token_missing"


def test_it_is_enough_beside_an_authenticator(platform: Platform, home: Home) -> None:
    enrolled(platform, home.tenant)
    device = holding(platform, home.tenant)
    held = platform.adapters.factors._factors  # noqa: SLF001 - as if it were set up later
    kept = dict(held)
    held.clear()
    home = home_at(platform, home.tenant)
    held.update(kept)
    assert home.ask("DELETE", "/totp").json()["acr_values"] == "sf:2"
    assert proven(home, device).status == 200
    assert home.ask("DELETE", "/totp").status == 200


def test_whoever_has_no_password_proves_it_so(
    platform: Platform, home: Home, device: Device
) -> None:
    person = Person(home.tenant.workspace.id, home.tenant.user)
    user = platform.adapters.users.get(person)
    assert user is not None
    platform.adapters.users.put(replace(user, password=None))
    stale(home)
    assert home.post("/step-up", password="").code in {"signin_refused", "invalid_input"}
    assert proven(home, device).status == 200
    assert home.ask("POST", "/totp").status == 200


def test_somebody_else_s_passkey_is_as_good_as_none(platform: Platform, home: Home) -> None:
    other = replace(home.tenant, email="carl@acme.example")
    other.user = account(platform, other.workspace, other.email).person.user
    theirs = holding(platform, other)
    next_door = holding(platform, home_of(platform, "globex").tenant)
    stale(home)
    cookies, before = dict(home.visitor.cookies), len(platform.events)
    answers = [proven(home, device) for device in (theirs, next_door, Device())]
    assert [answer.code for answer in answers] == ["signin_refused"] * 3
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert platform.actions_since(before) == ["signin.failed"] * 3
    assert {event.meta["reason"] for event in platform.events[before:]} == {"unknown"}
    assert home.visitor.cookies == cookies
    assert home.ask("POST", "/totp").code == "step_up_required"


def test_one_that_did_not_verify_its_person_proves_nothing(home: Home, device: Device) -> None:
    stale(home)
    assert proven(home, device, flags=PRESENT).code == "signin_refused"
    assert home.ask("POST", "/totp").code == "step_up_required"


def test_a_ceremony_is_good_once_for_its_browser_and_for_no_login(
    platform: Platform, home: Home, device: Device
) -> None:
    elsewhere = home_at(platform, home.tenant)
    theirs = asked(elsewhere)
    assert proven(home, device, theirs).code == "challenge_ended"
    ceremony = asked(home)
    said = sent(device.show(ceremony["options"]))
    words = {"challenge": ceremony["challenge"], "credential": said}
    assert home.visitor.step("passkey", **words).code == "challenge_ended"
    login = home.visitor.step("passkey/options").json()
    assert proven(home, device, login).code == "challenge_ended"
    assert home.post("/step-up/passkey", **words).status == 200
    assert home.post("/step-up/passkey", **words).code == "challenge_ended"


def test_it_ends_after_five_minutes(platform: Platform, home: Home, device: Device) -> None:
    ceremony = asked(home)
    platform.adapters.clock.pause(300)
    assert proven(home, device, ceremony).code == "challenge_ended"


def test_nobody_is_asked_who_is_not_signed_in(home: Home) -> None:
    home.visitor.sign_out()
    assert home.post("/step-up/passkey/options").code == "token_missing"
