"""Who ends sign-ins, or changes what people prove themselves with, ends what is under way too."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.browsers import cookie_name
from chalicelib.domain.ids import digest
from chalicelib.domain.sessions import Person
from tests.api.authenticator import Authenticator
from tests.api.own import NEW, Home
from tests.api.platform import Answer, Platform
from tests.api.shell import shell_of, visitor_on
from tests.api.test_passkey_offers import made, offered
from tests.api.visitor import PASSWORD, Visitor, code_of
from tests.builders import some_event
from tests.device import Device

ENDS: list[tuple[str, dict[str, str] | None]] = [
    ("/sign-ins/end-others", None),
    ("/password", {"password": PASSWORD, "newPassword": NEW}),
]


@pytest.fixture
def thief(platform: Platform) -> Visitor:
    """Somebody who knows the password, at an application where its owner never was."""
    return visitor_on(platform)


def owner_of(thief: Visitor) -> Home:
    """The person themselves, in their own browser."""
    home = Home(Visitor(thief.platform, thief.tenant))
    assert home.visitor.sign_in().status == 200
    assert home.post("/member-token").status == 200
    return home


def refused(answer: Answer) -> None:
    assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(("path", "body"), ENDS)
def test_a_device_that_was_let_in_and_has_not_come_back_gets_nothing(
    thief: Visitor, path: str, body: Any
) -> None:
    thief.sign_in()
    shell = shell_of(thief, scope="openid offline_access")
    assert shell.decide().status == 200
    assert owner_of(thief).ask("POST", path, body).status == 200
    refused(shell.ask_in_time())


@pytest.mark.parametrize(("path", "body"), ENDS)
def test_a_code_that_was_given_before_brings_nothing(thief: Visitor, path: str, body: Any) -> None:
    code = thief.code()
    assert owner_of(thief).ask("POST", path, body).status == 200
    refused(thief.exchange(code))


def test_a_code_of_the_one_sign_in_that_ended_brings_nothing(thief: Visitor) -> None:
    code, owner = thief.code(), owner_of(thief)
    here = owner.visitor.authorize(prompt="none", **owner.visitor.params())
    (other,) = (
        each for each in owner.ask("GET", "/sign-ins").json()["signIns"] if not each["current"]
    )
    assert owner.ask("DELETE", f"/sign-ins/{other['id']}").status == 200
    refused(thief.exchange(code))
    assert owner.visitor.exchange(code_of(here.headers["location"])).status == 200


def test_whoever_signs_in_right_after_gets_on(thief: Visitor) -> None:
    owner = owner_of(thief)
    assert owner.ask("POST", "/sign-ins/end-others").status == 200
    here = owner.visitor.authorize(prompt="none", **owner.visitor.params())
    assert owner.visitor.exchange(code_of(here.headers["location"])).status == 200


def test_an_offer_of_a_passkey_is_over(thief: Visitor) -> None:
    offer = offered(thief)
    changed = {"password": PASSWORD, "newPassword": NEW}
    assert owner_of(thief).ask("POST", "/password", changed).status == 200
    for answer in (
        thief.step("steps/passkey/skip", offer=offer),
        thief.step("steps/passkey/options", offer=offer),
    ):
        assert (answer.status, answer.code) == (410, "challenge_ended")
    assert thief.step("continue").code == "token_missing"


def test_an_authenticator_that_was_asked_for_can_be_set_up_no_more(thief: Visitor) -> None:
    named = {"workspace_name": thief.slug, "app_id": thief.tenant.application.id}
    request = {**named, **thief.params(acr_values="sf:2")}
    words = {"email": thief.tenant.email, "password": PASSWORD}
    step = thief.step("sign-in", request=request, **words).json()["step"]
    assert step["kind"] == "enrolment"
    authenticator = Authenticator(thief.platform, step["setup"]["secret"])
    changed = {"password": PASSWORD, "newPassword": NEW}
    assert owner_of(thief).ask("POST", "/password", changed).status == 200
    typed = {"challenge": step["challenge"], "code": authenticator.code()}
    answer = thief.step("steps/enrolment", request=request, **typed)
    assert (answer.status, answer.code) == (410, "challenge_ended")


def test_a_forgotten_password_is_not_replaced_by_the_mail_of_an_address_that_was_left(
    thief: Visitor,
) -> None:
    challenge = thief.step("password/forgot", email=thief.tenant.email).json()["challenge"]
    code, owner = thief.typed_code(), owner_of(thief)
    moving = owner.ask("POST", "/email", {"email": "new@acme.example"}).json()
    typed = {"challenge": moving["challenge"], "code": owner.visitor.typed_code()}
    assert owner.ask("POST", "/email/confirm", typed).status == 200
    answer = thief.step("password/reset", challenge=challenge, code=code, password=NEW)
    assert (answer.status, answer.code) == (410, "challenge_ended")


def test_a_passkey_that_was_offered_is_no_end_of_its_own_sign_in(thief: Visitor) -> None:
    # The application has a session already, whose tokens end.
    assert thief.exchange(thief.code()).status == 200
    answer = made(thief, offered(thief), Device())
    assert thief.exchange(code_of(answer.json()["redirectTo"])).status == 200


def test_a_sign_in_that_was_begun_twice_at_once_ends_whole(thief: Visitor) -> None:
    thief.sign_in()
    owner, login = owner_of(thief), thief.platform.adapters.login
    person = Person(thief.tenant.workspace.id, thief.tenant.user)
    secret = thief.cookies[cookie_name(person.workspace)]
    now = thief.platform.adapters.clock.now()
    once = login.browser(person.workspace, digest(secret), now=now)
    assert once is not None
    twin = replace(once, digest=digest("B" * 43))
    login.add_browser(twin, some_event(person.workspace, action=AuditAction.SIGNIN_SUCCEEDED))
    assert owner.ask("DELETE", f"/sign-ins/{once.id}").status == 200
    assert [each["current"] for each in owner.ask("GET", "/sign-ins").json()["signIns"]] == [True]
    assert login.browser(person.workspace, twin.digest, now=now) is None


def test_neighbours_and_namesakes_go_on(platform: Platform, thief: Visitor) -> None:
    elsewhere = visitor_on(platform, "globex")
    code = elsewhere.code()
    assert owner_of(thief).ask("POST", "/sign-ins/end-others").status == 200
    assert elsewhere.exchange(code).status == 200
