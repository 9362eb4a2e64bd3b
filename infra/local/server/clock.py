"""The wall clock of the local server, apart from the one that the application is given."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def epoch_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def utc_now() -> datetime:
    """The present, in UTC."""
    return datetime.fromtimestamp(time.time_ns() / 1e9, UTC)
