import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.sign_ups import code_digest, fits, name_of, new_code

KEPT = code_digest("challenge", "048291")


def test_a_code_is_six_digits() -> None:
    codes = {new_code() for _ in range(200)}
    assert all(len(code) == 6 and code.isdecimal() and code.isascii() for code in codes)
    assert len(codes) > 150


@pytest.mark.parametrize("typed", ["048291", "048 291", " 048291\n"])
def test_a_code_fits_however_it_is_spaced(typed: str) -> None:
    assert fits(KEPT, challenge="challenge", code=typed)


@pytest.mark.parametrize("typed", ["", "48291", "048292", "0482910"])
def test_another_code_does_not_fit(typed: str) -> None:
    assert not fits(KEPT, challenge="challenge", code=typed)


def test_a_code_fits_its_own_challenge_only() -> None:
    assert not fits(KEPT, challenge="another", code="048291")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        ("", None),
        ("  \n ", None),
        (" Mira\tLindqvist ", "Mira Lindqvist"),
        ("李", "李"),
    ],
)
def test_a_name_is_kept_as_one_line(given: str | None, kept: str | None) -> None:
    assert name_of(given) == kept


@pytest.mark.parametrize("given", ["a" * 101, "a\x00b", "a\u202eb", "\ud800"])
def test_a_name_that_cannot_be_shown_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        name_of(given)
    assert refusal.value.faults[0].pointer == "/name"
