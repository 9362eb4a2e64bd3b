import base64
import re

import pyotp
import pytest

from chalicelib.adapters.one_time_codes import PyOtpCodes

# RFC 6238, appendix B, for SHA-1; its codes have eight digits, of which ours are the last six.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1_111_111_109, "081804"),
    (1_111_111_111, "050471"),
    (1_234_567_890, "005924"),
    (2_000_000_000, "279037"),
    (20_000_000_000, "353130"),
]
NOW = 1_800_000_000
PRESENT = NOW // 30


@pytest.fixture
def codes() -> PyOtpCodes:
    return PyOtpCodes()


def code_at(step: int) -> str:
    return pyotp.TOTP(SECRET).at(step * 30)


@pytest.mark.parametrize(("now", "code"), VECTORS)
def test_the_codes_of_the_standard_are_known(codes: PyOtpCodes, now: int, code: str) -> None:
    assert codes.step_of(SECRET, code, now=now, after=0) == now // 30


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_the_present_half_minute_counts_and_its_neighbours(codes: PyOtpCodes, offset: int) -> None:
    step = PRESENT + offset
    assert codes.step_of(SECRET, code_at(step), now=NOW, after=0) == step


@pytest.mark.parametrize("offset", [-20, -2, 2, 20])
def test_no_other_half_minute_counts(codes: PyOtpCodes, offset: int) -> None:
    assert codes.step_of(SECRET, code_at(PRESENT + offset), now=NOW, after=0) is None


def test_what_was_accepted_before_counts_no_more(codes: PyOtpCodes) -> None:
    assert codes.step_of(SECRET, code_at(PRESENT), now=NOW, after=PRESENT) is None
    assert codes.step_of(SECRET, code_at(PRESENT - 1), now=NOW, after=PRESENT) is None
    assert codes.step_of(SECRET, code_at(PRESENT + 1), now=NOW, after=PRESENT) == PRESENT + 1


def test_spaces_do_not_count(codes: PyOtpCodes) -> None:
    typed = f" {code_at(PRESENT)[:3]} {code_at(PRESENT)[3:]}\n"
    assert codes.step_of(SECRET, typed, now=NOW, after=0) == PRESENT


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\ud800", "-12345"])
def test_what_is_no_code_fits_nothing(codes: PyOtpCodes, typed: str) -> None:
    assert codes.step_of(SECRET, typed, now=NOW, after=0) is None


def test_a_secret_has_160_random_bits(codes: PyOtpCodes) -> None:
    made = {codes.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"[A-Z2-7]{32}", secret) for secret in made)


def test_the_address_is_read_by_authenticators(codes: PyOtpCodes) -> None:
    uri = codes.uri(SECRET, account="mira+1@acme.example", issuer="Acme & Söhne: 1")
    read = pyotp.parse_uri(uri)
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.digits, read.interval) == (SECRET, 6, 30)
    assert read.name == "mira+1@acme.example"
    assert read.issuer == "Acme & Söhne: 1"


def test_a_drawing_has_the_three_corners_by_which_cameras_find_it(codes: PyOtpCodes) -> None:
    drawing = codes.drawing(codes.uri(SECRET, account="mira@acme.example", issuer="Acme"))
    assert (drawing.size - 17) % 4 == 0
    assert re.fullmatch(r"(?:M\d+ \d+h1v1h-1z)+", drawing.path)
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h", drawing.path)}
    last = drawing.size - 1
    for left, top in ((0, 0), (last - 6, 0), (0, last - 6)):
        for n in range(7):
            assert {(left + n, top), (left, top + n), (left + n, top + 6)} <= dark
        assert (left + 1, top + 1) not in dark
