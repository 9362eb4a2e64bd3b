"""Registrations: passkeys are made, named and taken away, and their people told of it."""

from dataclasses import dataclass, field

from chalicelib.domain.audit import Actor, ActorKind, AuditAction, AuditEvent
from chalicelib.domain.callers import Visit
from chalicelib.domain.challenges import Challenge, ChallengeKind
from chalicelib.domain.denials import ChallengeEnded, Forbidden, SigninRefused
from chalicelib.domain.errors import Duplicate, Fault, InvalidInput, NotFound, Stale
from chalicelib.domain.ids import AppId, digest, new_secret
from chalicelib.domain.limits import CEREMONY_SECONDS, MAX_PASSKEYS
from chalicelib.domain.passkeys import (
    Attestation,
    Holder,
    Passkey,
    RelyingParty,
    first_name,
    handle_of,
    passkey_name_of,
    passkey_place,
    transports_of,
)
from chalicelib.domain.ports.login import ChallengeStore
from chalicelib.domain.ports.passkeys import Ceremonies, PasskeyStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User
from chalicelib.services.audit import Trail
from chalicelib.services.contention import settled
from chalicelib.services.credentials import Credentials
from chalicelib.services.keys import Keys
from chalicelib.services.notice_mails import passkey_mail
from chalicelib.services.passkeys import Ceremony
from chalicelib.services.users import Users

_KIND = ChallengeKind.NEW_PASSKEY
_ENDED = "This has taken too long. Start again."


@dataclass(frozen=True, slots=True)
class Named:
    """A passkey, and what its person calls it."""

    passkey: Passkey
    name: str = field(repr=False)


class Registrations:
    """The passkeys of people, from the first gesture to the end; `bound` is where they are made."""

    def __init__(
        self,
        *,
        party: RelyingParty,
        clock: Clock,
        store: PasskeyStore,
        ceremonies: Ceremonies,
        challenges: ChallengeStore,
        keys: Keys,
        users: Users,
        credentials: Credentials,
        trail: Trail,
    ) -> None:
        """Take the ports."""
        self._party = party
        self._clock = clock
        self._store = store
        self._ceremonies = ceremonies
        self._challenges = challenges
        self._keys = keys
        self._users = users
        self._credentials = credentials
        self._trail = trail

    def of(self, person: Person) -> tuple[Named, ...]:
        """Answer a person's passkeys, the oldest first."""
        return tuple(Named(each, self._name(each)) for each in self._store.of(person))

    def begin(self, user: User, *, place: str, bound: str) -> Ceremony:
        """Answer what lets a browser make a passkey; `place` tells it from those of elsewhere."""
        person, challenge = user.person, new_secret()
        known = self._store.of(person)
        _leave_room(len(known))
        profile = self._users.profile(user)
        # One host serves many workspaces, and a browser lists them all under it.
        holder = Holder(
            handle=handle_of(person),
            name=f"{profile.email} · {place}",
            display_name=f"{profile.name or profile.email} · {place}",
        )
        self._challenges.open(
            Challenge(
                digest=digest(challenge),
                workspace=person.workspace,
                kind=_KIND,
                user=person.user,
                bound=bound,
                exp=self._clock.now() + CEREMONY_SECONDS,
            )
        )
        options = self._ceremonies.to_make(
            self._party, challenge=challenge, holder=holder, known=known
        )
        return Ceremony(challenge, options)

    def finish(
        self,
        user: User,
        said: Attestation,
        *,
        challenge: str,
        name: str | None,
        bound: str,
        place: str,
        visit: Visit,
        app: AppId | None = None,
        but: str | None = None,
    ) -> Named:
        """Keep a passkey that was made, and end the other sign-ins.

        Raises `ChallengeEnded`, `SigninRefused` or `Duplicate`. `but` is the browser in which it
        happens.
        """
        chosen = None if name is None else passkey_name_of(name)
        self._take(user.person, challenge, bound=bound)
        made = self._ceremonies.made(self._party, said, challenge=challenge)
        if made is None:
            raise SigninRefused("That passkey could not be verified.", tries_left=0)
        _leave_room(len(self._store.of(user.person)))
        called = chosen or first_name(made.aaguid)
        passkey = Passkey(
            id=made.id,
            person=user.person,
            rp_id=self._party.id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            is_synced=made.is_synced,
            is_backed_up=made.is_backed_up,
            transports=transports_of(said.transports),
            aaguid=made.aaguid,
            name=self._keys.seal(passkey_place(user.person), called.encode()),
            created_at=self._clock.now(),
        )
        event = self._event(AuditAction.FACTOR_ADDED, user.person, visit=visit, app=app)
        try:
            self._store.add(passkey, event)
        except Stale:
            raise Duplicate("This passkey is known already.") from None
        self._credentials.changed(user, passkey_mail("added", place=place), visit=visit, but=but)
        return Named(passkey, called)

    def rename(self, person: Person, passkey_id: str, name: str, *, visit: Visit) -> Named:
        """Give a passkey another name; raises `NotFound`."""
        chosen, (found, _) = passkey_name_of(name), self._held(person, passkey_id)
        sealed = self._keys.seal(passkey_place(person), chosen.encode())
        event = self._event(AuditAction.USER_UPDATED, person, visit=visit)
        try:
            self._store.rename(found, sealed, event)
        except Stale:
            raise _none() from None
        return Named(found, chosen)

    def remove(
        self, user: User, passkey_id: str, *, place: str, visit: Visit, but: str | None
    ) -> None:
        """Take a passkey away, and end the other sign-ins; raises `NotFound`.

        Raises `Forbidden` where nothing else would let its person in.
        """
        is_spare = user.password is not None or user.is_vouched_for

        def step() -> None:
            found, others = self._held(user.person, passkey_id)
            # Of two that are removed at once, each may be the other's other way.
            beside = None if is_spare else next(iter(others), None)
            if beside is None and not is_spare:
                raise Forbidden("This passkey is your only way to sign in. Add another one first.")
            event = self._event(AuditAction.FACTOR_REMOVED, user.person, visit=visit)
            self._store.remove(found, event, beside=beside)

        settled(self._clock, step)
        self._credentials.changed(user, passkey_mail("removed", place=place), visit=visit, but=but)

    def _take(self, person: Person, challenge: str, *, bound: str) -> None:
        name, now = digest(challenge), self._clock.now()
        asked = self._challenges.get(person.workspace, name, kind=_KIND, now=now)
        if asked is None or (asked.person, asked.bound) != (person, bound):
            raise ChallengeEnded(_ENDED)
        if not self._challenges.close(asked):
            raise ChallengeEnded(_ENDED)

    def _held(self, person: Person, passkey_id: str) -> tuple[Passkey, list[Passkey]]:
        held = self._store.of(person)
        found = next((each for each in held if each.digest == passkey_id), None)
        if found is None:
            raise _none()
        return found, [each for each in held if each is not found]

    def _name(self, passkey: Passkey) -> str:
        return self._keys.open(passkey_place(passkey.person), passkey.name).decode()

    def _event(
        self, action: AuditAction, person: Person, *, visit: Visit, app: AppId | None = None
    ) -> AuditEvent:
        return self._trail.event(
            action,
            workspace=person.workspace,
            actor=Actor(ActorKind.USER, person.user),
            origin=visit.origin,
            subject=person.user,
            app=app,
            meta={"kind": "passkey"},
        )


def _leave_room(held: int) -> None:
    if held >= MAX_PASSKEYS:
        raise InvalidInput(
            "Remove a passkey first.", Fault("/credential", f"{MAX_PASSKEYS} at most")
        )


def _none() -> NotFound:
    return NotFound("There is no such passkey.")
