"""Objects: sealed payloads that fit in no item, and what the item keeps of them."""

import hashlib
from dataclasses import dataclass

from chalicelib.domain.ids import new_object_id
from chalicelib.domain.sessions import SessionRef

FOLDER = "o/"


@dataclass(frozen=True, slots=True)
class SealedObject:
    """A sealed payload that lies in an object: what of it stands in the payload's row.

    `version` is that of the user key that opens it. A key is written once, so its one
    `object_version` never changes; `length` (bytes) and `sha256` (hex) are of the ciphertext.
    """

    version: int
    key: str
    object_version: str
    length: int
    sha256: str

    def is_of(self, body: bytes) -> bool:
        """Tell whether these are the bytes that were written."""
        return len(body) == self.length and sha256(body) == self.sha256


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as its store describes it: whose it is, and which bytes."""

    ref: SessionRef
    object_version: str
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a list shows it; `modified_at` is epoch seconds."""

    key: str
    modified_at: int


def new_object_key() -> str:
    """Make a key that says nothing: 130 random bits, spread evenly over all keys."""
    return FOLDER + new_object_id()


def sha256(body: bytes) -> str:
    """Answer the SHA-256 of bytes, in hex."""
    return hashlib.sha256(body).hexdigest()
