import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from chalicelib.adapters.certificates import X509Certificates
from chalicelib.domain.errors import InvalidInput
from tests.builders import NOW
from tests.saml import IDENTITY, OF_CURVE, Identity


@pytest.mark.parametrize("text", [IDENTITY.pem, IDENTITY.body, f"\n {IDENTITY.pem}\n\n"])
def test_a_certificate_has_one_form_and_says_how_long_it_lasts(text: str) -> None:
    found = X509Certificates().read(text)
    assert (found.body, found.since, found.until) == (
        *(IDENTITY.body, IDENTITY.since, IDENTITY.until),
    )


def test_a_key_may_be_of_an_elliptic_curve() -> None:
    assert X509Certificates().read(OF_CURVE.pem).body == OF_CURVE.body


def test_it_is_valid_from_its_first_second_to_before_its_last() -> None:
    found = X509Certificates().read(Identity(since=NOW, until=NOW + 10).pem)
    assert [found.is_valid(NOW + each) for each in (-1, 0, 9, 10)] == [False, True, True, False]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "MIIB",
        IDENTITY.secret.decode(),
        Identity(rsa.generate_private_key(65537, 1024)).pem,  # noqa: S505 - that is the test
    ],
)
def test_what_is_no_certificate_or_a_weak_one_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        X509Certificates().read(text)
