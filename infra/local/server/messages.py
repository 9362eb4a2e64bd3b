"""The two ends of one exchange: a request as it arrived and the answer to it."""

from __future__ import annotations

from dataclasses import dataclass

BODILESS = frozenset({204, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request, undecoded: path and query are still percent-encoded."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source_ip: str

    def header(self, name: str) -> str:
        """The last value of a header (its name in lower case), or an empty string."""
        for key, value in reversed(self.headers):
            if key == name:
                return value
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer; a header that repeats is listed once for each value."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
