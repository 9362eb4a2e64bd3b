"""What every hasher of passwords must do: argon2id, and the cheap one of the other tests."""

import pytest

from chalicelib.adapters.passwords import Argon2Passwords
from chalicelib.domain.ports.surroundings import Passwords
from tests.fakes.surroundings import CheapPasswords

GOOD = "it rains on every monday"


@pytest.fixture(params=[Argon2Passwords, CheapPasswords])
def passwords(request: pytest.FixtureRequest) -> Passwords:
    made: Passwords = request.param()
    return made


def test_a_password_fits_its_hash(passwords: Passwords) -> None:
    assert passwords.fits(passwords.hash(GOOD), GOOD)


def test_another_password_does_not_fit(passwords: Passwords) -> None:
    stored = passwords.hash(GOOD)
    for other in (GOOD.upper(), GOOD + " ", GOOD[:-1], ""):
        assert not passwords.fits(stored, other)


def test_nothing_fits_where_nobody_is(passwords: Passwords) -> None:
    assert not passwords.fits(None, GOOD)
    assert not passwords.fits(None, "")


def test_the_password_is_not_in_the_hash(passwords: Passwords) -> None:
    assert GOOD not in passwords.hash(GOOD)


def test_a_hash_of_today_is_not_outdated(passwords: Passwords) -> None:
    assert not passwords.is_outdated(passwords.hash(GOOD))


def test_half_a_surrogate_pair_is_a_password_like_another(passwords: Passwords) -> None:
    strange = "\ud800 and fourteen more"
    assert passwords.fits(passwords.hash(strange), strange)
    assert not passwords.fits(passwords.hash(strange), GOOD)


def test_a_common_password_is_known(passwords: Passwords) -> None:
    assert passwords.is_common("passwordpassword")
    assert not passwords.is_common(GOOD)
