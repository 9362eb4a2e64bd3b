"""Ports to what a login needs for minutes: codes, challenges, browser sign-ins, attempts."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.challenges import Challenge, ChallengeKind
from chalicelib.domain.endings import Ending
from chalicelib.domain.ids import FamilyId, SessionId, WorkspaceId
from chalicelib.domain.limits import SIGN_IN_WINDOW
from chalicelib.domain.login import Attempts, AuthorizationCode, BrowserSignIn, SignUp
from chalicelib.domain.pushed_requests import PushedRequest
from chalicelib.domain.refresh import RefreshFamily
from chalicelib.domain.sessions import Person


class LoginStore(Protocol):
    """Rows that end by themselves; every method compares their time, none trusts the sweeper."""

    def open_sign_up(self, sign_up: SignUp) -> None:
        """Store an account in waiting; a known digest is replaced."""
        ...

    def sign_up(self, workspace: WorkspaceId, digest: str, *, now: int) -> SignUp | None:
        """Answer an account in waiting."""
        ...

    def count_try(self, workspace: WorkspaceId, digest: str, *, now: int) -> SignUp | None:
        """Count one typed code and answer the row as it stands after; `None` when it is over."""
        ...

    def close_sign_up(self, workspace: WorkspaceId, digest: str) -> None:
        """Remove an account in waiting."""
        ...

    def add_code(self, code: AuthorizationCode) -> None:
        """Store an authorisation code."""
        ...

    def take_code(
        self, workspace: WorkspaceId, digest: str, *, now: int
    ) -> AuthorizationCode | None:
        """Mark a code used and answer it as it stood before: `used` tells a second use."""
        ...

    def remember_session(self, code: AuthorizationCode, sid: SessionId) -> None:
        """Note which session a used code gave, so that a second use can end its grant."""
        ...

    def add_browser(self, browser: BrowserSignIn, event: AuditEvent) -> None:
        """Store a browser's sign-in with its audit event."""
        ...

    def browser(self, workspace: WorkspaceId, digest: str, *, now: int) -> BrowserSignIn | None:
        """Answer the sign-in behind a cookie."""
        ...

    def browsers_of(self, person: Person, *, now: int) -> Sequence[BrowserSignIn]:
        """Answer every browser's sign-in of a person, the newest first, read consistently."""
        ...

    def sign_out_browser(self, browser: BrowserSignIn, event: AuditEvent) -> None:
        """Forget one browser's sign-in with its audit event; raises `Stale` when it is gone."""
        ...

    def end_browser(self, workspace: WorkspaceId, digest: str) -> None:
        """Forget one browser's sign-in."""
        ...

    def end_browsers(self, person: Person, *, but: str | None = None) -> None:
        """Forget every browser's sign-in of a person; the one of the digest `but` stays."""
        ...

    def note_ending(self, ending: Ending) -> None:
        """Note that sign-ins were ended, in the place of an earlier end of the same.

        What spares a browser or a conversation takes the place of its like alone.
        """
        ...

    def endings(self, person: Person, *, now: int) -> Sequence[Ending]:
        """Answer the ends of which something may be under way still, read consistently."""
        ...

    def attempts(
        self, workspace: WorkspaceId, subject: str, *, now: int, window: int = SIGN_IN_WINDOW
    ) -> Attempts:
        """Answer the failures of `acct:<hash>` or `addr:<hash>` in the present window.

        A subject has windows of one length only; `window` is that length.
        """
        ...

    def count_failure(
        self, workspace: WorkspaceId, subject: str, *, now: int, window: int = SIGN_IN_WINDOW
    ) -> Attempts:
        """Count a failure and answer the sum, exactly, whoever counts at the same time."""
        ...

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
        """Make it `uncounted` while it still stands as `counted`, or one less than it is now."""
        ...

    def lift(
        self,
        workspace: WorkspaceId,
        subjects: Sequence[tuple[str, int]],
        event: AuditEvent,
        *,
        now: int,
    ) -> None:
        """Forget the failures of subjects, each with its window's length, with the audit event."""
        ...


class PushedRequestStore(Protocol):
    """Requests that wait for their browser; one whose time is over is not there."""

    def add(self, pushed: PushedRequest) -> None:
        """Store a request."""
        ...

    def take(self, workspace: WorkspaceId, digest: str, *, now: int) -> PushedRequest | None:
        """Answer a request to the first who takes it, and to nobody after."""
        ...


class ReplayStore(Protocol):
    """What may be shown once: ids of proofs and assertions, by their digests."""

    def claim(self, workspace: WorkspaceId, digest: str, *, exp: int, now: int) -> bool:
        """Note that something was shown, good until `exp`; of all who show it one is the first."""
        ...


class ChallengeStore(Protocol):
    """Challenges; one that is over, or of another kind, is not there."""

    def open(self, challenge: Challenge) -> None:
        """Store a challenge; a known digest is replaced."""
        ...

    def get(
        self, workspace: WorkspaceId, digest: str, *, kind: ChallengeKind, now: int
    ) -> Challenge | None:
        """Answer a challenge, read consistently."""
        ...

    def count_try(
        self, workspace: WorkspaceId, digest: str, *, kind: ChallengeKind, now: int
    ) -> Challenge | None:
        """Count one try and answer the challenge as it stands after; `None` when it is over.

        Over is one whose time has come, and one that was tried `CHALLENGE_TRIES` times.
        """
        ...

    def close(self, challenge: Challenge) -> bool:
        """Remove a challenge; of all who come at the same moment, one is told that it was there."""
        ...


class RefreshStore(Protocol):
    """Families of refresh tokens; one that is over is not there, one that was ended is."""

    def add(self, family: RefreshFamily) -> None:
        """Store a new family; raises `Stale` when its name is taken."""
        ...

    def get(self, workspace: WorkspaceId, family: FamilyId, *, now: int) -> RefreshFamily | None:
        """Answer a family, read consistently."""
        ...

    def rotate(self, before: RefreshFamily, after: RefreshFamily) -> None:
        """Store the family with its next token.

        Raises `Stale` unless the token of `before` still counts, and `Contended` where another
        held the family at that moment.
        """
        ...

    def end(self, family: RefreshFamily) -> None:
        """End a family for good; its name stays known until its time is over."""
        ...

    def of(self, person: Person, *, now: int) -> Sequence[RefreshFamily]:
        """Answer the families of a person that go on, read consistently."""
        ...
