"""What is sealed in one place opens in no other."""

import dataclasses
from collections.abc import Mapping
from typing import Self

import aws_encryption_sdk
import pytest
from aws_encryption_sdk.identifiers import Algorithm, EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.raw import RawMasterKeyProvider
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.sealing import EnvelopeCipher
from chalicelib.domain.errors import Unopenable
from chalicelib.domain.ids import SessionId, UserId, WorkspaceId
from chalicelib.domain.keys import KeyKind, Place, user_key_context

CIPHER = EnvelopeCipher()
KEY = bytes(range(32))
W1, W2 = WorkspaceId("w" + "a" * 20), WorkspaceId("w" + "b" * 20)
U1, U2 = UserId(1_000_000_000_000_001), UserId(1_000_000_000_000_002)
S1, S2 = SessionId("01ARZ3NDEKTSV4RRFFQ69G5FAV"), SessionId("01ARZ3NDEKTSV4RRFFQ69G5FAW")
PLACE = Place(workspace=W1, user=U1, kind=KeyKind.DK, purpose="payload", app="shop", session=S1)
NEIGHBOURS = {
    "workspace": dataclasses.replace(PLACE, workspace=W2),
    "user": dataclasses.replace(PLACE, user=U2),
    "app": dataclasses.replace(PLACE, app="blog"),
    "session": dataclasses.replace(PLACE, session=S2),
    "purpose": dataclasses.replace(PLACE, purpose="seed"),
    "kind": dataclasses.replace(PLACE, kind=KeyKind.IK),
    "no session": dataclasses.replace(PLACE, session=None),
    "no application": dataclasses.replace(PLACE, app=None),
}

PLACES = st.builds(
    Place,
    workspace=st.sampled_from([W1, W2]),
    user=st.sampled_from([U1, U2]),
    kind=st.sampled_from(KeyKind),
    purpose=st.sampled_from(["payload", "seed", "who", "profile", "totp", "idempotency"]),
    app=st.sampled_from(["shop", "blog", None]),
    session=st.sampled_from([S1, S2, None]),
)
VERSIONS = st.integers(1, 3)


@given(here=PLACES, there=PLACES, one=VERSIONS, other=VERSIONS, plaintext=st.binary(max_size=64))
@settings(deadline=None)
def test_no_two_messages_can_change_places(
    here: Place, there: Place, one: int, other: int, plaintext: bytes
) -> None:
    assume((here, one) != (there, other))
    # The same key everywhere: only the place stands between the two.
    message = CIPHER.seal(plaintext, key=KEY, version=one, place=here)
    assert CIPHER.open(message, key=KEY, version=one, place=here) == plaintext
    with pytest.raises(Unopenable):
        CIPHER.open(message, key=KEY, version=other, place=there)


@pytest.mark.parametrize("difference", NEIGHBOURS)
def test_a_message_from_a_neighbour_is_refused(difference: str) -> None:
    message = CIPHER.seal(b"{}", key=KEY, version=1, place=PLACE)
    with pytest.raises(Unopenable):
        CIPHER.open(message, key=KEY, version=1, place=NEIGHBOURS[difference])


def test_a_message_under_another_version_of_the_key_is_refused() -> None:
    message = CIPHER.seal(b"{}", key=KEY, version=1, place=PLACE)
    with pytest.raises(Unopenable, match="another key"):
        CIPHER.open(message, key=KEY, version=2, place=PLACE)


def test_a_message_under_another_key_is_refused() -> None:
    message = CIPHER.seal(b"{}", key=KEY, version=1, place=PLACE)
    with pytest.raises(Unopenable):
        CIPHER.open(message, key=bytes(32), version=1, place=PLACE)


def test_every_byte_of_a_message_counts() -> None:
    message = CIPHER.seal(b"{}", key=KEY, version=1, place=PLACE)
    for at in range(len(message)):
        altered = message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
        with pytest.raises(Unopenable):
            CIPHER.open(altered, key=KEY, version=1, place=PLACE)


def test_a_message_with_a_beginning_or_an_end_too_many_is_refused() -> None:
    message = CIPHER.seal(b"{}", key=KEY, version=1, place=PLACE)
    for altered in (message + b"\x00", b"\x00" + message, message[:-1], message[1:], b""):
        with pytest.raises(Unopenable):
            CIPHER.open(altered, key=KEY, version=1, place=PLACE)


@given(st.binary(max_size=600))
@settings(deadline=None)
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(Unopenable):
        CIPHER.open(noise, key=KEY, version=1, place=PLACE)


@given(start=st.integers(0, 450), noise=st.binary(max_size=40))
@settings(deadline=None)
def test_a_message_with_noise_inside_is_refused(start: int, noise: bytes) -> None:
    message = CIPHER.seal(b"{}", key=KEY, version=1, place=PLACE)
    altered = message[:start] + noise + message[start + len(noise) :]
    assume(altered != message)
    with pytest.raises(Unopenable):
        CIPHER.open(altered, key=KEY, version=1, place=PLACE)


@pytest.mark.parametrize("size", [0, 1, 1024, 4 * 1024 * 1024])
def test_a_payload_of_any_size_is_one_frame(size: int) -> None:
    message = CIPHER.seal(b"x" * size, key=KEY, version=1, place=PLACE)
    assert CIPHER.open(message, key=KEY, version=1, place=PLACE) == b"x" * size
    # The same overhead at every size: a second frame would bring its own.
    assert len(message) - size == len(CIPHER.seal(b"", key=KEY, version=1, place=PLACE))


def test_a_refusal_tells_nothing_of_the_message() -> None:
    message = CIPHER.seal(b"canary", key=KEY, version=1, place=PLACE)
    with pytest.raises(Unopenable) as caught:
        CIPHER.open(message[:-1] + b"\x00", key=KEY, version=1, place=PLACE)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "canary" not in str(caught.value)


def test_the_context_is_compared_and_not_only_contained() -> None:
    extra = {**PLACE.context(), "sf:object": "another"}
    with pytest.raises(Unopenable, match="another place"):
        CIPHER.open(_foreign(extra), key=KEY, version=1, place=PLACE)


def test_a_suite_with_a_signature_is_refused() -> None:
    signed = _foreign(
        PLACE.context(),
        suite=Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384,
    )
    with pytest.raises(Unopenable, match="another place"):
        CIPHER.open(signed, key=KEY, version=1, place=PLACE)


def test_a_suite_without_commitment_is_refused() -> None:
    weak = _foreign(
        PLACE.context(),
        suite=Algorithm.AES_256_GCM_IV12_TAG16_HKDF_SHA256,
        policy=aws_encryption_sdk.CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT,
    )
    # The SDK's own policy refuses it, before the place is looked at.
    with pytest.raises(Unopenable, match="does not belong"):
        CIPHER.open(weak, key=KEY, version=1, place=PLACE)


def test_a_message_with_a_second_way_in_is_refused() -> None:
    with pytest.raises(Unopenable, match="does not belong"):
        CIPHER.open(_foreign(PLACE.context(), keys=2), key=KEY, version=1, place=PLACE)


def test_a_message_of_another_provider_is_refused() -> None:
    with pytest.raises(Unopenable, match="another key"):
        CIPHER.open(
            _foreign(PLACE.context(), provider="elsewhere"), key=KEY, version=1, place=PLACE
        )


def test_a_foreign_message_in_our_own_form_opens() -> None:
    # Shows that the refusals above are about the one thing that each of them changes.
    assert CIPHER.open(_foreign(PLACE.context()), key=KEY, version=1, place=PLACE) == b"{}"


CONTEXT = user_key_context(W1, U1, kind=KeyKind.DK, version=1, workspace_version=1)


def test_a_wrapped_key_comes_back() -> None:
    key = CIPHER.new_user_key()
    wrapped = CIPHER.wrap(key, under=KEY, context=CONTEXT)
    assert CIPHER.unwrap(wrapped, under=KEY, context=CONTEXT) == key
    assert len(key) == 32
    assert len(wrapped) == 61
    assert key not in wrapped


def test_no_two_wraps_are_alike() -> None:
    key = CIPHER.new_user_key()
    assert CIPHER.wrap(key, under=KEY, context=CONTEXT) != CIPHER.wrap(
        key, under=KEY, context=CONTEXT
    )


@pytest.mark.parametrize("member", sorted(CONTEXT))
def test_a_wrapped_key_from_a_neighbour_is_refused(member: str) -> None:
    wrapped = CIPHER.wrap(CIPHER.new_user_key(), under=KEY, context=CONTEXT)
    with pytest.raises(Unopenable):
        CIPHER.unwrap(wrapped, under=KEY, context={**CONTEXT, member: "other"})


def test_every_byte_of_a_wrapped_key_counts() -> None:
    wrapped = CIPHER.wrap(CIPHER.new_user_key(), under=KEY, context=CONTEXT)
    alterations = [
        wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :] for at in range(len(wrapped))
    ]
    for altered in [*alterations, wrapped + b"\x00", wrapped[:-1], b"\x01", b""]:
        with pytest.raises(Unopenable):
            CIPHER.unwrap(altered, under=KEY, context=CONTEXT)


def test_only_keys_of_32_bytes_are_wrapped() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        CIPHER.wrap(b"short", under=KEY, context=CONTEXT)


def test_a_lookup_is_keyed_and_separated_by_its_info() -> None:
    one = CIPHER.lookup("ann@demo.example", key=KEY, info="email")
    assert one == CIPHER.lookup("ann@demo.example", key=KEY, info="email")
    assert len(one) == 43
    assert one not in {
        CIPHER.lookup("ann@demo.example", key=bytes(32), info="email"),
        CIPHER.lookup("ann@demo.example", key=KEY, info="attempts"),
        CIPHER.lookup("bob@demo.example", key=KEY, info="email"),
    }


def _foreign(
    context: Mapping[str, str],
    *,
    suite: Algorithm = Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
    policy: aws_encryption_sdk.CommitmentPolicy = (
        aws_encryption_sdk.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
    ),
    provider: str = "secureflows",
    keys: int = 1,
) -> bytes:
    """Seal `{}` with the right key and the SDK alone, in whatever form is asked for."""
    ways = _Ways(provider_id=provider)
    for way in range(1, keys + 1):
        ways.add_master_key(f"{W1}/{U1}/dk/{way}".encode())
    message, _ = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=policy).encrypt(
        source=b"{}",
        key_provider=ways,
        encryption_context=dict(context),
        algorithm=suite,
    )
    return bytes(message)


class _Ways(RawMasterKeyProvider):  # type: ignore[misc]  # the SDK carries no types
    provider_id = ""

    def __new__(cls, *, provider_id: str) -> Self:
        made: Self = super().__new__(cls)
        made.provider_id = provider_id
        return made

    def _get_raw_key(self, key_id: bytes) -> WrappingKey:  # noqa: ARG002
        return WrappingKey(
            wrapping_algorithm=WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
            wrapping_key=KEY,
            wrapping_key_type=EncryptionKeyType.SYMMETRIC,
        )
