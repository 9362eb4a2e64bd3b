import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.limits import FREE_TRIES, LONGEST_DELAY
from chalicelib.domain.login import (
    Attempts,
    code_challenge_of,
    printable,
    proves,
    tries_left,
    wait_before_next,
)

# RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_verifier_of_the_standard_proves_its_challenge() -> None:
    assert proves(VERIFIER, CHALLENGE)


@pytest.mark.parametrize(
    "verifier",
    ["", VERIFIER[:-1], VERIFIER + "a", CHALLENGE, VERIFIER.lower(), "a" * 129, VERIFIER + "\n"],
)
def test_nothing_else_proves_it(verifier: str) -> None:
    assert not proves(verifier, CHALLENGE)


def test_a_verifier_sent_as_its_own_challenge_is_the_plain_method_and_proves_nothing() -> None:
    assert not proves(VERIFIER, VERIFIER)


@pytest.mark.parametrize(
    "text", ["", CHALLENGE[:-1], CHALLENGE + "A", CHALLENGE[:-1] + "=", "ä" * 43]
)
def test_a_challenge_is_43_base64url_characters(text: str) -> None:
    assert code_challenge_of(CHALLENGE) == CHALLENGE
    with pytest.raises(InvalidInput):
        code_challenge_of(text)


@pytest.mark.parametrize(
    ("failures", "delay"),
    [(0, 0), (4, 0), (5, 5), (6, 10), (7, 20), (12, 640), (13, 900), (60, 900), (10**6, 900)],
)
def test_delays_double_and_end(failures: int, delay: int) -> None:
    at = 1_800_000_000
    assert wait_before_next(Attempts(failures, at), at) == delay
    assert wait_before_next(Attempts(failures, at), at + delay) == 0
    if delay:
        assert wait_before_next(Attempts(failures, at), at + delay - 1) == 1
    assert delay <= LONGEST_DELAY


def test_the_tries_that_are_left_end_at_none() -> None:
    left = [tries_left(Attempts(failures, 0)) for failures in range(FREE_TRIES + 3)]
    assert left == [5, 4, 3, 2, 1, 0, 0, 0]


@pytest.mark.parametrize("text", ["a\nb", "a\x00", "\u202e", "\ud800", "a" * 2_001])
def test_what_is_echoed_is_printable_and_short(text: str) -> None:
    with pytest.raises(InvalidInput):
        printable(text, name="state")
