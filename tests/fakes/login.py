"""Codes, challenges, browser sign-ins and attempts in memory."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.endings import Ending
from chalicelib.domain.errors import Stale, StoreUnavailable
from chalicelib.domain.ids import SessionId, WorkspaceId, is_part
from chalicelib.domain.limits import (
    CHALLENGE_TRIES,
    CODE_TOMBSTONE_SECONDS,
    ENDING_SECONDS,
    SIGN_IN_WINDOW,
)
from chalicelib.domain.login import Attempts, AuthorizationCode, BrowserSignIn, SignUp
from chalicelib.domain.sessions import Person
from tests.fakes.audit import MemoryAudit

_Named = tuple[WorkspaceId, str]


class MemoryLogin:
    """Answers `LoginStore`; one lock stands for DynamoDB's single-item atomicity."""

    def __init__(self, audit: MemoryAudit) -> None:
        self._audit = audit
        self._lock = Lock()
        self.fails_to_end = False
        self._sign_ups: dict[_Named, SignUp] = {}
        self._codes: dict[_Named, AuthorizationCode] = {}
        self._browsers: dict[_Named, BrowserSignIn] = {}
        self._endings: dict[tuple[Person, str | None], Ending] = {}
        self._attempts: dict[tuple[WorkspaceId, str, int], Attempts] = {}

    def open_sign_up(self, sign_up: SignUp) -> None:
        with self._lock:
            self._sign_ups[_named(sign_up.workspace, sign_up.digest)] = sign_up

    def sign_up(self, workspace: WorkspaceId, digest: str, *, now: int) -> SignUp | None:
        with self._lock:
            found = self._sign_ups.get(_named(workspace, digest))
        return found if found is not None and now < found.exp else None

    def count_try(self, workspace: WorkspaceId, digest: str, *, now: int) -> SignUp | None:
        with self._lock:
            found = self._sign_ups.get(_named(workspace, digest))
            if found is None or now >= found.exp or found.tries >= CHALLENGE_TRIES:
                return None
            counted = replace(found, tries=found.tries + 1)
            self._sign_ups[_named(workspace, digest)] = counted
            return counted

    def close_sign_up(self, workspace: WorkspaceId, digest: str) -> None:
        with self._lock:
            self._sign_ups.pop(_named(workspace, digest), None)

    def add_code(self, code: AuthorizationCode) -> None:
        with self._lock:
            self._codes[_named(code.workspace, code.digest)] = code

    def take_code(
        self, workspace: WorkspaceId, digest: str, *, now: int
    ) -> AuthorizationCode | None:
        with self._lock:
            before = self._codes.get(_named(workspace, digest))
            if before is None or now >= before.exp + CODE_TOMBSTONE_SECONDS:
                return None
            self._codes[_named(workspace, digest)] = replace(before, used=True, seed=None)
            return before

    def remember_session(self, code: AuthorizationCode, sid: SessionId) -> None:
        with self._lock:
            stored = self._codes.get(_named(code.workspace, code.digest))
            if stored is not None:
                self._codes[_named(code.workspace, code.digest)] = replace(stored, sid=sid)

    def add_browser(self, browser: BrowserSignIn, event: AuditEvent) -> None:
        with self._lock:
            name = _named(browser.person.workspace, browser.digest)
            self._audit.append(event)
            self._browsers[name] = browser

    def browser(self, workspace: WorkspaceId, digest: str, *, now: int) -> BrowserSignIn | None:
        with self._lock:
            found = self._browsers.get(_named(workspace, digest))
        return found if found is not None and now < found.exp else None

    def browsers_of(self, person: Person, *, now: int) -> Sequence[BrowserSignIn]:
        with self._lock:
            own = [each for each in self._browsers.values() if each.person == person]
        found = [each for each in own if now < each.exp]
        return sorted(found, key=lambda each: (-each.sign_in.auth_time, each.id))

    def sign_out_browser(self, browser: BrowserSignIn, event: AuditEvent) -> None:
        with self._lock:
            name = _named(browser.person.workspace, browser.digest)
            if name not in self._browsers:
                raise Stale
            self._audit.append(event)
            del self._browsers[name]

    def end_browser(self, workspace: WorkspaceId, digest: str) -> None:
        with self._lock:
            self._browsers.pop(_named(workspace, digest), None)

    def end_browsers(self, person: Person, *, but: str | None = None) -> None:
        if self.fails_to_end:
            raise StoreUnavailable("The store is not available.")
        with self._lock:
            for name in [n for n, kept in self._browsers.items() if kept.person == person]:
                if name[1] != but:
                    del self._browsers[name]

    def note_ending(self, ending: Ending) -> None:
        with self._lock:
            name = ending.root or ending.but
            if name is not None and not is_part(name):
                raise ValueError("not a part of a key")
            self._endings[ending.person, name] = ending

    def endings(self, person: Person, *, now: int) -> Sequence[Ending]:
        with self._lock:
            own = [each for each in self._endings.values() if each.person == person]
        return [each for each in own if now < each.at + ENDING_SECONDS]

    def drop(self, person: Person) -> int:
        """Forget a person's browsers; answers how many there were."""
        with self._lock:
            gone = [name for name, kept in self._browsers.items() if kept.person == person]
            for name in gone:
                del self._browsers[name]
        return len(gone)

    def attempts(
        self, workspace: WorkspaceId, subject: str, *, now: int, window: int = SIGN_IN_WINDOW
    ) -> Attempts:
        with self._lock:
            return self._attempts.get(_window(workspace, subject, now, window), Attempts(0, 0))

    def count_failure(
        self, workspace: WorkspaceId, subject: str, *, now: int, window: int = SIGN_IN_WINDOW
    ) -> Attempts:
        with self._lock:
            name = _window(workspace, subject, now, window)
            before = self._attempts.get(name, Attempts(0, 0))
            self._attempts[name] = Attempts(before.failures + 1, now)
            return self._attempts[name]

    def take_back(
        self,
        workspace: WorkspaceId,
        subject: str,
        *,
        counted: Attempts,
        uncounted: Attempts,
        now: int,
        window: int = SIGN_IN_WINDOW,
    ) -> None:
        with self._lock:
            name = _window(workspace, subject, now, window)
            there = self._attempts.get(name)
            if there == counted:
                self._attempts[name] = uncounted
            elif there is not None and there.failures > 0:
                self._attempts[name] = replace(there, failures=there.failures - 1)

    def lift(
        self,
        workspace: WorkspaceId,
        subjects: Sequence[tuple[str, int]],
        event: AuditEvent,
        *,
        now: int,
    ) -> None:
        names = [_window(workspace, subject, now, window) for subject, window in subjects]
        with self._lock:
            self._audit.append(event)
            for name in names:
                self._attempts.pop(name, None)


def _named(workspace: WorkspaceId, digest: str) -> _Named:
    if not is_part(workspace) or not is_part(digest):
        raise ValueError("not a part of a key")
    return workspace, digest


def _window(
    workspace: WorkspaceId, subject: str, now: int, window: int
) -> tuple[WorkspaceId, str, int]:
    kind, _, hashed = subject.partition(":")
    if kind not in {"acct", "addr"} or not is_part(hashed) or not is_part(workspace):
        raise ValueError("not a subject of attempts")
    return workspace, subject, now - now % window
