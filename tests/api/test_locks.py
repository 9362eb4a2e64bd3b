"""What strangers cannot keep a person out of: the ways that stay open while they guess."""

from dataclasses import replace

import pytest

from chalicelib.domain.limits import SIGN_IN_WINDOW
from chalicelib.services.attempts import RESET_MAILS_PER_ADDRESS, RESET_MAILS_PER_NETWORK
from tests.api.authenticator import enrolled
from tests.api.devices import holding, shown
from tests.api.own import NEW, Home
from tests.api.platform import Platform, Tenant
from tests.api.test_devices import (
    WRONG,
    guess_until_locked,
    owner_resets_the_password,
)
from tests.api.visitor import PASSWORD, Visitor


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


@pytest.fixture
def owner(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant, ip="198.51.100.1")


@pytest.fixture
def stranger(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant, ip="203.0.113.9")


def test_a_stranger_who_asks_for_mails_too_does_not_close_the_way_out(
    platform: Platform, owner: Visitor, stranger: Visitor
) -> None:
    guess_until_locked(platform, stranger, owner.tenant.email)
    for _ in range(10):
        stranger.step("password/forgot", email=owner.tenant.email)
        stranger.sign_up(owner.tenant.email)
    owner_resets_the_password(owner)
    assert owner.sign_in(password=PASSWORD + "!").status == 200


def test_an_address_gets_so_many_mails_for_a_new_password_and_no_more(
    platform: Platform, owner: Visitor
) -> None:
    for network in range(10):
        asking = replace(owner, ip=f"203.0.113.{network}")
        for _ in range(RESET_MAILS_PER_NETWORK + 2):
            assert asking.step("password/forgot", email=owner.tenant.email).status == 200
    assert len(platform.adapters.mailer.sent) == RESET_MAILS_PER_ADDRESS
    platform.adapters.clock.pause(SIGN_IN_WINDOW)
    owner_resets_the_password(owner)


def test_a_passkey_opens_while_a_password_is_locked(
    platform: Platform, owner: Visitor, stranger: Visitor
) -> None:
    device = holding(platform, owner.tenant)
    guess_until_locked(platform, stranger, owner.tenant.email)
    assert owner.sign_in().code == "rate_limited"
    assert shown(owner, device).status == 200


def test_whoever_guesses_at_a_second_factor_keeps_nobody_from_another_password(
    platform: Platform, owner: Visitor, stranger: Visitor
) -> None:
    authenticator = enrolled(platform, owner.tenant)
    challenge = owner.sign_in().json()["step"]["challenge"]
    typed = {"challenge": challenge, "code": authenticator.code()}
    assert owner.step("steps/totp", **typed).status == 200
    home = Home(owner)
    assert home.post("/member-token").status == 200
    known = stranger.sign_in().json()["step"]["challenge"]
    wrong = {"challenge": known, "code": authenticator.wrong_code()}
    answers = [stranger.step("steps/totp", **wrong) for _ in range(6)]
    assert answers[-1].code == "rate_limited"
    body = {"password": PASSWORD, "newPassword": NEW}
    assert home.ask("POST", "/password", body).status == 200


def test_a_lock_is_nobody_s_but_its_own_person_s(
    platform: Platform, owner: Visitor, stranger: Visitor
) -> None:
    guess_until_locked(platform, stranger, owner.tenant.email)
    other = platform.newcomer(owner.tenant)
    assert Visitor(platform, other, ip=owner.ip).sign_in().status == 200
    assert stranger.sign_in(owner.tenant.email, WRONG).code == "rate_limited"
