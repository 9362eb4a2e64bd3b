"""The data plane as a few dictionaries: what every session holds, and which tokens it admits."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.history.session_model import merged

Expected = tuple[int, str | None, Any]
"""Status, code of the problem, and body, as bytes where they are known to the last one."""

ENDED: Expected = (410, "session_ended", None)
SUPERSEDED: Expected = (401, "token_superseded", None)


def written(value: Any) -> bytes:
    """Answer JSON as the platform writes it: compact, UTF-8, members in the order they came."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(slots=True)
class Stay:
    """One session."""

    place: str
    data: dict[str, Any]
    version: int = 1
    rev: int = 1
    dead: set[str] = field(default_factory=set)
    is_live: bool = True

    def refusal(self, rev: int, grant: str) -> Expected | None:
        """Answer why a token does not get in, or None when it does."""
        if not self.is_live:
            return ENDED
        return SUPERSEDED if rev != self.rev or grant in self.dead else None

    def whole(self) -> Expected:
        return 200, None, written(self.data)

    def write(self, data: dict[str, Any]) -> Expected:
        self.data, self.version = data, self.version + 1
        return self.whole()

    def patch(self, patch: dict[str, Any]) -> Expected:
        return self.write(merged(self.data, patch))

    def set(self, key: str, body: Any) -> Expected:
        wrapped = isinstance(body, dict) and list(body) == ["value"]
        return self.write({**self.data, key: body["value"] if wrapped else body})

    def delete(self, key: str) -> Expected:
        existed = key in self.data
        if existed:
            self.write({name: value for name, value in self.data.items() if name != key})
        return 200, None, written(existed)

    def get(self, key: str) -> Expected:
        if key not in self.data:
            return 404, "key_not_found", None
        return 200, None, {"key": key, "value": self.data[key]}

    def keys(self, prefix: str) -> Expected:
        names = sorted(name for name in self.data if name.startswith(prefix))
        items = [{"key": name, "size": len(written(self.data[name]))} for name in names]
        return 200, None, {"items": items, "nextCursor": None}


@dataclass(slots=True)
class Plain:
    """All sessions, by id, in the order in which they began."""

    stays: dict[str, Stay] = field(default_factory=dict)

    def newest(self, place: str) -> str | None:
        live = [sid for sid, one in self.stays.items() if one.place == place and one.is_live]
        return live[-1] if live else None

    def log_out(self, place: str, grant: str) -> None:
        for one in self.stays.values():
            if one.place == place and one.is_live:
                one.dead.add(grant)

    def log_out_everywhere(self, place: str) -> None:
        for one in self.stays.values():
            if one.place == place and one.is_live:
                one.rev, one.dead = one.rev + 1, set()
