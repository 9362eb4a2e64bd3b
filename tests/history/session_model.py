"""What one session is, as a client may understand it: one step at a time, no two at once."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from tests.history.operations import (
    ARRIVALS,
    READS,
    SIGN_OUTS,
    WRITES,
    Kind,
    Operation,
    Pass,
    canonical,
)
from tests.history.search import Blocked, Step

MOST_DEAD = 20  # grants that are remembered one by one; beyond, every token ends
EVERYBODY = "*"

ENDED, SUPERSEDED = "session_ended", "token_superseded"
GOOD, UNCHANGED, CONFLICT = 200, 304, 409


class State(NamedTuple):
    """A session between two steps; `kept` are answers that an Idempotency-Key gets again."""

    is_born: bool = False
    is_live: bool = False
    rev: int = 1
    dead: frozenset[str] = frozenset()
    version: int = 0
    data: str = "{}"
    kept: frozenset[tuple[str, int, str]] = frozenset()

    def __str__(self) -> str:
        if not self.is_born:
            return "not begun"
        if not self.is_live:
            return "ended"
        dead = ", ".join(sorted(grant[-4:] for grant in self.dead)) or "none"
        return f'live at version "{self.version}", revision {self.rev}, ended grants {dead}: ' + (
            self.data if len(self.data) < 400 else f"{self.data[:397]}..."
        )


NOWHERE = State()
Taken = tuple[State, ...] | Blocked


def born(payload: Any, *, rev: int = 1, version: int = 1) -> State:
    """Answer a session that has just begun."""
    return State(is_born=True, is_live=True, rev=rev, version=version, data=canonical(payload))


@dataclass(frozen=True, slots=True)
class SessionModel:
    """The rules of one session; `contents` are payloads that somebody saw, by version."""

    sid: str
    contents: Mapping[int, str]

    def steps(self, operation: Operation) -> list[Step[State]]:
        """Answer what an operation may have done to this session, in steps of one moment each."""
        kind, status = operation.kind, operation.status
        if kind is Kind.EXPIRE:
            return [self._certainly(operation, _expire)]
        if operation.is_unclear:
            return [self._perhaps(operation)] if kind not in READS else []
        if status == GOOD or (kind in ARRIVALS and operation.given is not None):
            return self._successful(operation)
        if kind in ARRIVALS:
            return []
        return self._refused(operation)

    def _successful(self, operation: Operation) -> list[Step[State]]:
        kind = operation.kind
        if kind is Kind.RENEW:
            # The new token reads the payload that is answered with it; somebody may write between.
            return [
                self._certainly(operation, self._renew, name=f"{operation.number}"),
                self._certainly(
                    operation, self._renewed_read, after=f"{operation.number}", is_look=True
                ),
            ]
        if kind in SIGN_OUTS:
            # A person's sessions are signed out of one after the other, once one let the token in.
            if operation.used is None or operation.used.sid != self.sid:
                return [self._certainly(operation, self._effect(operation))]
            return [
                self._certainly(operation, _admitted, name=f"{operation.number}", is_look=True),
                self._certainly(operation, self._effect(operation), after=f"{operation.number}"),
            ]
        return [
            self._certainly(operation, self._effect(operation), is_look=operation.kind in READS)
        ]

    def _refused(self, operation: Operation) -> list[Step[State]]:
        if operation.kind is Kind.RENEW:
            if operation.code == SUPERSEDED:
                # Two renew at once: the earlier one's fresh token is dead before it has read.
                return [self._perhaps(operation)]
            if operation.code == ENDED:
                return [self._perhaps(operation), self._certainly(operation, _over, is_look=True)]
            return []
        if operation.kind in SIGN_OUTS and operation.status == CONFLICT:
            return [self._perhaps(operation)]
        if operation.used is None or operation.used.sid != self.sid:
            return []
        rule = _unchanged if operation.status == UNCHANGED else _REFUSALS.get(operation.code or "")
        return [] if rule is None else [self._certainly(operation, rule, is_look=True)]

    def _effect(self, operation: Operation) -> Callable[[Operation, State], Taken]:
        if operation.kind in WRITES:
            return self._write
        if operation.kind in ARRIVALS:
            return self._arrive
        return _EFFECTS[operation.kind]

    def _perhaps(self, operation: Operation) -> Step[State]:
        effect = self._effect(operation)
        until = operation.until if operation.is_unclear else operation.ended
        return Step(
            operation,
            operation.begun,
            until,
            lambda state: effect(operation, state),
            is_certain=False,
        )

    @staticmethod
    def _certainly(
        operation: Operation,
        rule: Callable[[Operation, State], Taken],
        *,
        is_look: bool = False,
        name: str = "",
        after: str = "",
    ) -> Step[State]:
        return Step(
            operation,
            operation.begun,
            operation.ended,
            lambda state: rule(operation, state),
            is_look=is_look,
            name=name,
            after=after,
        )

    def _write(self, operation: Operation, state: State) -> Taken:
        refusal = _refusal(operation.used, state)
        if refusal is not None:
            return refusal
        if operation.repeat is not None:
            for key, version, body in state.kept:
                if key == operation.repeat:
                    wrong = _differs(operation, version, body)
                    return wrong or (state,)
        if operation.if_match is not None and state.version not in operation.if_match:
            return Blocked(f'if-match did not hold: the version was "{state.version}"')
        data = changed(state.data, operation.kind, operation.key, canonical(operation.value))
        version = state.version + 1
        answer = data
        if operation.kind is Kind.DELETE:
            existed = operation.key in json.loads(state.data)
            answer = canonical(existed)
            version = version if existed else state.version
        wrong = _differs(operation, version, answer)
        if wrong:
            return wrong
        if self.contents.get(version, data) != data:
            return Blocked(f'version "{version}" was seen with another content')
        kept = state.kept
        if operation.repeat is not None:
            kept |= {(operation.repeat, version, answer)}
        return (state._replace(version=version, data=data, kept=kept),)

    def _arrive(self, operation: Operation, state: State) -> Taken:
        rev = None if operation.given is None else operation.given.rev
        if not state.is_born:
            fresh = born(operation.value or {})
            if self.contents.get(1, fresh.data) != fresh.data:
                return Blocked("it was seen to begin with another content")
            return (fresh,) if rev in {None, 1} else Blocked(f"a new session is not at {rev}")
        if operation.kind is Kind.CREATE:
            return Blocked("the session had begun already")
        if not state.is_live:
            return Blocked("the session had ended")
        if rev not in {None, state.rev}:
            return Blocked(f"its revision was {state.rev}")
        return (state,)

    @staticmethod
    def _renew(operation: Operation, state: State) -> Taken:
        if not state.is_live:
            return Blocked("the session had ended")
        if operation.given is not None and operation.given.rev != state.rev + 1:
            return Blocked(f"a renewal led from revision {state.rev} to the next")
        return (state._replace(rev=state.rev + 1),)

    @staticmethod
    def _renewed_read(operation: Operation, state: State) -> Taken:
        refusal = _refusal(operation.given, state)
        if refusal is not None:
            return refusal
        return _differs(operation, state.version, state.data) or (state,)


@lru_cache(maxsize=65_536)
def changed(data: str, kind: Kind, key: str | None, value: str) -> str:
    """Answer a payload after a write; all of it in canonical JSON."""
    before, new = json.loads(data), json.loads(value)
    if kind is Kind.REPLACE:
        return value
    if kind is Kind.PATCH:
        return canonical(merged(before, new))
    if kind is Kind.SET:
        return canonical({**before, key: new})
    return canonical({name: one for name, one in before.items() if name != key})


def merged(target: Any, patch: Any) -> Any:
    """Answer a JSON Merge Patch (RFC 7396) applied, written down a second time."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def _refusal(used: Pass | None, state: State) -> Blocked | None:
    if not state.is_born:
        return Blocked("the session had not begun")
    if not state.is_live:
        return Blocked("the session had ended")
    if used is None:
        return Blocked("no token was used")
    if used.rev != state.rev:
        return Blocked(f"the token was superseded by revision {state.rev}")
    if used.grant in state.dead:
        return Blocked("the token's grant had signed out")
    return None


def _differs(operation: Operation, version: int, body: str) -> Blocked | None:
    if operation.is_unclear:
        return None
    if operation.etag not in {None, version}:
        return Blocked(f'it answered version "{operation.etag}", and "{version}" was due')
    if canonical(operation.body) != body:
        return Blocked("it answered another content than was there")
    return None


def _admitted(operation: Operation, state: State) -> Taken:
    return _refusal(operation.used, state) or (state,)


def _read(operation: Operation, state: State) -> Taken:
    return (
        _refusal(operation.used, state)
        or _differs(operation, state.version, state.data)
        or (state,)
    )


def _read_key(operation: Operation, state: State) -> Taken:
    data = json.loads(state.data)
    if operation.key not in data:
        return Blocked("the key was not there")
    found = canonical({"key": operation.key, "value": data[operation.key]})
    return _refusal(operation.used, state) or _differs(operation, state.version, found) or (state,)


def _unchanged(operation: Operation, state: State) -> Taken:
    if operation.none_match is None or state.version not in operation.none_match:
        return Blocked(f'it had changed to version "{state.version}"')
    return _admitted(operation, state)


def _missing(operation: Operation, state: State) -> Taken:
    if operation.key in json.loads(state.data):
        return Blocked("the key was there")
    return _admitted(operation, state)


def _mismatch(operation: Operation, state: State) -> Taken:
    if operation.if_match is not None and state.version in operation.if_match:
        return Blocked(f'if-match held: the version was "{state.version}"')
    return _admitted(operation, state)


def _superseded(operation: Operation, state: State) -> Taken:
    if not state.is_live:
        return Blocked("the session had ended")
    refusal = _refusal(operation.used, state)
    return (state,) if refusal is not None else Blocked("the token was good")


def _over(operation: Operation, state: State) -> Taken:
    del operation
    return Blocked("the session was live") if state.is_live else (state,)


def _expire(operation: Operation, state: State) -> Taken:
    del operation
    return (state._replace(is_live=False),)


def _revoke(operation: Operation, state: State) -> Taken:
    return _refusal(operation.used, state) or (state._replace(is_live=False),)


def _log_out(operation: Operation, state: State) -> Taken:
    assert operation.used is not None
    if not state.is_live:
        return (state,)
    dead = state.dead | {operation.used.grant}
    return _sweep(operation, state) if len(dead) > MOST_DEAD else (state._replace(dead=dead),)


def _sweep(operation: Operation, state: State) -> Taken:
    del operation
    if not state.is_live:
        return (state,)
    return (state._replace(rev=state.rev + 1, dead=frozenset({EVERYBODY})),)


_EFFECTS: Mapping[Kind, Callable[[Operation, State], Taken]] = {
    Kind.READ: _read,
    Kind.READ_KEY: _read_key,
    Kind.IDENTITY: _admitted,
    Kind.REVOKE: _revoke,
    Kind.LOG_OUT: _log_out,
    Kind.LOG_OUT_ALL: _sweep,
    Kind.RENEW: SessionModel._renew,  # noqa: SLF001 - of this module
}
_REFUSALS: Mapping[str, Callable[[Operation, State], Taken]] = {
    SUPERSEDED: _superseded,
    ENDED: _over,
    "key_not_found": _missing,
    "version_mismatch": _mismatch,
}
