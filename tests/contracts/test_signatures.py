"""What every signer must do: keys in memory, and keys in KMS."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import jwt
import pytest

from chalicelib.adapters.signing import KmsSignatures, kid_of
from chalicelib.domain.denials import TokenExpired, TokenInvalid
from chalicelib.domain.errors import KmsUnavailable
from chalicelib.domain.ports.crypto import Signatures
from chalicelib.domain.tokens import KeyState, SigningAlg, SigningKey
from tests.contracts import cloud
from tests.fakes.crypto import LocalSignatures
from tests.fakes.surroundings import FakeClock

NOW = 1_800_000_000
CLAIMS = {
    "iss": "https://secureflows.example/oidc/demo",
    "aud": "https://secureflows.example/api/v1/sessions",
    "sub": "1000000000000001",
    "iat": NOW,
    "exp": NOW + 900,
    "jti": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
}


@dataclass(frozen=True)
class Case:
    signatures: Signatures
    clock: FakeClock
    new_key: Callable[[], SigningKey]


@pytest.fixture(params=["memory", "kms", "kms, RS256"])
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    clock = FakeClock(NOW)
    if request.param == "memory":
        local = LocalSignatures(clock=clock)
        yield Case(signatures=local, clock=clock, new_key=local.new_key)
        return
    with cloud.client("kms") as kms:
        signatures = KmsSignatures(kms, clock=clock)

        def new_key() -> SigningKey:
            spec = "RSA_2048" if "RS256" in request.param else "ECC_NIST_P256"
            made = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec=spec)
            return signatures.key_pair(made["KeyMetadata"]["Arn"])

        yield Case(signatures=signatures, clock=clock, new_key=new_key)


def test_a_token_proves_its_claims(case: Case) -> None:
    key = case.new_key()
    token = case.signatures.sign(CLAIMS, typ="at+jwt", key=key)
    assert case.signatures.verify(token, typ="at+jwt", keys=[key]) == CLAIMS


def test_the_header_names_algorithm_key_and_type(case: Case) -> None:
    key = case.new_key()
    token = case.signatures.sign(CLAIMS, typ="at+jwt", key=key)
    header = jwt.get_unverified_header(token)
    assert header == {"alg": key.alg, "kid": key.kid, "typ": "at+jwt"}


def test_a_stranger_can_verify_with_the_published_key(case: Case) -> None:
    key = case.new_key()
    published = json.loads(json.dumps(dict(case.signatures.jwk(key))))
    numbers = {"n", "e"} if key.alg is SigningAlg.RS256 else {"crv", "x", "y"}
    assert published.keys() == {"kty", "kid", "alg", "use", *numbers}
    assert published["kty"] == ("RSA" if key.alg is SigningAlg.RS256 else "EC")
    assert published.get("crv", "P-256") == "P-256"
    assert (published["kid"], published["alg"], published["use"]) == (key.kid, key.alg, "sig")
    token = case.signatures.sign(CLAIMS, typ="JWT", key=key)
    options: jwt.types.Options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
    assert jwt.decode(token, jwt.PyJWK(published), [key.alg], options) == CLAIMS


def test_the_public_half_of_a_key_is_named_by_its_digest(case: Case) -> None:
    key = case.new_key()
    assert case.signatures.key_pair(key.arn) == key
    assert key.kid.startswith("rs1-" if key.alg is SigningAlg.RS256 else "es1-")
    assert len(key.kid) == 12
    assert kid_of(case.new_key().public) != key.kid


def test_a_key_verifies_only_while_it_is_among_the_given(case: Case) -> None:
    one, other = case.new_key(), case.new_key()
    token = case.signatures.sign(CLAIMS, typ="at+jwt", key=one)
    assert case.signatures.verify(token, typ="at+jwt", keys=[other, one])
    for keys in ([other], []):
        with pytest.raises(TokenInvalid):
            case.signatures.verify(token, typ="at+jwt", keys=keys)


def test_a_retired_key_verifies_until_its_last_second(case: Case) -> None:
    key = case.new_key()
    token = case.signatures.sign(CLAIMS, typ="at+jwt", key=key)
    retired = replace(key, state=KeyState.RETIRED, not_after=NOW + 60)
    case.clock.pause(59)
    assert case.signatures.verify(token, typ="at+jwt", keys=[retired])
    case.clock.pause(1)
    with pytest.raises(TokenInvalid):
        case.signatures.verify(token, typ="at+jwt", keys=[retired])


def test_a_name_of_one_key_over_the_signature_of_another_is_refused(case: Case) -> None:
    one, other = case.new_key(), case.new_key()
    token = case.signatures.sign(CLAIMS, typ="at+jwt", key=replace(one, kid=other.kid))
    with pytest.raises(TokenInvalid):
        case.signatures.verify(token, typ="at+jwt", keys=[one, other])


@pytest.mark.parametrize("wanted", ["JWT", "AT+JWT", "application/at+jwt", ""])
def test_a_token_of_another_type_is_refused(case: Case, wanted: str) -> None:
    key = case.new_key()
    token = case.signatures.sign(CLAIMS, typ="at+jwt", key=key)
    with pytest.raises(TokenInvalid):
        case.signatures.verify(token, typ=wanted, keys=[key])


def test_a_token_ends_at_its_second_without_leeway(case: Case) -> None:
    key = case.new_key()
    token = case.signatures.sign(CLAIMS, typ="at+jwt", key=key)
    case.clock.pause(899)
    assert case.signatures.verify(token, typ="at+jwt", keys=[key])
    # That it was verified before must not carry it beyond.
    case.clock.pause(1)
    with pytest.raises(TokenExpired):
        case.signatures.verify(token, typ="at+jwt", keys=[key])


def test_a_token_stays_authentic_after_its_end(case: Case) -> None:
    key = case.new_key()
    token = case.signatures.sign(CLAIMS, typ="at+jwt", key=key)
    case.clock.pause(10**6)
    assert case.signatures.authentic(token, typ="at+jwt", keys=[key]) == CLAIMS


def test_what_never_was_a_token_is_not_authentic(case: Case) -> None:
    one, other = case.new_key(), case.new_key()
    token = case.signatures.sign(CLAIMS, typ="at+jwt", key=one)
    endless = {name: value for name, value in CLAIMS.items() if name != "exp"}
    for typ, keys, bent in (
        ("JWT", [one], token),
        ("at+jwt", [other], token),
        ("at+jwt", [one], token[:-4] + "AAAA"),
        ("at+jwt", [one], case.signatures.sign(endless, typ="at+jwt", key=one)),
    ):
        with pytest.raises(TokenInvalid):
            case.signatures.authentic(bent, typ=typ, keys=keys)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_clock_may_be_half_a_minute_behind_and_no_more(case: Case, claim: str) -> None:
    key = case.new_key()
    near = case.signatures.sign({**CLAIMS, claim: NOW + 30}, typ="at+jwt", key=key)
    far = case.signatures.sign({**CLAIMS, claim: NOW + 31}, typ="at+jwt", key=key)
    assert case.signatures.verify(near, typ="at+jwt", keys=[key])
    with pytest.raises(TokenInvalid):
        case.signatures.verify(far, typ="at+jwt", keys=[key])


@pytest.mark.parametrize("claim", ["exp", "iat", "iss", "aud", "sub"])
def test_a_token_without_a_claim_that_every_token_has_is_refused(case: Case, claim: str) -> None:
    key = case.new_key()
    less = {name: value for name, value in CLAIMS.items() if name != claim}
    token = case.signatures.sign(less, typ="at+jwt", key=key)
    with pytest.raises(TokenInvalid):
        case.signatures.verify(token, typ="at+jwt", keys=[key])


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", ["1900000000", 1.9e9, True, None, [NOW], {}])
def test_times_are_whole_seconds(case: Case, claim: str, value: object) -> None:
    key = case.new_key()
    token = case.signatures.sign({**CLAIMS, claim: value}, typ="at+jwt", key=key)
    with pytest.raises(TokenInvalid):
        case.signatures.verify(token, typ="at+jwt", keys=[key])


def test_a_token_above_four_kilobytes_is_refused(case: Case) -> None:
    key = case.new_key()
    token = case.signatures.sign({**CLAIMS, "own": "x" * 4_096}, typ="at+jwt", key=key)
    with pytest.raises(TokenInvalid):
        case.signatures.verify(token, typ="at+jwt", keys=[key])


def test_every_character_of_a_token_counts(case: Case) -> None:
    key = case.new_key()
    token = case.signatures.sign(CLAIMS, typ="at+jwt", key=key)
    for at, char in enumerate(token):
        altered = token[:at] + ("A" if char != "A" else "B") + token[at + 1 :]
        with pytest.raises(TokenInvalid):
            case.signatures.verify(altered, typ="at+jwt", keys=[key])


def test_a_key_that_is_gone_cannot_sign(case: Case) -> None:
    with cloud.unreachable("kms") as kms:
        signatures = KmsSignatures(kms, clock=case.clock)
        with pytest.raises(KmsUnavailable):
            signatures.sign(CLAIMS, typ="at+jwt", key=case.new_key())
        with pytest.raises(KmsUnavailable):
            signatures.key_pair("arn:aws:kms:eu-central-1:0:key/x")


def test_a_token_that_was_verified_before_is_still_of_one_type(case: Case) -> None:
    key = case.new_key()
    token = case.signatures.sign(CLAIMS, typ="at+jwt", key=key)
    assert case.signatures.verify(token, typ="at+jwt", keys=[key])
    with pytest.raises(TokenInvalid):
        case.signatures.verify(token, typ="JWT", keys=[key])


def test_a_token_that_was_verified_before_falls_with_its_key(case: Case) -> None:
    one, other = case.new_key(), case.new_key()
    token = case.signatures.sign(CLAIMS, typ="at+jwt", key=one)
    assert case.signatures.verify(token, typ="at+jwt", keys=[one])
    retired = replace(one, state=KeyState.RETIRED, not_after=NOW)
    for keys in ([other], [], [replace(one, public=other.public)], [retired]):
        with pytest.raises(TokenInvalid):
            case.signatures.verify(token, typ="at+jwt", keys=keys)
    assert case.signatures.verify(token, typ="at+jwt", keys=[other, one])


def test_the_clock_may_not_go_back_behind_a_token_that_was_verified(case: Case) -> None:
    key = case.new_key()
    token = case.signatures.sign(CLAIMS, typ="at+jwt", key=key)
    assert case.signatures.verify(token, typ="at+jwt", keys=[key])
    case.clock.pause(-31)
    with pytest.raises(TokenInvalid):
        case.signatures.verify(token, typ="at+jwt", keys=[key])
