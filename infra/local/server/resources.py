"""Which resource of the API a path belongs to, decided as API Gateway does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Match:
    """A resource pattern and what its variables stand for, still percent-encoded."""

    resource: str
    parameters: dict[str, str]


class Resources:
    """The patterns of an API, for example `/api/v1/keys/{key}`."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._by_length: dict[int, list[tuple[str, list[str]]]] = {}
        # A literal segment is preferred to a variable one, from left to right.
        for pattern in sorted(patterns, key=_literals_first):
            segments = pattern.split("/")
            self._by_length.setdefault(len(segments), []).append((pattern, segments))

    def match(self, path: str) -> Match | None:
        """The resource a raw path names; `%2F` inside a segment stays part of that segment."""
        if len(path) > 1 and path.endswith("/"):
            path = path[:-1]
        parts = path.split("/")
        for pattern, segments in self._by_length.get(len(parts), ()):
            parameters: dict[str, str] = {}
            for segment, part in zip(segments, parts, strict=True):
                if segment.startswith("{") and part:
                    parameters[segment[1:-1]] = part
                elif segment != part:
                    break
            else:
                return Match(pattern, parameters)
        return None


def _literals_first(pattern: str) -> list[tuple[bool, str]]:
    return [(segment.startswith("{"), segment) for segment in pattern.split("/")]
