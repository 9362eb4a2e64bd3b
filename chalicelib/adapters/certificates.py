"""X.509 certificates of those who sign elsewhere, read by cryptography."""

import base64

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.saml import Certificate

_MIN_RSA = 2_048  # bits


class X509Certificates:
    """Answers `Certificates`."""

    def read(self, text: str) -> Certificate:
        lines = (line.strip() for line in text.splitlines())
        body = "".join(line for line in lines if not line.startswith("-----"))
        try:
            found = x509.load_der_x509_certificate(base64.b64decode(body, validate=True))
            key = found.public_key()
        except (ValueError, UnsupportedAlgorithm):
            raise _unusable("an X.509 certificate as PEM") from None
        is_long = isinstance(key, RSAPublicKey) and key.key_size >= _MIN_RSA
        if not is_long and not isinstance(key, EllipticCurvePublicKey):
            raise _unusable("a key of RSA with 2,048 bits or more, or of an elliptic curve")
        return Certificate(
            body=base64.b64encode(found.public_bytes(Encoding.DER)).decode(),
            since=int(found.not_valid_before_utc.timestamp()),
            until=int(found.not_valid_after_utc.timestamp()),
        )


def _unusable(fault: str) -> InvalidInput:
    return InvalidInput("That certificate cannot be used.", Fault("/certificates", fault))
