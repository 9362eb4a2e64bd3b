"""Warm requests: the handler's own processor time beside the floor's, and what they call.

`python -m infra.bench.warm OUT` runs on a scene whose recorder the environment names.
"""

import base64
import gc
import io
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aws_encryption_sdk import EncryptionSDKClient
from aws_encryption_sdk.identifiers import EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.raw import RawMasterKey
from aws_encryption_sdk.materials_managers.default import DefaultCryptoMaterialsManager
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_der_public_key

from app import app
from chalicelib.domain.keys import Place
from chalicelib.wiring.aws import AwsAdapters
from chalicelib.wiring.container import Container
from chalicelib.wiring.process import container
from infra.bench.floor import Floor, Request
from infra.bench.scene import Scene, event, stay

PATH = "/api/v1/sessions"
SIZES = {"1 KB": 1_000, "4 KB": 4_000, "64 KB": 64_000, "1 MB": 1_000_000}
_OK = 200
# Requests in a round, by the size of the payload; a round of the largest takes as long as others.
_REQUESTS = {"1 KB": 60, "4 KB": 60, "64 KB": 25, "1 MB": 4}
_ENVELOPE = 40  # frame number, nonce, length and tag


@dataclass(slots=True)
class Listening:
    """A cipher that remembers the last message and its key, for the floor to use the same."""

    cipher: Any
    message: bytes = b""
    key: bytes = b""
    version: int = 0
    place: Place | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a cipher does
        return getattr(self.cipher, name)

    def seal(self, plaintext: bytes, *, key: bytes, version: int, place: Place) -> bytes:
        """Seal, and remember."""
        message: bytes = self.cipher.seal(plaintext, key=key, version=version, place=place)
        self.message, self.key, self.version, self.place = message, key, version, place
        return message


def measure(scene: Scene, *, rounds: int) -> list[Mapping[str, Any]]:
    """Answer a row for reading and one for writing, for each size."""
    services = container()
    adapters = services.adapters
    if not isinstance(adapters, AwsAdapters):
        raise TypeError("the bench is about the real adapters")
    adapters.cipher = listening = Listening(adapters.cipher)
    rows: list[Mapping[str, Any]] = []
    for name, size in SIZES.items():
        print(f"warm: {name}", file=sys.stderr, flush=True)
        rows += _rows(scene, services, listening, name=name, size=size, rounds=rounds)
    return rows


def _rows(
    scene: Scene, services: Container, listening: Listening, *, name: str, size: int, rounds: int
) -> list[Mapping[str, Any]]:
    body = _payload(size)
    token = stay(services, payload_bytes=max(size + 1, 262_144)).token
    reading = event("GET", PATH, token=token)
    writing = event("PUT", PATH, token=token, body=body.decode())
    scene.told("open")
    if (status := _asked(writing)) != _OK:
        return [{"size": name, "what": what, "status": status} for what in ("read", "write")]
    _asked(reading)
    scene.told("take")
    _asked(writing)
    write_calls = scene.told("take")
    _asked(reading)
    read_calls = scene.told("take")
    scene.told("still")
    floor = _floor(scene, services, listening, body)
    reads = [_request(call) for call in read_calls]
    writes = [_request(call, listening.message) for call in write_calls]
    if floor.read(token, reads) != body:
        raise AssertionError("the floor reads something else")
    number = _REQUESTS[name]
    read_ratio, read_cpu, read_floor = _compared(
        lambda: _asked(reading), lambda: floor.read(token, reads), number=number, rounds=rounds
    )
    write_ratio, write_cpu, write_floor = _compared(
        lambda: _asked(writing),
        lambda: floor.write(token, writes, body),
        number=number,
        rounds=rounds,
    )
    scene.told("open")
    return [
        _row(name, "read", read_calls, ratio=read_ratio, cpu=read_cpu, floor=read_floor),
        _row(name, "write", write_calls, ratio=write_ratio, cpu=write_cpu, floor=write_floor),
    ]


def _row(
    size: str, what: str, calls: Sequence[Any], *, ratio: float, cpu: float, floor: float
) -> Mapping[str, Any]:
    return {
        "size": size,
        "what": what,
        "calls": dict(Counter(call["kind"] for call in calls)),
        "sent": sum(len(base64.b64decode(call["body"])) for call in calls),
        "received": sum(call["received"] for call in calls),
        "ratio": round(ratio, 2),
        "cpu_us": round(cpu * 1e6),
        "floor_us": round(floor * 1e6),
    }


def _compared(
    ours: Callable[[], object], floor: Callable[[], object], *, number: int, rounds: int
) -> tuple[float, float, float]:
    """Answer the median of the rounds' ratios, and both medians in seconds of processor time."""
    pairs = []
    _ = _spent(floor, number), _spent(ours, number)
    for _ in range(rounds):
        gc.collect()
        pairs.append((_spent(floor, number), _spent(ours, number)))
    ratios = [handler / least for least, handler in pairs]
    return (
        statistics.median(ratios),
        statistics.median(handler for _, handler in pairs),
        statistics.median(least for least, _ in pairs),
    )


def _spent(work: Callable[[], object], number: int) -> float:
    started = time.process_time()
    for _ in range(number):
        work()
    return (time.process_time() - started) / number


class _Context:
    aws_request_id = "req-1"
    function_name = "api"

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


def _asked(request: dict[str, Any]) -> int:
    return int(app(request, _Context())["statusCode"])


def _request(call: Mapping[str, Any], message: bytes = b"") -> Request:
    body = base64.b64decode(call["body"])
    sealed = base64.b64encode(message) if call["target"] else message
    parts = tuple(body.split(sealed)) if message else (body,)
    return Request(call["method"], call["path"], call["target"], parts)


def _floor(scene: Scene, services: Container, listening: Listening, body: bytes) -> Floor:
    place = listening.place
    if place is None:
        raise RuntimeError("nothing was sealed")
    name = f"{place.workspace}/{place.user}/{place.kind}/{listening.version}"
    wrapping = WrappingKey(
        wrapping_algorithm=WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
        wrapping_key=listening.key,
        wrapping_key_type=EncryptionKeyType.SYMMETRIC,
    )
    master = RawMasterKey(key_id=name.encode(), provider_id="secureflows", wrapping_key=wrapping)
    with EncryptionSDKClient().stream(
        mode="d",
        source=io.BytesIO(listening.message),
        materials_manager=DefaultCryptoMaterialsManager(master),
    ) as stream:
        stream.read()
        key = stream._derived_data_key  # noqa: SLF001 - the floor opens the same bytes
    (signing,) = services.adapters.keys.signing()
    public = load_der_public_key(signing.public)
    if not isinstance(public, EllipticCurvePublicKey):
        raise TypeError("a signing key is an EC key")
    parts = urlsplit(scene.recorder)
    return Floor(
        public=public,
        store=HTTPConnection(parts.hostname or "", parts.port),
        secret=b"s" * 32,
        key=AESGCM(key),
        head=listening.message[: -len(body) - _ENVELOPE],
    )


def _payload(size: int) -> bytes:
    notes: list[dict[str, object]] = []
    while len(json.dumps({"notes": notes}, separators=(",", ":"))) < size - 150:
        number = str(len(notes) + 1)
        note = {"id": number, "text": "Ferry timetable: last boat at 22:40, take the “small” one"}
        notes.append(note | {"writtenAt": "2026-11-18T08:12:00Z", "done": False})
        if size > 100_000 and len(notes) == 100:  # noqa: PLR2004 - many small ones take long
            notes *= size // len(json.dumps({"notes": notes}, separators=(",", ":")))
    return json.dumps({"notes": notes}, ensure_ascii=False, separators=(",", ":")).encode()


def main() -> None:
    """Measure, and write the rows as JSON; standard output is the function's log."""
    out, cloud, recorder, rounds = sys.argv[1:]
    rows = measure(Scene(cloud, recorder), rounds=int(rounds))
    Path(out).write_text(json.dumps(rows), "utf-8")


if __name__ == "__main__":
    main()
