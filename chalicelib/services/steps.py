"""Steps: what a person still has to show after the first proof, and what they showed."""

from collections.abc import Callable
from dataclasses import dataclass, field

from chalicelib.domain.callers import Visit
from chalicelib.domain.challenges import Challenge, ChallengeKind
from chalicelib.domain.denials import ChallengeEnded
from chalicelib.domain.factors import Proof, StepKind
from chalicelib.domain.ids import AppId, WorkspaceId, digest, new_secret
from chalicelib.domain.limits import CHALLENGE_SECONDS
from chalicelib.domain.ports.login import ChallengeStore
from chalicelib.domain.ports.passkeys import PasskeyStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User
from chalicelib.domain.visitors import Luggage
from chalicelib.services.credentials import Credentials
from chalicelib.services.enrolments import Enrolments, Setup
from chalicelib.services.notice_mails import recovery_mail
from chalicelib.services.second_factors import SecondFactors
from chalicelib.services.users import Users
from chalicelib.services.workspaces import Workspaces

_ENDED = "This sign-in has taken too long. Start again."


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked next; the challenge is named when it is answered."""

    kind: StepKind
    challenge: str = field(repr=False)
    setup: Setup | None = None
    recovery_codes: tuple[str, ...] = field(repr=False, default=())
    luggage: Luggage | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """A person, and what they have shown so far."""

    user: User
    proof: Proof


class Steps:
    """The conversation between a first proof and a sign-in; `bound` is what it is all for."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: ChallengeStore,
        passkeys: PasskeyStore,
        users: Users,
        second: SecondFactors,
        enrolments: Enrolments,
        credentials: Credentials,
        workspaces: Workspaces,
    ) -> None:
        """Take the ports, and what is asked for."""
        self._clock = clock
        self._store = store
        self._passkeys = passkeys
        self._users = users
        self._second = second
        self._enrolments = enrolments
        self._credentials = credentials
        self._workspaces = workspaces

    def owed(
        self, person: Person, proof: Proof, *, bound: str, wants_two: bool = False
    ) -> Step | None:
        """Answer what somebody has to show before they are in, if there is anything."""
        if proof.is_twofold:
            return None
        second = self.second(person, proof, bound=bound)
        workspace = self._workspaces.get(person.workspace)
        if second is not None or not (workspace.require_mfa or wants_two):
            return second
        setup = self._enrolments.begin(
            self._user(person), proof, issuer=workspace.name, bound=bound
        )
        return Step(StepKind.ENROLMENT, setup.challenge, setup=setup)

    def second(self, person: Person, proof: Proof, *, bound: str) -> Step | None:
        """Answer the second factor that somebody is asked for who has one."""
        if not self._second.of(person).are_any:
            return None
        return Step(StepKind.TOTP, self._asked(person, proof, ChallengeKind.TOTP, bound=bound))

    def enrol(
        self,
        workspace: WorkspaceId,
        *,
        challenge: str,
        typed: str,
        bound: str,
        place: str,
        visit: Visit,
        app: AppId | None,
    ) -> Step:
        """Take an authenticator into use that had to be set up; answers its recovery codes.

        It takes the place of none: a factor that was set up meanwhile is asked for.
        """
        asked, _ = self._open(workspace, challenge, ChallengeKind.ENROLMENT, bound=bound)
        done = self._enrolments.confirm(
            asked.person,
            challenge=challenge,
            typed=typed,
            bound=bound,
            place=place,
            visit=visit,
            app=app,
            but=asked.digest,
        )
        # It ended what its person had begun elsewhere, as they may have ended this meanwhile.
        proof = done.proof.asked(self._clock.now())
        if self._credentials.overtook(asked):
            raise ChallengeEnded(_ENDED)
        # A code for the application would be over before ten of these are written down.
        kept = self._asked(asked.person, proof, ChallengeKind.KEEPING, bound=bound)
        return Step(StepKind.RECOVERY_CODES, kept, recovery_codes=done.recovery_codes)

    def keep(self, workspace: WorkspaceId, *, challenge: str, bound: str) -> Proven:
        """Answer who has seen their recovery codes; raises `ChallengeEnded`."""
        asked, proof = self._open(workspace, challenge, ChallengeKind.KEEPING, bound=bound)
        return self._closed(asked, proof)

    def offer(self, person: Person, proof: Proof, *, bound: str) -> Step | None:
        """Answer the step in which a passkey is offered to whoever owes nothing and has none."""
        if self._passkeys.of(person):
            return None
        kind = ChallengeKind.PASSKEY_OFFER
        return Step(StepKind.PASSKEY_OFFER, self._asked(person, proof, kind, bound=bound))

    def offered(self, workspace: WorkspaceId, *, challenge: str, bound: str) -> Proven:
        """Answer who was offered a passkey; raises `ChallengeEnded`."""
        asked, proof = self._open(workspace, challenge, ChallengeKind.PASSKEY_OFFER, bound=bound)
        return Proven(self._user(asked.person), proof)

    def settle(self, workspace: WorkspaceId, *, challenge: str, bound: str) -> Proven:
        """Close an offer, taken or not, and answer whose it was; raises `ChallengeEnded`."""
        asked, proof = self._open(workspace, challenge, ChallengeKind.PASSKEY_OFFER, bound=bound)
        return self._closed(asked, proof)

    def choose(self, person: Person, proof: Proof, luggage: Luggage, *, bound: str) -> Step:
        """Answer the step in which a person says what becomes of what a visitor left here."""
        asked = self._asked(person, proof, ChallengeKind.VISIT, bound=bound)
        return Step(StepKind.VISITOR, asked, luggage=luggage)

    def choosing(self, workspace: WorkspaceId, *, challenge: str, bound: str) -> Proven:
        """Answer who is choosing; raises `ChallengeEnded`."""
        asked, proof = self._open(workspace, challenge, ChallengeKind.VISIT, bound=bound)
        return Proven(self._user(asked.person), proof)

    def chosen(self, workspace: WorkspaceId, *, challenge: str, bound: str) -> Proven:
        """Close a choice and answer whose it was; raises `ChallengeEnded`."""
        asked, proof = self._open(workspace, challenge, ChallengeKind.VISIT, bound=bound)
        return self._closed(asked, proof)

    def show_totp(
        self,
        workspace: WorkspaceId,
        *,
        challenge: str,
        typed: str,
        bound: str,
        visit: Visit,
        app: AppId | None,
    ) -> Proven:
        """Answer who showed an authenticator's code.

        Raises `ChallengeEnded`, `SigninRefused` or `RateLimited`.
        """

        def show(user: User) -> None:
            self._second.show_totp(user.person, typed, visit=visit, app=app)

        return self._shown(workspace, challenge, show, bound=bound)

    def show_recovery(
        self,
        workspace: WorkspaceId,
        *,
        challenge: str,
        typed: str,
        bound: str,
        place: str,
        visit: Visit,
        app: AppId | None,
    ) -> Proven:
        """Answer who showed a recovery code, which is used up; raises as `show_totp` does."""

        def show(user: User) -> None:
            left = self._second.show_recovery(user.person, typed, visit=visit, app=app)
            self._credentials.tell(user, recovery_mail(left, place=place))

        return self._shown(workspace, challenge, show, bound=bound)

    def _asked(self, person: Person, proof: Proof, kind: ChallengeKind, *, bound: str) -> str:
        challenge = new_secret()
        self._store.open(
            Challenge(
                digest=digest(challenge),
                workspace=person.workspace,
                kind=kind,
                user=person.user,
                bound=bound,
                # It was begun when what is shown so far was asked for.
                exp=proof.asked_at + CHALLENGE_SECONDS,
                method=proof.method,
                amr=proof.amr,
            )
        )
        return challenge

    def _shown(
        self, workspace: WorkspaceId, challenge: str, show: Callable[[User], None], *, bound: str
    ) -> Proven:
        # Its tries are counted for the person, over all conversations, and delayed.
        asked, proof = self._open(workspace, challenge, ChallengeKind.TOTP, bound=bound)
        show(self._user(asked.person))
        return self._closed(asked, proof.with_second("otp"))

    def _open(
        self, workspace: WorkspaceId, challenge: str, kind: ChallengeKind, *, bound: str
    ) -> tuple[Challenge, Proof]:
        now = self._clock.now()
        asked = self._store.get(workspace, digest(challenge), kind=kind, now=now)
        if asked is None or asked.bound != bound or self._credentials.overtook(asked):
            raise ChallengeEnded(_ENDED)
        # What stood until now was not ended: an end from now on is looked for by the next step.
        return asked, Proof(asked.method, asked.amr, asked_at=now)

    def _closed(self, asked: Challenge, proof: Proof) -> Proven:
        user = self._user(asked.person)
        # One conversation ends in one sign-in, however many answered it at once.
        if not self._store.close(asked):
            raise ChallengeEnded(_ENDED)
        return Proven(user, proof)

    def _user(self, person: Person) -> User:
        user = self._users.active(person)
        if user is None:
            raise ChallengeEnded(_ENDED)
        return user
