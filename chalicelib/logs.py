"""Logs: JSON lines of named fields, so that a payload cannot be logged by accident."""

import json
import logging
import sys

_FIELDS = (
    "kind", "route", "method", "plane", "status", "code", "duration_ms", "bytes_in", "bytes_out",
    "workspace", "app", "sid", "user", "caller", "ip", "agent", "request_id",
    "job", "outcome", "error",
)  # fmt: skip


class JsonLines(logging.Formatter):
    """Writes the message, the allowed fields and, of an exception, its type and its place.

    The text of an exception is left out: it may quote what it choked on.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Answer one line."""
        line: dict[str, object] = {
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in _FIELDS:
            if name in record.__dict__:
                line[name] = record.__dict__[name]
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["at"] = _places(record)
        return json.dumps(line, separators=(",", ":"))


# At DEBUG these print what they send: ciphertext, hashes, tokens.
for _vendor in ("boto3", "botocore", "pynamodb", "urllib3", "aws_encryption_sdk"):
    logging.getLogger(_vendor).setLevel(logging.WARNING)


def logger(name: str) -> logging.Logger:
    """Answer a logger that writes JSON lines to standard output, once."""
    log = logging.getLogger(f"secureflows.{name}")
    if not log.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(JsonLines())
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
    return log


def _places(record: logging.LogRecord) -> list[str]:
    trace = record.exc_info[2] if record.exc_info else None
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-8:]
