"""Keeps the engine's state in one file, from which the next start goes on."""

import copyreg
import hashlib
import os
import pickle
import sys
import threading
import time
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from moto.core.base_backend import BackendDict
from moto.dynamodb.models import dynamodb_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.ses.models import ses_backends

from infra.local.cloud.engine import MOTO
from infra.local.cloud.lifecycle import forget_deleted
from infra.local.cloud.server import Exclusive

MAGIC = b"secureflows-cloud 1 moto " + MOTO.encode() + b"\n"
# A change waits this long for company before it is written; with the writing itself that stays
# well under the two seconds that the README promises.
DELAY = 0.7

BACKENDS: dict[str, BackendDict[Any]] = {
    "dynamodb": dynamodb_backends,
    "kms": kms_backends,
    "s3": s3_backends,
    "ses": ses_backends,
}


class UnreadableSnapshotError(Exception):
    """The file is not a snapshot of this engine; it was kept aside."""

    def __init__(self, path: Path, kept: Path, why: str) -> None:
        super().__init__(
            f"{path} cannot be read: {why}. Nothing was deleted: the file is now {kept}. "
            "Start again to begin with an empty cloud, or put a good snapshot in its place first."
        )
        self.kept = kept


def load(path: Path) -> bool:
    """Put the state of a snapshot into the engine; False where there is no snapshot.

    Raises:
        UnreadableSnapshotError: damaged, or made by another version; the file was moved aside.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    try:
        restore(_checked(content))
    except Exception as error:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        kept = path.with_name(f"{path.name}.unreadable-{stamp}")
        path.rename(kept)
        raise UnreadableSnapshotError(path, kept, str(error) or type(error).__name__) from error
    return True


def capture() -> bytes:
    """The engine's state as bytes; to be called with the engine's lock held."""
    state = {
        service: [
            (account, region, backend.__dict__)
            for account, region, backend in backends.iter_backends()
        ]
        for service, backends in BACKENDS.items()
    }
    into = BytesIO()
    _Pickler(into, pickle.HIGHEST_PROTOCOL).dump(
        {"backends": state, "bucket_accounts": s3_backends.bucket_accounts}
    )
    return into.getvalue()


def restore(captured: bytes) -> None:
    """Replace the engine's state by a captured one."""
    # The file is ours alone (mode 0600 in a directory of mode 0700) and its digest was compared.
    state = pickle.loads(captured)  # noqa: S301
    for service, entries in state["backends"].items():
        for account, region, content in entries:
            backend = BACKENDS[service][account][region]
            backend.__dict__.clear()
            backend.__dict__.update(content)
    s3_backends.bucket_accounts = state["bucket_accounts"]


def write(path: Path, captured: bytes) -> None:
    """Write a snapshot so that at every moment either the old one or the new one is whole."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(MAGIC + hashlib.sha256(captured).digest() + captured)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@dataclass(slots=True)
class Keeper:
    """Writes a snapshot soon after every change and one at the end."""

    engine: Exclusive
    path: Path
    _written: int = 0
    # The last save must neither overtake the thread's nor be overwritten by it.
    _saving: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Keep on writing, in a thread that ends with the process."""
        threading.Thread(target=self._run, name="snapshots", daemon=True).start()

    def save(self) -> bool:
        """Write a snapshot if anything changed since the last one."""
        with self._saving:
            with self.engine.lock:
                self.engine.changed.clear()
                changes = self.engine.changes
                if changes == self._written:
                    return False
                forget_deleted()
                captured = capture()
            write(self.path, captured)
            self._written = changes
        return True

    def _run(self) -> None:
        while True:
            self.engine.changed.wait()
            time.sleep(DELAY)
            try:
                self.save()
            except Exception as error:  # noqa: BLE001 - a full disk must not end the thread
                print(f"no snapshot could be written: {error!r}", file=sys.stderr, flush=True)
                time.sleep(DELAY)
                self.engine.changed.set()


def _checked(content: bytes) -> bytes:
    if not content.startswith(MAGIC):
        raise ValueError("it was not written by this version of the embedded cloud")
    digest, captured = content[len(MAGIC) :][:32], content[len(MAGIC) + 32 :]
    if hashlib.sha256(captured).digest() != digest:
        raise ValueError("it is damaged, its digest does not match")
    return captured


def _portable(key: Any) -> tuple[Any, tuple[bytes]]:  # noqa: ANN401
    return _private_key, (key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),)


def _private_key(der: bytes) -> object:
    return load_der_private_key(der, password=None)


class _Pickler(pickle.Pickler):
    """Writes private keys as PKCS 8, because cryptography's own objects refuse to be pickled."""

    # A table and not `reducer_override`, which would be asked about every single item.
    dispatch_table = copyreg.dispatch_table | {
        openssl.ec.ECPrivateKey: _portable,
        openssl.rsa.RSAPrivateKey: _portable,
    }
