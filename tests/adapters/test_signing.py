"""Tokens that somebody forged, confused or bent are refused, and nothing else happens."""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm

from chalicelib.domain.denials import TokenExpired, TokenInvalid
from tests.fakes.crypto import LocalSignatures
from tests.fakes.surroundings import FakeClock

NOW = 1_800_000_000
SIGNATURES = LocalSignatures(clock=FakeClock(NOW))
KEY = SIGNATURES.new_key()
CLAIMS = {"iss": "i", "aud": "a", "sub": "1", "iat": NOW, "exp": NOW + 900}
TOKEN = SIGNATURES.sign(CLAIMS, typ="at+jwt", key=KEY)
HEADER = {"alg": "ES256", "kid": KEY.kid, "typ": "at+jwt"}
PUBLIC = load_der_public_key(KEY.public)
PEM = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
STRANGER = generate_private_key(SECP256R1())


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: Mapping[str, object], payload: object = CLAIMS) -> str:
    """Sign whatever is asked for with the right key."""
    said = f"{part(header)}.{part(payload)}"
    signature = ECAlgorithm(ECAlgorithm.SHA256).sign(said.encode(), SIGNATURES.kms.private(KEY))
    return f"{said}.{part(signature)}"


def keyed_with_the_public_key(secret: bytes) -> str:
    said = f"{part({**HEADER, 'alg': 'HS256'})}.{part(CLAIMS)}"
    return f"{said}.{part(hmac.digest(secret, said.encode(), 'sha256'))}"


FORGERIES = {
    "no algorithm": signed({**HEADER, "alg": "none"}),
    "no algorithm and no signature": f"{part({**HEADER, 'alg': 'none'})}.{part(CLAIMS)}.",
    "an algorithm in other letters": signed({**HEADER, "alg": "es256"}),
    "an algorithm left out": signed({"kid": KEY.kid, "typ": "at+jwt"}),
    "a list of algorithms": signed({**HEADER, "alg": ["ES256"]}),
    "another curve": signed({**HEADER, "alg": "ES384"}),
    "the public key in PEM as a secret": keyed_with_the_public_key(PEM),
    "the public key in DER as a secret": keyed_with_the_public_key(KEY.public),
    "an empty secret": keyed_with_the_public_key(b""),
    "a stranger's key": jwt.encode(CLAIMS, STRANGER, "ES256", headers=HEADER),
    "a key in the header": jwt.encode(
        CLAIMS,
        STRANGER,
        "ES256",
        headers={**HEADER, "jwk": ECAlgorithm.to_jwk(STRANGER.public_key(), as_dict=True)},
    ),
    "no key": signed({"alg": "ES256", "typ": "at+jwt"}),
    "a key that is no name": signed({**HEADER, "kid": 1}),
    "a key that is a path": signed({**HEADER, "kid": "../../dev/null"}),
    "a critical extension": signed({**HEADER, "crit": ["exp"], "exp": 1}),
    "a detached payload": signed({**HEADER, "b64": False, "crit": ["b64"]}),
    "no type": signed({"alg": "ES256", "kid": KEY.kid}),
    "a payload that is a list": signed(HEADER, [CLAIMS]),
    "a payload that is not JSON": signed(HEADER, b"exp"),
    "a payload that is not UTF-8": signed(HEADER, b"\xff"),
    "a header that is a list": f"{part([HEADER])}.{part(CLAIMS)}.AAAA",
    "a header without end": f"{part(b'[' * 2_000)}.{part(CLAIMS)}.AAAA",
    "a header with a long number": f"{part(b'[' + b'9' * 2_500 + b']')}.e30.AAAA",
    "a signature of nothing": TOKEN.rpartition(".")[0] + ".",
    "a signature of zeros": TOKEN.rpartition(".")[0] + "." + part(bytes(64)),
    "a signature in DER": TOKEN.rpartition(".")[0]
    + "."
    + part(
        SIGNATURES.kms.sign(
            KeyId=KEY.arn,
            Message=TOKEN.rpartition(".")[0].encode(),
            MessageType="RAW",
            SigningAlgorithm="ECDSA_SHA_256",
        )["Signature"]
    ),
    "five parts": TOKEN + ".AAAA.AAAA",
    "two parts": TOKEN.rpartition(".")[0],
    "a space before": " " + TOKEN,
    "a line end after": TOKEN + "\n",
    "letters outside ASCII": TOKEN + "\u00e9",
    "half a surrogate pair": TOKEN + "\ud800",
    "nothing": "",
    "only dots": "..",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_refused(name: str) -> None:
    with pytest.raises(TokenInvalid) as caught:
        SIGNATURES.verify(FORGERIES[name], typ="at+jwt", keys=[KEY])
    assert caught.value.__cause__ is None


def test_the_same_hand_signs_a_token_that_is_accepted() -> None:
    # Shows that the refusals above are about the one thing that each of them changes.
    assert SIGNATURES.verify(signed(HEADER), typ="at+jwt", keys=[KEY]) == CLAIMS


def test_a_forgery_is_never_called_expired() -> None:
    old = {**CLAIMS, "exp": NOW - 1}
    with pytest.raises(TokenExpired):
        SIGNATURES.verify(signed(HEADER, old), typ="at+jwt", keys=[KEY])
    for forged in (
        jwt.encode(old, STRANGER, "ES256", headers=HEADER),
        signed({**HEADER, "typ": "JWT"}, old),
    ):
        with pytest.raises(TokenInvalid):
            SIGNATURES.verify(forged, typ="at+jwt", keys=[KEY])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@given(st.text())
@example(".." + "A" * 5_000)
@settings(deadline=None)
def test_any_text_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(TokenInvalid):
        SIGNATURES.verify(text, typ="at+jwt", keys=[KEY])


@given(
    header=st.binary(max_size=60) | JSON, payload=st.binary(max_size=60) | JSON, tail=st.binary()
)
@settings(deadline=None)
def test_any_three_parts_are_refused(header: object, payload: object, tail: bytes) -> None:
    with pytest.raises(TokenInvalid):
        SIGNATURES.verify(f"{part(header)}.{part(payload)}.{part(tail)}", typ="at+jwt", keys=[KEY])


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: JSON | st.sampled_from(["ES256", "HS256", "none", KEY.kid, "at+jwt", ["b64"]])
            for name in ("alg", "kid", "typ", "crit", "b64", "jwk", "cty", "x5c", "zip")
        },
    )
)
@settings(deadline=None)
def test_a_bent_header_is_refused_however_well_it_is_signed(header: dict[str, object]) -> None:
    token = signed(header)
    plain = {name: header.get(name) for name in HEADER} == HEADER
    if plain and "crit" not in header and header.get("b64", True) is not False:
        return
    with pytest.raises(TokenInvalid):
        SIGNATURES.verify(token, typ="at+jwt", keys=[KEY])


@given(st.dictionaries(st.sampled_from([*CLAIMS, "nbf", "jti"]), JSON) | JSON)
@settings(deadline=None)
def test_any_claims_are_answered_as_they_are_or_refused(claims: object) -> None:
    token = signed(HEADER, claims)
    try:
        answer = SIGNATURES.verify(token, typ="at+jwt", keys=[KEY])
    except (TokenInvalid, TokenExpired):
        return
    assert answer == claims


def test_a_key_of_another_kind_is_refused_loudly() -> None:
    public = Ed25519PrivateKey.generate().public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(TypeError):
        SIGNATURES.verify(TOKEN, typ="at+jwt", keys=[replace(KEY, public=der)])
