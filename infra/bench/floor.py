"""The floor: the least that a handler could do, written by hand."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

_FRAME = b"\xff\xff\xff\xff\x00\x00\x00\x01"
_SIGNED = "host;x-amz-date;x-amz-target"


class Request(NamedTuple):
    """A request that the handler was seen to make; the sealed bytes go between the parts."""

    method: str
    path: str
    target: str
    parts: tuple[bytes, ...]


@dataclass(slots=True)
class Floor:
    """One payload's handler; `head` is what the sealed message begins with, before its frame."""

    public: EllipticCurvePublicKey
    store: HTTPConnection
    secret: bytes
    key: AESGCM
    head: bytes

    def read(self, token: str, requests: list[Request]) -> bytes:
        """Answer the open payload."""
        self._verify(token)
        answer = [self._send(request, b"") for request in requests][-1]
        if requests[-1].method == "POST":
            found = json.loads(answer)["Responses"].values()
            answer = base64.b64decode(next(i["ct"]["B"] for t in found for i in t if "ct" in i))
        message = answer[len(self.head) :]
        return self.key.decrypt(message[8:20], message[24:], self._bound(len(message) - 40))

    def write(self, token: str, requests: list[Request], body: bytes) -> None:
        """Store a payload."""
        self._verify(token)
        json.loads(body)
        nonce, size = secrets.token_bytes(12), len(body).to_bytes(8)
        sealed = self.head + _FRAME + nonce + size[4:]
        sealed += self.key.encrypt(nonce, body, self._bound(len(body)))
        for request in requests:
            self._send(request, base64.b64encode(sealed) if request.target else sealed)

    def _bound(self, size: int) -> bytes:
        said = b"AWSKMSEncryptionClient Final Frame" + _FRAME[4:]
        return self.head[3:35] + said + size.to_bytes(8)

    def _verify(self, token: str) -> None:
        _, said, raw = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
        der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        self.public.verify(der, token.rpartition(".")[0].encode(), ECDSA(SHA256()))
        assert json.loads(said)["exp"] > time.time()  # noqa: S101, TID251 - it guards nothing

    def _send(self, request: Request, sealed: bytes) -> bytes:
        body, date = sealed.join(request.parts), time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        said = f"host:x\nx-amz-date:{date}\nx-amz-target:{request.target}\n\n{_SIGNED}"
        whole = f"{request.method}\n{request.path}\n\n{said}\n{hashlib.sha256(body).hexdigest()}"
        text = f"AWS4-HMAC-SHA256\n{date}\n\n{hashlib.sha256(whole.encode()).hexdigest()}"
        signature = hmac.digest(self.secret, text.encode(), "sha256").hex()
        signed = {"X-Amz-Date": date, "X-Amz-Target": request.target, "Authorization": signature}
        self.store.request(request.method, request.path, body, signed)
        return self.store.getresponse().read()
