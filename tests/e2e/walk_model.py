"""What applications and workspaces rule, as a few dictionaries: written from what is documented."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Fault = tuple[int, str]
EXPIRED, ENDED = (401, "token_expired"), (410, "session_ended")
SUPERSEDED, NOT_OWNER = (401, "token_superseded"), (403, "not_owner")
REUSED, GONE = (422, "idempotency_reused"), (404, "key_not_found")
Sized = Mapping[str, Any]


def written(value: Any) -> bytes:
    """Answer JSON as the platform writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def merged(target: Any, patch: Any) -> Any:
    """Answer what a merge patch makes of a value (RFC 7396, section 2)."""
    if not isinstance(patch, dict):
        return patch
    made = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), value)
    return made


class Pass(NamedTuple):
    """What a sessionToken says of itself."""

    sid: str
    rev: int
    gid: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What an application asks of payloads and of those who write them."""

    most_bytes: int
    requires_if_match: bool = False
    fits: Callable[[Sized], bool] = lambda _: True

    def faults(self, data: Sized) -> set[Fault]:
        """Answer why a payload cannot be written; any of the reasons may be told."""
        faults = set()
        if len(written(data)) > self.most_bytes:
            faults.add((413, "payload_too_large"))
        if not self.fits(data):
            faults.add((422, "schema_refused"))
        return faults


@dataclass(frozen=True, slots=True)
class Write:
    """One attempt to write, as its client means it."""

    request: tuple[str, str, bytes]
    change: Callable[[Sized], Sized]
    answers: Callable[[Sized, Sized], Any] = lambda _, after: after
    if_match: frozenset[int] | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What is answered again under an Idempotency-Key."""

    sid: str
    request: tuple[str, str, bytes]
    body: bytes
    version: int


@dataclass(slots=True)
class Stay:
    """One session; `exp` in epoch seconds, 0 for none."""

    place: str
    rules: Rules
    data: Sized
    exp: int = 0
    version: int = 1
    rev: int = 1
    dead: set[str] = field(default_factory=set)
    is_revoked: bool = False

    def is_live(self, now: float) -> bool:
        """Tell whether the session is neither revoked nor past its second."""
        return not self.is_revoked and not self.is_over(now)

    def is_over(self, now: float) -> bool:
        """Tell whether its lifetime has passed."""
        return bool(self.exp) and now >= self.exp

    def refusal(self, says: Pass, now: float) -> Fault | None:
        """Answer why a token does not get in, or None when it does."""
        if self.is_over(now):
            return EXPIRED
        if self.is_revoked:
            return ENDED
        return SUPERSEDED if says.rev != self.rev or says.gid in self.dead else None


@dataclass(slots=True)
class World:
    """All sessions by id, in the order they began, and what Idempotency-Keys stand for."""

    quotas: Mapping[str, int]
    stays: dict[str, Stay] = field(default_factory=dict)
    done: dict[tuple[str, str], Done] = field(default_factory=dict)

    def newest(self, place: str, now: float) -> str | None:
        """Answer the session that a sign-in continues."""
        live = [s for s, one in self.stays.items() if one.place == place and one.is_live(now)]
        return live[-1] if live else None

    def is_full(self, workspace: str, now: float) -> bool:
        """Tell whether a workspace may hold no further session."""
        live = [one for one in self.stays.values() if one.place.startswith(f"{workspace}/")]
        return sum(one.is_live(now) for one in live) >= self.quotas.get(workspace, len(live) + 1)

    def write(self, sid: str, write: Write) -> set[Fault] | tuple[bytes, int, bool]:
        """Answer what may be wrong, or body, version and whether it was answered before."""
        stay = self.stays[sid]
        before = self.done.get((stay.place, write.key)) if write.key else None
        if before is not None and (before.sid, before.request) == (sid, write.request):
            return before.body, before.version, True
        after = write.change(stay.data)
        is_change = after is not stay.data
        faults = {REUSED} if before is not None else set()
        if write.if_match is None and stay.rules.requires_if_match:
            faults.add((428, "if_match_required"))
        if write.if_match is not None and stay.version not in write.if_match:
            faults.add((412, "version_mismatch"))
        faults |= stay.rules.faults(after) if is_change else set()
        if faults:
            return faults
        body = written(write.answers(stay.data, after))
        stay.data, stay.version = after, stay.version + is_change
        if write.key:
            self.done[stay.place, write.key] = Done(sid, write.request, body, stay.version)
        return body, stay.version, False

    def log_out(self, place: str, gid: str, now: float) -> None:
        """End the tokens of one sign-in."""
        for one in self.stays.values():
            if one.place == place and one.is_live(now):
                one.dead.add(gid)

    def log_out_everywhere(self, place: str, now: float) -> None:
        """End all tokens of a person in an application."""
        for one in self.stays.values():
            if one.place == place and one.is_live(now):
                one.rev, one.dead = one.rev + 1, set()
