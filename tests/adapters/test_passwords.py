"""What is particular to argon2id, and to the estimate of how common a password is."""

import argon2
import pytest

from chalicelib.adapters.passwords import Argon2Passwords
from chalicelib.domain.errors import Unopenable
from chalicelib.domain.limits import MAX_PASSWORD, MIN_PASSWORD

PASSWORDS = Argon2Passwords()
GOOD = "it rains on every monday"


def test_the_parameters_stand_in_the_hash() -> None:
    stored = PASSWORDS.hash(GOOD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    found = argon2.extract_parameters(stored)
    assert (found.salt_len, found.hash_len) == (16, 32)


def test_a_salt_is_used_once() -> None:
    assert PASSWORDS.hash(GOOD) != PASSWORDS.hash(GOOD)


@pytest.mark.parametrize(
    "weaker",
    [
        argon2.PasswordHasher(time_cost=1, memory_cost=19_456, parallelism=1),
        argon2.PasswordHasher(time_cost=2, memory_cost=8_192, parallelism=1),
        argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=argon2.Type.I),
    ],
    ids=["passes", "memory", "kind"],
)
def test_a_hash_with_weaker_parameters_fits_and_is_outdated(weaker: argon2.PasswordHasher) -> None:
    stored = weaker.hash(GOOD)
    assert PASSWORDS.fits(stored, GOOD)
    assert PASSWORDS.is_outdated(stored)


def test_a_password_fits_however_the_keyboard_composes_it() -> None:
    assert PASSWORDS.fits(PASSWORDS.hash("Zo\u00eb kauft ein Brot"), "Zoe\u0308 kauft ein Brot")
    assert PASSWORDS.fits(PASSWORDS.hash("ﬁve boxing wizards"), "five boxing wizards")


def test_nobody_costs_as_much_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[argon2.Parameters] = []
    hasher = PASSWORDS._hasher  # noqa: SLF001
    verify = hasher.verify

    class Counting:
        def verify(self, stored: str, password: bytes) -> bool:
            asked.append(argon2.extract_parameters(stored))
            return verify(stored, password)

    counted = Argon2Passwords()
    monkeypatch.setattr(counted, "_hasher", Counting())
    stored = PASSWORDS.hash(GOOD)
    assert counted.fits(stored, GOOD)
    assert not counted.fits(None, GOOD)
    somebody, nobody = asked
    assert somebody == nobody


def test_a_stored_hash_in_an_unknown_form_raises_the_alarm() -> None:
    with pytest.raises(Unopenable):
        PASSWORDS.fits("not a hash", GOOD)


@pytest.mark.parametrize(
    "password",
    [
        "a" * MIN_PASSWORD,
        "a" * MAX_PASSWORD,
        "passwordpassword",
        "P@ssw0rdP@ssw0rd",
        "Password12345678",
        "123456789012345",
        "qwertyuiopasdfgh",
        "1qaz2wsx3edc4rfv",
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "iloveyouforever1",
        "ilovetokiohotel",
        "letmeinletmeinletmeinletmein",
        "secureflowssecureflows",
        "\uff50assword\uff50assword",
        "qwerty" * 42,
    ],
)
def test_what_a_guesser_tries_first_is_common(password: str) -> None:
    assert len(password) >= MIN_PASSWORD
    assert PASSWORDS.is_common(password)


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "correct horse battery staple",
        "sundaymorning84",
        "my dog likes tea",
        "x9!Kd02mLq-vB7zT",
        "ключ от квартиры где деньги",
        "aaaaaaaaaaaaaaaaaaaa and then it rains on monday",
    ],
)
def test_what_a_guesser_would_take_long_to_find_is_not(password: str) -> None:
    assert len(password) >= MIN_PASSWORD
    assert not PASSWORDS.is_common(password)


def test_the_hardest_password_to_judge_is_judged_in_time() -> None:
    # Letters written as signs are what the estimate is slow at; whole, this takes minutes.
    assert not PASSWORDS.is_common(("4@8({[<369&#!1/|0$5+7%2" * 12)[:MAX_PASSWORD])
