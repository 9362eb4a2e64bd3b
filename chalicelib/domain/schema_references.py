"""Schema references: which parts of a payload schema a reference within it may mean."""

from collections.abc import Iterator
from urllib.parse import unquote

from chalicelib.domain.payloads import JsonValue, objects_in

REFERENCES = frozenset({"$ref", "$dynamicRef"})
_ODD = "?"
_NAMES = ("$id", "$anchor", "$dynamicAnchor")


class References:
    """The names that the parts of one schema have."""

    def __init__(self, schema: JsonValue) -> None:
        """Take a whole schema."""
        # The whole schema is at `json-schema:///` unless it says where else.
        self._named = [("", schema)] + [
            (_tail(name), part)
            for part in objects_in(schema)
            for name in (part.get(keyword) for keyword in _NAMES)
            if isinstance(name, str)
        ]

    def meant(self, reference: str) -> Iterator[JsonValue]:
        """Answer each part that may be meant; of what stands elsewhere, nothing."""
        # Which of those with a like name is meant, the library decides: here each may be.
        where, _, within = reference.partition("#")
        if within and not within.startswith("/"):
            yield from self._called(_tail(within))
            return
        resources = {id(part): part for part in self._called(_tail(where) if where else _ODD)}
        for resource in resources.values():
            yield _at(resource, within)

    def _called(self, wanted: str) -> Iterator[JsonValue]:
        for name, part in self._named:
            if wanted == name or _ODD in {wanted, name}:
                yield part


def _tail(name: str) -> str:
    # Wherever a name is resolved from, its last step stays, if it is written plainly.
    before, _, last = name.rstrip("#").rpartition("/")
    tail = last.rpartition(":")[2]
    # Alone behind two slashes is a host, which has many spellings, like its scheme.
    is_host = before.endswith("/")
    return _ODD if "%" in name or "?" in name or tail in {".", ".."} or is_host else tail


def _at(part: JsonValue, pointer: str) -> JsonValue:
    for step in pointer.split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(part, dict):
            part = part.get(name)
        elif isinstance(part, list) and name.isdecimal() and int(name) < len(part):
            part = part[int(name)]
        else:
            return None
    return part
