"""Backups: what one consists of, how its parts are written, and how each is told from a forgery."""

import gzip
import hashlib
import json
import zlib
from calendar import timegm
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from time import gmtime, strftime, strptime
from typing import Any

from chalicelib.domain.ids import WorkspaceId

# Events about the deployment and no tenant; an id of a workspace begins with a small w.
DEPLOYMENT = WorkspaceId("DEPLOYMENT")

VERSION = 2
SESSIONS = "sessions"
OBJECTS = "objects"  # what parts hold that are of no table: copies of large payloads
_WITHOUT_OBJECTS = 1  # the version of backups from before there were any
PART_BYTES = 4 * 1024 * 1024  # of JSON lines before compression
_MANIFEST = "manifest-"
_JSON = ".json"
_MOMENT = "%Y%m%dT%H%M%SZ"

Item = Mapping[str, object]


class BackupRefused(Exception):
    """A backup is incomplete or altered, or its target is not empty; says what to do."""


class BackupKind(StrEnum):
    """Keys and what they open lie apart, so that losing either one alone discloses nothing."""

    DATA = "data"
    KEYS = "keys"

    @property
    def tables(self) -> Sequence[str]:
        """Answer the tables of this kind in the order in which they are read.

        Heads come before payloads: a first write moves a seed from the head to the payload, and
        in this order a backup of that moment holds it twice rather than not at all.
        """
        if self is BackupKind.KEYS:
            return ("keys",)
        return ("directory", SESSIONS, "payloads", "audit")

    @property
    def contents(self) -> Sequence[str]:
        """Answer what the parts of this kind hold: items of tables, and copies of objects."""
        return self.tables if self is BackupKind.KEYS else (*self.tables, OBJECTS)


@dataclass(frozen=True, slots=True)
class Part:
    """One object of a backup; `size` (bytes) and `sha256` are of the object as it is stored."""

    name: str
    table: str
    items: int
    size: int
    sha256: str

    def fits(self, body: bytes) -> bool:
        """Tell whether these are the bytes that were written."""
        return len(body) == self.size and hashlib.sha256(body).hexdigest() == self.sha256


@dataclass(frozen=True, slots=True)
class Manifest:
    """The list of all parts, written last: without it a backup does not exist.

    Objects come before the rows that point to them, so that a restore knows their new versions
    when it writes the rows. `missing` counts objects that were not there to be copied.
    """

    kind: BackupKind
    id: str
    stage: str
    made_at: int
    parts: Sequence[Part]
    missing: int = 0

    def items(self, table: str) -> int:
        """Answer how many items of a table the backup holds."""
        return sum(part.items for part in self.parts if part.table == table)


def in_order(parts: Sequence[Part]) -> Sequence[Part]:
    """Answer parts as they are restored: heads last, when it is known whose payload is there."""
    return sorted(parts, key=lambda part: part.table == SESSIONS)


def folder_of(kind: BackupKind, *, made_at: int, ulid: str) -> str:
    """Answer where a backup lies; names sort by the time of its making."""
    return f"{kind}/{strftime(_MOMENT, gmtime(made_at))}-{ulid}"


def began_at(folder: str) -> int:
    """Answer when the making of the backup in a folder began, epoch seconds."""
    name = folder.rpartition("/")[2].partition("-")[0]
    return timegm(strptime(name, _MOMENT))


def part_name(folder: str, *, table: str, number: int) -> str:
    """Answer the name of a part."""
    return f"{folder}/{table}/{number:06d}.jsonl.gz"


def lots(pages: Iterable[Sequence[Item]]) -> Iterator[Sequence[bytes]]:
    """Answer items as JSON lines, in lots of about `PART_BYTES`; one lot is in memory at a time."""
    lines: list[bytes] = []
    size = 0
    for page in pages:
        for item in page:
            line = json.dumps(item, separators=(",", ":"), sort_keys=True).encode() + b"\n"
            lines.append(line)
            size += len(line)
            if size >= PART_BYTES:
                yield lines
                lines, size = [], 0
    if lines:
        yield lines


def packed(lines: Sequence[bytes]) -> bytes:
    """Answer lines as gzip (RFC 1952), the same bytes for the same lines."""
    return gzip.compress(b"".join(lines), compresslevel=6, mtime=0)


def unpacked(part: Part, body: bytes) -> Sequence[Item]:
    """Answer the items of a part whose every byte was checked; raises `BackupRefused`."""
    if not part.fits(body):
        raise BackupRefused(f"{part.name} is not what the manifest says: it was altered or cut.")
    try:
        items = [json.loads(line) for line in gzip.decompress(body).splitlines()]
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise BackupRefused(f"{part.name} cannot be read.") from error
    if len(items) != part.items:
        raise BackupRefused(f"{part.name} does not hold the {part.items} items it should.")
    return items


def written(manifest: Manifest) -> tuple[str, bytes]:
    """Answer a manifest's name, which contains its own checksum, and its bytes."""
    document = {
        "version": VERSION,
        "kind": manifest.kind.value,
        "id": manifest.id,
        "stage": manifest.stage,
        "madeAt": manifest.made_at,
        "tables": {table: manifest.items(table) for table in manifest.kind.contents},
        "missing": manifest.missing,
        "parts": [asdict(part) for part in manifest.parts],
    }
    body = json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"
    return f"{manifest.id}/{_MANIFEST}{hashlib.sha256(body).hexdigest()}{_JSON}", body


def is_manifest(name: str) -> bool:
    """Tell whether an object is the manifest of a backup."""
    return name.rpartition("/")[2].startswith(_MANIFEST)


def read(name: str, body: bytes) -> Manifest:
    """Answer the manifest that an object holds; raises `BackupRefused`."""
    folder, _, last = name.rpartition("/")
    if last != f"{_MANIFEST}{hashlib.sha256(body).hexdigest()}{_JSON}":
        raise BackupRefused(f"{name} does not have the checksum that its name says.")
    try:
        manifest = _manifest(json.loads(body))
    except (KeyError, TypeError, ValueError) as error:
        raise BackupRefused(f"{name} is no manifest of version {VERSION}.") from error
    if manifest.id != folder:
        raise BackupRefused(f"{name} describes another backup: {manifest.id}.")
    return manifest


def _manifest(document: Mapping[str, Any]) -> Manifest:
    if document["version"] not in {VERSION, _WITHOUT_OBJECTS}:
        raise ValueError("another version")
    manifest = Manifest(
        kind=BackupKind(document["kind"]),
        id=document["id"],
        stage=document["stage"],
        made_at=document["madeAt"],
        parts=[Part(**part) for part in document["parts"]],
        missing=document.get("missing", 0),
    )
    is_old = document["version"] == _WITHOUT_OBJECTS
    contents = manifest.kind.tables if is_old else manifest.kind.contents
    if document["tables"] != {table: manifest.items(table) for table in contents}:
        raise ValueError("the sums do not fit")
    if any(not part.name.startswith(f"{manifest.id}/") for part in manifest.parts):
        raise ValueError("a part of another backup")
    if any(part.table not in contents for part in manifest.parts):
        raise ValueError("a table of another kind")
    return manifest
