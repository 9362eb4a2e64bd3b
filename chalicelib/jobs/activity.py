"""The function that the log of the API feeds: lines become rows and counters."""

import base64
import binascii
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.activity import LogEvent
from chalicelib.jobs.job import Outcome, consumer
from chalicelib.wiring.container import Container

jobs = Blueprint(__name__)

_SENT = 6_291_456  # bytes of an event of Lambda
_UNPACKED = 32 * 1024 * 1024  # bytes; a delivery has a megabyte before it is compressed
_GZIP = 16 + zlib.MAX_WBITS


class NotADelivery(ValueError):
    """The event is not what a subscription to a log sends."""


@jobs.lambda_function()
@consumer
def record_activity(services: Container, event: object) -> Outcome:
    """Take a delivery of CloudWatch Logs; what fails is delivered again, and counts once."""
    delivery = unpacked(event)
    match delivery.get("messageType"):
        case "CONTROL_MESSAGE":  # tells that the subscription works
            return services.activity.take([])
        case "DATA_MESSAGE":
            return services.activity.take(list(_events(delivery)))
    raise NotADelivery("of an unknown kind")


def unpacked(event: object) -> Mapping[str, Any]:
    """Answer the delivery within an event: JSON, in gzip, in base64; raises `NotADelivery`."""
    try:
        packed = event["awslogs"]["data"]  # type: ignore[index]
        if len(packed) > _SENT:
            raise NotADelivery("longer than an event of Lambda")
        stream = zlib.decompressobj(_GZIP)
        plain = stream.decompress(base64.b64decode(packed, validate=True), _UNPACKED)
        delivery = json.loads(plain) if stream.eof else None
    except (TypeError, KeyError, ValueError, binascii.Error, zlib.error, RecursionError) as error:
        raise NotADelivery("not a packed delivery") from error
    if not isinstance(delivery, dict):
        raise NotADelivery("cut off, or far too long")
    return delivery


def _events(delivery: Mapping[str, Any]) -> Iterator[LogEvent]:
    events = delivery.get("logEvents")
    if not isinstance(events, list):
        raise NotADelivery("without events")
    for each in events:
        match each:
            case {"id": str(name), "timestamp": int(at), "message": str(line)}:
                yield LogEvent(name, at, line)
            case _:  # skipped and counted where lines are read
                yield LogEvent("", 0, "")
