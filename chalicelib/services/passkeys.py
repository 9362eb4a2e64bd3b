"""Passkeys: the way in for whoever holds one, named by it and by nothing else."""

from dataclasses import dataclass, field
from typing import NoReturn

from chalicelib.domain.callers import Visit
from chalicelib.domain.challenges import Challenge, ChallengeKind
from chalicelib.domain.denials import ChallengeEnded, RateLimited, SigninRefused
from chalicelib.domain.errors import Stale
from chalicelib.domain.factors import Proof
from chalicelib.domain.ids import AppId, WorkspaceId, digest, new_secret, new_user_id
from chalicelib.domain.limits import CEREMONY_SECONDS
from chalicelib.domain.passkeys import Assertion, Passkey, RelyingParty, Shown
from chalicelib.domain.payloads import Payload
from chalicelib.domain.ports.login import ChallengeStore
from chalicelib.domain.ports.passkeys import Ceremonies, PasskeyStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.services.attempts import Guess, Guesses
from chalicelib.services.devices import Devices
from chalicelib.services.failures import Failures, Try
from chalicelib.services.users import Users

_KIND = ChallengeKind.PASSKEY
_ENDED = "This has taken too long. Start again."
_UNFIT = "That passkey does not fit here."


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What a browser is asked to do; the challenge is named when it was done."""

    challenge: str = field(repr=False)
    options: Payload = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A person by their passkey, and what it is worth."""

    person: Person
    proof: Proof


class Passkeys:
    """Showing a passkey; `bound` is what it is shown for, and nothing else takes the answer."""

    def __init__(
        self,
        *,
        party: RelyingParty,
        clock: Clock,
        store: PasskeyStore,
        ceremonies: Ceremonies,
        challenges: ChallengeStore,
        users: Users,
        guesses: Guesses,
        devices: Devices,
        failures: Failures,
    ) -> None:
        """Take the ports."""
        self._party = party
        self._clock = clock
        self._store = store
        self._ceremonies = ceremonies
        self._challenges = challenges
        self._users = users
        self._guesses = guesses
        self._devices = devices
        self._failures = failures

    def ask(self, workspace: WorkspaceId, *, bound: str, visit: Visit) -> Ceremony:
        """Answer what lets anybody choose a passkey and show it; it names nobody."""
        self._guesses.admit_ceremony(workspace, ip=visit.origin.ip)
        challenge = new_secret()
        self._challenges.open(
            Challenge(
                digest=digest(challenge),
                workspace=workspace,
                kind=_KIND,
                user=new_user_id(),  # nobody: who it is turns out when a passkey is shown
                bound=bound,
                exp=self._clock.now() + CEREMONY_SECONDS,
            )
        )
        return Ceremony(challenge, self._ceremonies.to_show(self._party, challenge=challenge))

    def show(
        self,
        workspace: WorkspaceId,
        said: Assertion,
        *,
        challenge: str,
        bound: str,
        visit: Visit,
        app: AppId | None,
        holder: Person | None = None,
    ) -> Recognised:
        """Answer whose passkey was shown; where it has to be somebody's, `holder` says whose.

        Raises `ChallengeEnded`, `SigninRefused` or `RateLimited`. One that is unknown, or removed,
        or another workspace's, gets the answer of one that was badly signed.
        """
        asked_at = self._clock.now()
        self._take(workspace, challenge, bound=bound)
        name = digest(said.id)
        passkey = self._store.find(workspace, name)
        if passkey is not None and holder not in (None, passkey.person):
            passkey = None
        one = Try(workspace, None if passkey is None else passkey.person, "passkey", visit, app)
        guess = self._admit(one, name)
        shown = None if passkey is None else self._proof(passkey, said, challenge=challenge)
        if passkey is None or shown is None:
            self._refuse(one, guess, "unknown" if passkey is None else "proof")
        if self._users.active(passkey.person) is None:
            self._refuse(one, guess, "suspended")
        try:
            self._store.use(
                passkey,
                sign_count=shown.sign_count,
                is_backed_up=shown.is_backed_up,
                now=self._clock.now(),
            )
        except Stale:
            # The count did not rise: there are two of a passkey of which there should be one.
            self._refuse(one, guess, "count")
        self._guesses.succeeded(guess)
        return Recognised(passkey.person, passkey.proof.asked(asked_at))

    def _take(self, workspace: WorkspaceId, challenge: str, *, bound: str) -> None:
        name, now = digest(challenge), self._clock.now()
        asked = self._challenges.get(workspace, name, kind=_KIND, now=now)
        if asked is None or asked.bound != bound or not self._challenges.close(asked):
            raise ChallengeEnded(_ENDED)

    def _proof(self, passkey: Passkey, said: Assertion, *, challenge: str) -> Shown | None:
        if passkey.rp_id != self._party.id:
            return None
        shown = self._ceremonies.shown(self._party, said, challenge=challenge, passkey=passkey)
        # Whether it can be copied between devices is for its whole life (WebAuthn, section 6.1.3).
        return shown if shown is not None and shown.is_synced == passkey.is_synced else None

    def _admit(self, one: Try, name: str) -> Guess:
        # Nobody has no browser, and it is looked for all the same.
        person = one.person or Person(one.workspace, new_user_id())
        device = self._devices.known(person, one.visit)
        try:
            return self._guesses.admit_passkey(
                one.workspace, name, ip=one.visit.origin.ip, device=device
            )
        except RateLimited as refusal:
            self._failures.refused(one, refusal)
            raise

    def _refuse(self, one: Try, guess: Guess, reason: str) -> NoReturn:
        self._failures.failed(one, guess, reason=reason)
        raise SigninRefused(_UNFIT, tries_left=guess.tries_left)
