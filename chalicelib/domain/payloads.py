"""Payloads: the JSON object of a session, sealed and open, and the rules of its keys."""

import json
import math
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NoReturn, TypeAlias

from chalicelib.domain.errors import Fault, InvalidInput, InvalidJson, PayloadTooLarge
from chalicelib.domain.keys import KeyKind, Place, Sealed
from chalicelib.domain.limits import MAX_ANSWER_BYTES, MAX_JSON_DEPTH, MAX_KEY_LENGTH
from chalicelib.domain.objects import SealedObject
from chalicelib.domain.sessions import SessionRef

JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None
Payload: TypeAlias = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class SealedPayload:
    """A payload as it is stored. `version` is the ETag; `write_id` names the write that made it."""

    ref: SessionRef
    version: int
    write_id: str
    sealed: Sealed | SealedObject


@dataclass(frozen=True, slots=True)
class OpenPayload:
    """A payload that was opened for its owner, at one version; never logged, never audited."""

    version: int
    data: Payload


@dataclass(frozen=True, slots=True)
class PayloadText:
    """A payload as it was written, at one version; `None` for a reader who has that version."""

    version: int
    text: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The versions that a writer expects (RFC 9110, section 13.1.1); `None` is any version."""

    versions: frozenset[int] | None

    def holds(self, version: int) -> bool:
        """Tell whether a payload at this version may be written."""
        return self.versions is None or version in self.versions


@dataclass(frozen=True, slots=True)
class IfNoneMatch:
    """Versions that need not be sent, or must not be replaced; `None` is any version.

    RFC 9110, section 13.1.2.
    """

    versions: frozenset[int] | None = frozenset()

    def has(self, version: int) -> bool:
        """Tell whether a payload of this version is neither to be sent nor to be replaced."""
        return self.versions is None or version in self.versions


def payload_place(ref: SessionRef) -> Place:
    """Answer the only place in which this session's payload opens."""
    return _session_place(ref, kind=KeyKind.DK, purpose="payload")


def object_place(ref: SessionRef, key: str) -> Place:
    """Answer the only place in which a payload opens that lies in an object."""
    return replace(payload_place(ref), object_key=key)


def seed_place(ref: SessionRef) -> Place:
    """Answer the place of the payload that a login brings, until its first change."""
    return _session_place(ref, kind=KeyKind.IK, purpose="seed")


def who_place(ref: SessionRef) -> Place:
    """Answer the place of the e-mail copy in a session's head."""
    return _session_place(ref, kind=KeyKind.IK, purpose="who")


def key_name(text: str) -> str:
    """Answer the text as the name of a payload key; raises `InvalidInput`."""
    if not 1 <= len(text) <= MAX_KEY_LENGTH:
        fault = f"a key name has 1 to {MAX_KEY_LENGTH} characters"
    elif text in {".", ".."}:
        fault = "a key name is not . or .."
    elif any(unicodedata.category(char) in {"Cc", "Cs"} for char in text):
        fault = "a key name has no control characters and no lone surrogates"
    else:
        return text
    raise InvalidInput("That key name cannot be used.", Fault("/key", fault))


def parse(body: bytes) -> JsonValue:
    """Read JSON (RFC 8259) strictly, so that it can be given back unchanged.

    Raises `InvalidJson`.
    """
    try:
        text = body.decode("utf-8")
        value: JsonValue = json.loads(
            text, object_pairs_hook=_distinct, parse_constant=_refuse, parse_float=_finite
        )
    except (UnicodeDecodeError, ValueError) as error:
        raise InvalidJson("The body is not valid JSON in UTF-8.") from error
    except RecursionError as error:
        raise InvalidJson("The JSON is nested too deeply.") from error
    _check(value, depth=0)
    return value


def payload_of(value: JsonValue) -> Payload:
    """Answer a value as a payload: a JSON object whose keys could be asked for one by one."""
    if not isinstance(value, dict):
        raise InvalidInput("A payload is a JSON object.", Fault("", "not an object"))
    for name in value:
        key_name(name)
    return value


def value_of(value: JsonValue) -> JsonValue:
    """Answer a value that may stand under a key, one level below the payload itself."""
    _check(value, depth=1)
    return value


def encode(payload: Payload, *, limit: int) -> bytes:
    """Write a payload as UTF-8 JSON; raises `PayloadTooLarge` above `limit` bytes.

    The escaped answer counts too: nothing may be stored that could not be read again.
    """
    plain = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    if len(plain) > limit:
        raise PayloadTooLarge(f"The payload has {len(plain)} bytes; {limit} are allowed.")
    # The body travels as a JSON string inside Lambda's answer, where quotes become two characters
    # and letters beyond ASCII six: three for a byte at most.
    if len(plain) * 3 > MAX_ANSWER_BYTES and len(json.dumps(plain.decode())) > MAX_ANSWER_BYTES:
        raise PayloadTooLarge("The payload would not fit in an answer.")
    return plain


def decode(plain: bytes) -> Payload:
    """Read back what `encode` wrote."""
    payload: Payload = json.loads(plain)
    return payload


def merge_patch(target: JsonValue, patch: JsonValue) -> JsonValue:
    """Apply a JSON Merge Patch (RFC 7396, section 2) without changing its arguments."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result


def objects_in(value: JsonValue) -> Iterator[dict[str, JsonValue]]:
    """Answer every JSON object in a value, itself included."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from objects_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from objects_in(part)


def _session_place(ref: SessionRef, *, kind: KeyKind, purpose: str) -> Place:
    return Place(
        workspace=ref.partition.workspace,
        user=ref.partition.user,
        kind=kind,
        purpose=purpose,
        app=ref.partition.app,
        session=ref.sid,
    )


def _distinct(pairs: list[tuple[str, JsonValue]]) -> Mapping[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidJson("An object names the same member twice.")
    return members


def _refuse(constant: str) -> NoReturn:
    raise InvalidJson(f"{constant} is not JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise InvalidJson("A number is too large to be kept exactly.")
    return number


def _check(value: JsonValue, *, depth: int) -> None:
    if depth >= MAX_JSON_DEPTH and isinstance(value, list | dict):
        raise InvalidJson(f"The JSON is nested deeper than {MAX_JSON_DEPTH} levels.")
    if isinstance(value, str):
        _encodable(value)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth=depth + 1)
    elif isinstance(value, dict):
        for name, item in value.items():
            _encodable(name)
            _check(item, depth=depth + 1)


def _encodable(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidJson("A string holds half a surrogate pair.") from error
