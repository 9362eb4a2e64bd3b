"""A device that holds a passkey, in software, and can be made to lie in every way."""

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

from chalicelib.domain.passkeys import Assertion, Attestation

PRESENT, VERIFIED, SYNCED, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
AAGUID = bytes.fromhex("fbfc3007154e4ecc8c0b6e020557d7bd")


@dataclass
class Device:
    """One credential; `flags` and the keywords of a ceremony say what is told instead of truth."""

    origin: str = "https://flows.example"
    rp_id: str = "flows.example"
    flags: int = PRESENT | VERIFIED
    sign_count: int = 0
    counts: bool = False
    raw_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    user_handle: str | None = None

    @property
    def id(self) -> str:
        return text_of(self.raw_id)

    def make(self, options: dict[str, Any], **lies: Any) -> Attestation:
        self.user_handle = options["user"]["id"]
        lies = {"type": "webauthn.create", "alg": -7, "fmt": "none", "id": self.raw_id, **lies}
        public = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (public.x, public.y))
        cose = encode_cbor({1: 2, 3: lies["alg"], -1: 1, -2: x, -3: y})
        credential = AAGUID + struct.pack(">H", len(self.raw_id)) + self.raw_id + cose
        data = self._data(ATTESTED, lies) + credential
        statement = {"fmt": lies["fmt"], "attStmt": lies.get("statement", {}), "authData": data}
        return Attestation(
            id=text_of(lies["id"]),
            client_data=text_of(self._client_data(options, lies)),
            attestation_object=text_of(encode_cbor(statement)),
            transports=("internal", "hybrid"),
        )

    def show(self, options: dict[str, Any], **lies: Any) -> Assertion:
        if self.counts:
            self.sign_count += 1
        lies = {"type": "webauthn.get", "id": self.raw_id, "handle": self.user_handle, **lies}
        client_data = self._client_data(options, lies)
        data = self._data(0, lies)
        signed = data + hashlib.sha256(client_data).digest()
        signature = lies.get("key", self.key).sign(signed, ECDSA(SHA256()))
        return Assertion(
            id=text_of(lies["id"]),
            client_data=text_of(client_data),
            authenticator_data=text_of(data),
            signature=text_of(signature),
            user_handle=lies["handle"],
        )

    def _client_data(self, options: dict[str, Any], lies: dict[str, Any]) -> bytes:
        said = {
            "type": lies["type"],
            "challenge": lies.get("challenge", options["challenge"]),
            "origin": lies.get("origin", self.origin),
            "crossOrigin": lies.get("framed", False),
        }
        return json.dumps(said).encode()

    def _data(self, more: int, lies: dict[str, Any]) -> bytes:
        host = hashlib.sha256(lies.get("rp_id", self.rp_id).encode()).digest()
        flags = lies.get("flags", self.flags) | more
        return host + struct.pack(">BI", flags, lies.get("sign_count", self.sign_count))


def text_of(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "===")
