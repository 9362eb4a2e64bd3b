"""Looks for a secret in bytes, in every form in which it could have been written down."""

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote_plus

from tests.engines import Engine

_GZIP = b"\x1f\x8b"


def forms_of(secret: str) -> Mapping[str, bytes]:
    """Every form of a secret, by name."""
    plain = secret.encode()
    forms = {
        "plain": plain,
        "utf-16": secret.encode("utf-16-le"),
        "json": json.dumps(secret)[1:-1].encode(),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "url": quote_plus(secret, safe="").encode(),
        "url of every byte": "".join(f"%{byte:02X}" for byte in plain).encode(),
    }
    for shift in range(3):
        forms[f"base64 at {shift}"] = _aligned(plain, shift, base64.b64encode)
        forms[f"base64url at {shift}"] = _aligned(plain, shift, base64.urlsafe_b64encode)
    return forms


def found_in(place: bytes, secret: str) -> list[str]:
    """The forms in which a secret stands in bytes."""
    lowered = place.lower()
    return [
        name
        for name, form in forms_of(secret).items()
        # Letters of base64 differ by case; of everything else the case may have been folded.
        if (form in place if name.startswith("base64") else form.lower() in lowered)
    ]


def rows_of(engine: Engine, stage: str) -> Iterator[tuple[str, bytes]]:
    """Every item of every table of a stage."""
    client = engine.client("dynamodb")
    for page in client.get_paginator("list_tables").paginate():
        for table in page["TableNames"]:
            if f"-{stage}-" in table:
                for items in client.get_paginator("scan").paginate(TableName=table):
                    for item in items["Items"]:
                        yield table, _flat(item)


def objects_of(engine: Engine, stage: str) -> Iterator[tuple[str, bytes]]:
    """Every version of every object of a stage, unpacked, with what describes it."""
    client = engine.client("s3")
    for bucket in client.list_buckets()["Buckets"]:
        name = bucket["Name"]
        if stage in name:
            for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
                for entry in page.get("Versions", []):
                    key, version = entry["Key"], entry["VersionId"]
                    found = client.get_object(Bucket=name, Key=key, VersionId=version)
                    about = f"{key} {found['Metadata']} ".encode()
                    yield f"{name}/{key}", about + unpacked(found["Body"].read())


def unpacked(body: bytes) -> bytes:
    """Bytes as they were before they were compressed."""
    return gzip.decompress(body) if body.startswith(_GZIP) else body


def _aligned(plain: bytes, shift: int, encode: Any) -> bytes:
    # Of the first and the last character some bits belong to the neighbours.
    start = -(-shift * 8 // 6)
    whole: bytes = encode(b"\0" * shift + plain)
    end = (shift + len(plain)) * 8 // 6
    return whole[start:end]


def _flat(value: object) -> bytes:
    if isinstance(value, bytes):
        # Stored bytes may be text, or the text of an encoding; both are searched as they are.
        return value
    if isinstance(value, Mapping):
        return b" ".join(_flat(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple | set):
        return b" ".join(map(_flat, value))
    return str(value).encode()
