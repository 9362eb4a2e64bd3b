"""Reads a line of the access log, and believes nothing of it that it has not looked at."""

import hashlib
import re

from chalicelib.domain.activity import AccessRow, LogEvent
from chalicelib.domain.audit import Origin
from chalicelib.domain.backups import DEPLOYMENT
from chalicelib.domain.errors import InvalidJson
from chalicelib.domain.ids import (
    AppId,
    SessionId,
    UserId,
    WorkspaceId,
    is_part,
    is_uid,
    ulid,
)
from chalicelib.domain.payloads import JsonValue, Payload, parse

_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_METHOD = re.compile(r"[A-Z]{3,7}")
_LATEST = 1 << 48  # what a ULID has room for
_LONGEST = 900_000  # milliseconds that a function may run
_LARGEST = 1 << 32  # bytes, far beyond what a function can be sent
_ROUTE, _AGENT, _ADDRESS, _REQUEST = 200, 300, 64, 100  # characters


def row_of(event: LogEvent) -> AccessRow | None:
    """Answer the row that a line stands for, or `None` for one that cannot be read so.

    Its id is made of the event's, so that the same event is the same row whenever it comes.
    """
    try:
        line = parse(event.line.encode())
        return (
            _row(event, line) if isinstance(line, dict) and line.get("kind") == "access" else None
        )
    except (InvalidJson, ValueError, KeyError):
        return None


def _row(event: LogEvent, line: Payload) -> AccessRow:
    if not is_part(event.id) or not 0 < event.at < _LATEST:
        raise ValueError("not an event of a log")
    workspace, app, sid, user = (line.get(name) for name in ("workspace", "app", "sid", "user"))
    code = line.get("code")
    return AccessRow(
        id=ulid(event.at, int.from_bytes(hashlib.sha256(event.id.encode()).digest()[:10])),
        event=event.id,
        at=event.at,
        workspace=DEPLOYMENT if workspace is None else WorkspaceId(_part(workspace)),
        caller=_matching(line["caller"], _WORD),
        plane=_matching(line["plane"], _WORD),
        method=_matching(line["method"], _METHOD),
        route=_text(line["route"], _ROUTE),
        status=_whole(line["status"], 100, 600),
        code=None if code is None else _matching(code, _WORD),
        micros=_micros(line["duration_ms"]),
        bytes_in=_whole(line["bytes_in"], 0, _LARGEST),
        bytes_out=_whole(line["bytes_out"], 0, _LARGEST),
        origin=Origin(
            ip=_text(line["ip"], _ADDRESS),
            agent=_text(line["agent"], _AGENT),
            request_id=_text(line["request_id"], _REQUEST),
        ),
        app=None if app is None else AppId(_part(app)),
        sid=None if sid is None else SessionId(_part(sid)),
        user=None if user is None else _uid(user),
    )


def _text(value: JsonValue, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise ValueError("not a short text")
    return value


def _matching(value: JsonValue, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise ValueError("not a word")
    return value


def _part(value: JsonValue) -> str:
    if not isinstance(value, str) or not is_part(value):
        raise ValueError("not an id")
    return value


def _whole(value: JsonValue, least: int, end: int) -> int:
    # A truth value is a number to Python.
    if type(value) is not int or not least <= value < end:
        raise ValueError("not a number within bounds")
    return value


def _uid(value: JsonValue) -> UserId:
    if type(value) is not int or not is_uid(value):
        raise ValueError("not an id of a user")
    return UserId(value)


def _micros(value: JsonValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")  # noqa: TRY004 - a line is wrong, not a program
    if not 0 <= value <= _LONGEST:
        raise ValueError("not a duration")
    return round(value * 1_000)
