"""DPoP: proofs that a client holds the key to which its tokens are bound (RFC 9449)."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from chalicelib.domain.denials import TokenInvalid

ALGORITHMS = ("ES256", "RS256")

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_OWN_PORTS = {"https": ":443", "http": ":80"}


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What came with a request: the proof as it was sent, and where it was sent to."""

    proof: str = field(repr=False)
    method: str
    uri: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof claims that was signed with the key in it; `key` is its thumbprint (RFC 7638).

    Names are those of the RFC's claims: `ath` is the hash of the token that comes along.
    """

    key: str
    jti: str
    htm: str
    htu: str
    iat: int
    nonce: str | None = None
    ath: str | None = None

    def is_of(self, shown: Demonstration) -> bool:
        """Tell whether it was made for this very method and address."""
        wanted = plain_uri(shown.uri)
        return self.htm == shown.method and wanted is not None and plain_uri(self.htu) == wanted


def is_thumbprint(text: str) -> bool:
    """Tell whether a text may name a key: a SHA-256 in base64url (RFC 7638, section 3)."""
    return _THUMBPRINT.fullmatch(text) is not None


def ath_of(token: str) -> str:
    """Answer the hash by which a proof names its token (RFC 9449, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


def confirmation(key: str | None) -> Mapping[str, object]:
    """Answer the claim by which a token is bound to a key (RFC 9449, 6.1), if it is to be."""
    return {} if key is None else {"cnf": {"jkt": key}}


def confirmed(claims: Mapping[str, object]) -> str | None:
    """Answer the key that a token is bound to; raises `TokenInvalid`."""
    if "cnf" not in claims:
        return None
    # A confirmation that is not understood must not read as none (RFC 7800, section 3.1).
    match claims["cnf"]:
        case {"jkt": str(key), **others} if not others:
            return key
    raise TokenInvalid("This token is bound in a way that is not known here.")


def plain_uri(text: str) -> str | None:
    """Answer an address without query and fragment in its one form (RFC 3986, 6.2.2 and 6.2.3)."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    host = parts.netloc.lower().removesuffix(_OWN_PORTS.get(parts.scheme, ""))
    return f"{parts.scheme}://{host}{_ESCAPED.sub(_one_form, parts.path) or '/'}"


def _one_form(escaped: re.Match[str]) -> str:
    char = chr(int(escaped[1], 16))
    is_unreserved = char.isascii() and (char.isalnum() or char in "-._~")
    return char if is_unreserved else escaped[0].upper()
