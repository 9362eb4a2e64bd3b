"""Proofs of a key: those of the RFC, those of another library, and all that is none."""

import base64
import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from chalicelib.adapters.proofs import JwsProofs
from chalicelib.domain.denials import DpopRequired
from chalicelib.domain.dpop import Demonstration, Proof, ath_of, plain_uri
from tests.api.prover import Prover, rsa
from tests.fakes.surroundings import FakeClock

# RFC 9449, sections 4.1 and 7.1.
_HEADER = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0Vj"
    "NoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5"
    "VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19"
)
AT_TOKEN = (
    f"{_HEADER}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVy"
    "LmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMU"
    "vwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
)
AT_RESOURCE = (
    f"{_HEADER}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJj"
    "ZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0R"
    "aNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAg"
    "R6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
)
THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
HERE = "https://flows.example/oidc/acme/token"
ES384 = ECKey.generate_key("P-384")


@pytest.fixture
def prover() -> Prover:
    return Prover(FakeClock())


def test_the_proofs_of_the_rfc_are_read() -> None:
    assert JwsProofs().read(AT_TOKEN) == Proof(
        key=THUMBPRINT,
        jti="-BwC3ESc6acc2lTc",
        htm="POST",
        htu="https://server.example.com/token",
        iat=1_562_262_616,
    )
    token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    found = JwsProofs().read(AT_RESOURCE)
    assert (found.key, found.ath) == (THUMBPRINT, ath_of(token))


@pytest.mark.parametrize("kind", ["EC", "RSA"])
def test_a_proof_of_another_library_is_read(prover: Prover, kind: str) -> None:
    made = prover if kind == "EC" else rsa(prover.clock)
    made.nonce = "n-1"
    found = JwsProofs().read(made.proof("GET", HERE, token="t"))
    assert (found.key, found.htm, found.htu, found.nonce) == (made.thumbprint, "GET", HERE, "n-1")


def test_a_key_has_one_thumbprint_however_it_is_sent(prover: Prover) -> None:
    members = prover.key.as_dict(private=False)
    sent = {**members, "kid": "k-1", "use": "sig", "x": f"{members['x']}="}
    found = JwsProofs().read(prover.proof("GET", HERE, header={"jwk": sent}))
    assert found.key == prover.thumbprint


HEADERS: dict[str, dict[str, Any]] = {
    "no type": {"typ": None},
    "the type of a token": {"typ": "JWT"},
    "no key": {"jwk": None},
    "a key without its point": {"jwk": {"kty": "EC", "crv": "P-256"}},
    "a point off the curve": {"jwk": {"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}},
    "another key": {"jwk": ECKey.generate_key("P-256").as_dict(private=False)},
    "a key on another curve": {"jwk": ES384.as_dict(private=False)},
    "a key of another kind": {"jwk": RSAKey.generate_key(2_048).as_dict(private=False)},
    "a shared secret": {"jwk": OctKey.generate_key(256).as_dict()},
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_proof_with_another_header_is_none(prover: Prover, name: str) -> None:
    refused(prover.proof("GET", HERE, header=HEADERS[name]))


def test_a_private_key_in_a_proof_is_refused(prover: Prover) -> None:
    refused(prover.proof("GET", HERE, header={"jwk": prover.key.as_dict(private=True)}))
    made = rsa(prover.clock)
    refused(made.proof("GET", HERE, header={"jwk": made.key.as_dict(private=True)}))


@pytest.mark.parametrize("alg", ["none", "HS256", "ES384", "PS256", "", None, 7, ["ES256"]])
def test_other_algorithms_are_refused(prover: Prover, alg: object) -> None:
    changed = rewritten(prover.proof("GET", HERE), alg=alg)
    refused(changed)
    refused(changed.rpartition(".")[0] + ".")


@pytest.mark.parametrize("jwk", ["k", [], 7, True])
def test_a_key_that_is_no_object_is_refused(prover: Prover, jwk: object) -> None:
    refused(rewritten(prover.proof("GET", HERE), jwk=jwk))


def test_algorithms_that_are_not_listed_are_refused_though_signed_rightly(prover: Prover) -> None:
    refused(Prover(prover.clock, key=ES384, alg="ES384").proof("GET", HERE))
    refused(Prover(prover.clock, key=RSAKey.generate_key(2_048), alg="PS256").proof("G", HERE))


@pytest.mark.filterwarnings("ignore:Key size should be")
@pytest.mark.parametrize("bits", [1_024, 4_608])
def test_a_key_that_is_too_short_or_too_long_is_refused(prover: Prover, bits: int) -> None:
    refused(rsa(prover.clock, bits).proof("GET", HERE))


CLAIMS: dict[str, dict[str, Any]] = {
    "no id": {"jti": None},
    "an empty id": {"jti": ""},
    "an id that is no text": {"jti": 7},
    "no method": {"htm": None},
    "a method that is no text": {"htm": ["GET"]},
    "no address": {"htu": None},
    "an address that is no text": {"htu": {}},
    "no time": {"iat": None},
    "a time with a fraction": {"iat": 1.5},
    "a time that is a truth": {"iat": True},
    "a time in text": {"iat": "1800000000"},
    "a nonce that is no text": {"nonce": 7},
    "a hash that is no text": {"ath": []},
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_proof_with_other_claims_is_none(prover: Prover, name: str) -> None:
    refused(prover.proof("GET", HERE, **CLAIMS[name]))


def test_whatever_is_no_signature_is_refused(prover: Prover) -> None:
    proof = prover.proof("GET", HERE)
    header, payload, signature = proof.split(".")
    other = prover.proof("POST", HERE).split(".")
    deep = base64.urlsafe_b64encode(b"[" * 2_000).rstrip(b"=").decode()
    for text in (
        *("", ".", "..", "a.b.c", "é.é.é", proof[:-4], f"{proof}.x", proof + "," + proof),
        *(f"{header}.{other[1]}.{signature}", f"{header}.{payload}.{other[2]}"),
        *(f"{deep}.{payload}.{signature}", "a" * 5_000, prover.proof("G" * 4_000, HERE)),
    ):
        refused(text)


def test_claims_that_are_no_object_are_refused(prover: Prover) -> None:
    for payload in (b"[]", b"null", b"7", b"\xff", b"{", b"[" * 1_500):
        refused(signed(prover, payload))


SAME = [
    ("https://flows.example/a", "https://FLOWS.example:443/a?x=1#y"),
    ("http://localhost:80/", "HTTP://localhost"),
    ("https://flows.example/a%2Fb/%7Ec", "https://flows.example/a%2fb/~c"),
]
OTHER = [
    ("https://flows.example/a", "https://flows.example/a/"),
    ("https://flows.example/a", "http://flows.example/a"),
    ("https://flows.example/a", "https://flows.example:444/a"),
    ("https://flows.example/a", "https://u@flows.example/a"),
    ("https://flows.example/a", "https://flows.example.evil.example/a"),
    ("https://flows.example/a%2Fb", "https://flows.example/a/b"),
    ("https://flows.example/a", "//flows.example/a"),
    ("https://flows.example/a", "https://[::1"),
]


@pytest.mark.parametrize(("here", "said"), SAME)
def test_an_address_has_one_form_without_query_and_fragment(here: str, said: str) -> None:
    assert plain_uri(here) == plain_uri(said)
    assert of(said).is_of(Demonstration("", "GET", here))
    assert not of(said).is_of(Demonstration("", "get", here))


@pytest.mark.parametrize(("here", "said"), OTHER)
def test_another_address_is_another(here: str, said: str) -> None:
    assert not of(said).is_of(Demonstration("", "GET", here))
    assert not of(said).is_of(Demonstration("", "GET", "https://[::1"))


def of(uri: str) -> Proof:
    return Proof(key=THUMBPRINT, jti="j", htm="GET", htu=uri, iat=0)


def rewritten(proof: str, **header: object) -> str:
    """The same claims and signature behind another header."""
    before, payload, signature = proof.split(".")
    changed = {**json.loads(base64.urlsafe_b64decode(before + "==")), **header}
    written = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    return f"{written}.{payload}.{signature}"


def signed(prover: Prover, payload: bytes) -> str:
    members = {"typ": "dpop+jwt", "alg": "ES256", "jwk": prover.key.as_dict(private=False)}
    return jws.serialize_compact(
        members, payload, prover.key, registry=jws.JWSRegistry(strict_check_header=False)
    )


def refused(text: str) -> None:
    with pytest.raises(DpopRequired) as caught:
        JwsProofs().read(text)
    assert caught.value.error == "invalid_dpop_proof"
    assert len(text) < 10 or text[:10] not in caught.value.detail
