from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.passkeys import WebAuthnCeremonies
from chalicelib.domain.ids import new_secret
from chalicelib.domain.passkeys import (
    Assertion,
    Attestation,
    Holder,
    Made,
    Passkey,
    RelyingParty,
    Shown,
    handle_of,
)
from tests.builders import NOW, some_person, some_sealed
from tests.device import BACKED_UP, PRESENT, SYNCED, VERIFIED, Device, bytes_of, text_of

PARTY = RelyingParty.at("https://flows.example")
PERSON = some_person()
HOLDER = Holder(handle=handle_of(PERSON), name="mira@acme.example", display_name="Mira")
CEREMONIES = WebAuthnCeremonies()

# What both ceremonies are refused for.
LIES: dict[str, dict[str, Any]] = {
    "another challenge": {"challenge": new_secret()},
    "another origin": {"origin": "https://evil.example"},
    "a subdomain": {"origin": "https://login.flows.example"},
    "another scheme": {"origin": "http://flows.example"},
    "another port": {"origin": "https://flows.example:8443"},
    "another relying party": {"rp_id": "evil.example"},
    "the parent domain": {"rp_id": "example"},
    "nobody was there": {"flags": VERIFIED},
    "nobody was verified": {"flags": PRESENT},
    "in a frame": {"framed": True},
    "backed up and not to be": {"flags": PRESENT | VERIFIED | BACKED_UP},
    "an id that is not in it": {"id": b"0" * 32},
}


def to_make(challenge: str, *known: Passkey) -> Any:
    return CEREMONIES.to_make(PARTY, challenge=challenge, holder=HOLDER, known=known)


def made(device: Device, **lies: Any) -> Made | None:
    challenge = new_secret()
    return CEREMONIES.made(PARTY, device.make(to_make(challenge), **lies), challenge=challenge)


def shown(device: Device, passkey: Passkey, **lies: Any) -> Shown | None:
    challenge = new_secret()
    options: Any = CEREMONIES.to_show(PARTY, challenge=challenge)
    said = device.show(options, **lies)
    return CEREMONIES.shown(PARTY, said, challenge=challenge, passkey=passkey)


def passkey_of(device: Device) -> Passkey:
    found = made(device)
    assert found is not None
    return Passkey(
        id=found.id,
        person=PERSON,
        rp_id=PARTY.id,
        public_key=found.public_key,
        sign_count=found.sign_count,
        is_synced=found.is_synced,
        is_backed_up=found.is_backed_up,
        transports=("hybrid", "internal"),
        aaguid=found.aaguid,
        name=some_sealed(),
        created_at=NOW,
    )


def test_a_passkey_is_asked_for_that_finds_itself_and_verifies_its_owner() -> None:
    challenge = new_secret()
    known = passkey_of(Device())
    options = to_make(challenge, known)
    assert options["challenge"] == challenge
    assert options["rp"] == {"id": "flows.example", "name": "secureFlows"}
    assert options["user"] == {
        "id": text_of(handle_of(PERSON).encode()),
        "name": "mira@acme.example",
        "displayName": "Mira",
    }
    assert options["excludeCredentials"] == [
        {"id": known.id, "type": "public-key", "transports": ["hybrid", "internal"]}
    ]
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert (options["attestation"], options["timeout"]) == ("none", 300_000)
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [-8, -7, -257]


def test_whoever_signs_in_is_not_named_by_the_question() -> None:
    challenge = new_secret()
    assert CEREMONIES.to_show(PARTY, challenge=challenge) == {
        "challenge": challenge,
        "timeout": 300_000,
        "rpId": "flows.example",
        "allowCredentials": [],
        "userVerification": "required",
    }


def test_a_passkey_is_made_and_then_shown() -> None:
    device = Device(counts=True, sign_count=3)
    passkey = passkey_of(device)
    assert (passkey.id, passkey.sign_count, passkey.is_synced) == (device.id, 3, False)
    assert passkey.aaguid == "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"
    assert shown(device, passkey) == Shown(sign_count=4, is_synced=False, is_backed_up=False)


def test_one_that_is_copied_between_devices_says_so() -> None:
    device = Device(flags=PRESENT | VERIFIED | SYNCED)
    passkey = passkey_of(device)
    assert (passkey.is_synced, passkey.is_backed_up) == (True, False)
    device.flags |= BACKED_UP
    assert shown(device, passkey) == Shown(sign_count=0, is_synced=True, is_backed_up=True)


@pytest.mark.parametrize("lie", LIES)
def test_none_is_made_with(lie: str) -> None:
    assert made(Device(), **LIES[lie]) is None


@pytest.mark.parametrize(
    "lies",
    [
        {"type": "webauthn.get"},
        {"alg": -35},
        {"fmt": "none", "statement": {"sig": b"0" * 70}},
        {"fmt": "packed", "statement": {"alg": -7, "sig": b"0" * 70}},
        {"fmt": "apple"},
        {"fmt": "something else"},
    ],
)
def test_none_is_made_that_was_not_asked_for(lies: dict[str, Any]) -> None:
    assert made(Device(), **lies) is None


@pytest.mark.parametrize("lie", LIES)
def test_none_is_shown_with(lie: str) -> None:
    device = Device()
    passkey = passkey_of(device)
    assert shown(device, passkey) is not None
    assert shown(device, passkey, **LIES[lie]) is None


def test_none_is_shown_by_what_made_it() -> None:
    device = Device()
    assert shown(device, passkey_of(device), type="webauthn.create") is None


def test_a_signature_of_another_key_shows_nothing() -> None:
    device = Device()
    assert shown(device, passkey_of(device), key=generate_private_key(SECP256R1())) is None
    assert shown(device, passkey_of(Device(raw_id=device.raw_id))) is None


@pytest.mark.parametrize("handle", [None, "", text_of(b"w1.1"), text_of(b"\xff" * 64)])
def test_one_that_names_another_holder_shows_nothing(handle: str | None) -> None:
    device = Device()
    assert shown(device, passkey_of(device), handle=handle) is None


def test_one_passkey_does_not_show_another() -> None:
    device = Device()
    passkey = replace(passkey_of(device), id=text_of(b"1" * 32))
    assert shown(device, passkey) is None


@given(noise=st.binary(max_size=300), place=st.integers(0, 2))
@settings(max_examples=150, deadline=None)
def test_noise_is_refused_and_breaks_nothing(noise: bytes, place: int) -> None:
    device, challenge = Device(), new_secret()
    passkey = passkey_of(device)
    attestation = device.make(to_make(challenge))
    assertion = device.show({"challenge": challenge})
    text = text_of(noise)
    bad: list[tuple[Attestation, Assertion]] = [
        (replace(attestation, client_data=text), replace(assertion, client_data=text)),
        (replace(attestation, attestation_object=text), replace(assertion, signature=text)),
        (replace(attestation, id=text), replace(assertion, authenticator_data=text)),
    ]
    made_of, shown_by = bad[place]
    assert CEREMONIES.made(PARTY, made_of, challenge=challenge) is None
    assert CEREMONIES.shown(PARTY, shown_by, challenge=challenge, passkey=passkey) is None


@given(at=st.integers(0, 180), flip=st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_a_byte_that_was_changed_breaks_the_proof(at: int, flip: int) -> None:
    device, challenge = Device(), new_secret()
    passkey = passkey_of(device)
    said = device.show({"challenge": challenge})
    for name in ("client_data", "authenticator_data", "signature"):
        raw = bytearray(bytes_of(getattr(said, name)))
        raw[at % len(raw)] ^= flip
        changed = replace(said, **{name: text_of(bytes(raw))})
        assert CEREMONIES.shown(PARTY, changed, challenge=challenge, passkey=passkey) is None


@pytest.mark.parametrize("text", ["", "ä", "a" * 5, "\x00", "é" * 43, "===="])
def test_what_is_no_base64url_is_refused(text: str) -> None:
    device, challenge = Device(), new_secret()
    passkey = passkey_of(device)
    said = replace(device.show({"challenge": challenge}), signature=text)
    assert CEREMONIES.shown(PARTY, said, challenge=challenge, passkey=passkey) is None
    attestation = replace(device.make(to_make(challenge)), attestation_object=text)
    assert CEREMONIES.made(PARTY, attestation, challenge=challenge) is None


@pytest.mark.parametrize(
    ("origin", "host"),
    [("https://flows.example", "flows.example"), ("http://localhost:8000", "localhost")],
)
def test_the_relying_party_is_the_host_of_the_origin(origin: str, host: str) -> None:
    assert RelyingParty.at(origin) == RelyingParty(id=host, origin=origin)
