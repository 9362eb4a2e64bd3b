"""The forms in which a word could lie in a stored object, and what such an object holds."""

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote


def words(value: Any) -> Iterator[str]:
    """Answer every key and text of a payload."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words(inner)
    elif isinstance(value, str):
        yield value


def readable(body: bytes) -> Iterator[bytes]:
    """Answer an object as it is, unpacked, and every binary value in it."""
    yield body
    if body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
        yield body
    for line in body.splitlines():
        try:
            yield from binaries(json.loads(line))
        except ValueError:
            continue


def binaries(value: Any) -> Iterator[bytes]:
    match value:
        case {"B": str(text), **rest} if not rest:
            yield base64.b64decode(text)
        case dict():
            for inner in value.values():
                yield from binaries(inner)
        case list():
            for inner in value:
                yield from binaries(inner)


def disguises(word: str) -> Iterator[bytes]:
    """Answer the forms in which a word could lie somewhere."""
    raw = word.encode()
    yield raw
    yield json.dumps(word)[1:-1].encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield quote(word).encode()
    for shift in range(3):
        # What stands around a word decides its first and last characters; the middle is the same.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * shift + raw)[4 if shift else 0 : -4]
