"""Deliveries of CloudWatch Logs to a function, as they arrive there."""

import base64
import gzip
import json
import secrets
from collections.abc import Sequence
from typing import Any

from tests.builders import NOW

LINE: dict[str, Any] = {
    "level": "INFO",
    "logger": "secureflows.access",
    "message": "request",
    "kind": "access",
    "route": "/api/v1/sessions/get/{key}",
    "method": "GET",
    "plane": "data",
    "status": 200,
    "code": None,
    "duration_ms": 12.3,
    "bytes_in": 0,
    "bytes_out": 41,
    "workspace": "wabcdefghijklmnopqrst",
    "app": "notes",
    "sid": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "user": 1_234_567_890_123_456,
    "caller": "session",
    "ip": "192.0.2.7",
    "agent": "Firefox",
    "request_id": "r-1",
}


def log_event(line: object, *, at: int = NOW * 1_000, **changes: object) -> dict[str, Any]:
    """One event of a log; a line that is no text is written as JSON."""
    text = line if isinstance(line, str) else json.dumps(line)
    return {
        "id": str(at << 144 | secrets.randbits(144)),
        "timestamp": at,
        "message": text,
    } | changes


def delivery(events: Sequence[object], **changes: object) -> dict[str, Any]:
    """What Lambda is called with."""
    body = {
        "messageType": "DATA_MESSAGE",
        "owner": "000000000000",
        "logGroup": "/aws/lambda/secureflows-dev-APIHandler-1",
        "logStream": "2027/01/15/[$LATEST]1",
        "subscriptionFilters": ["secureflows-dev-AccessLines-1"],
        "logEvents": events,
        **changes,
    }
    return {
        "awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(body).encode())).decode()}
    }
