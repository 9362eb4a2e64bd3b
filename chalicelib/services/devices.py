"""Devices: tells a person's own browsers from those of strangers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.domain.agents import browser_of
from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.callers import Visit
from chalicelib.domain.devices import KnownDevice, device_cookie_name, secrets_of, value_of
from chalicelib.domain.ids import WorkspaceId, digest, new_secret
from chalicelib.domain.limits import DEVICE_SECONDS
from chalicelib.domain.ports.devices import DeviceStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.services.audit import Trail


@dataclass(frozen=True, slots=True)
class Mark:
    """What a browser keeps to be known again: the new value of its cookie of one workspace."""

    workspace: WorkspaceId
    value: str = field(repr=False)


class Devices:
    """Browsers in which people proved who they are; being known signs nobody in."""

    def __init__(self, *, clock: Clock, store: DeviceStore, trail: Trail) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._trail = trail

    def known(self, person: Person, visit: Visit) -> str | None:
        """Answer the digest by which a browser is known as this person's.

        It costs what the cookie holds, and the same for somebody who does not exist.
        """
        now = self._clock.now()
        shown = map(digest, self._shown(person, visit))
        found = [one for one in shown if self._store.knows(person, one, now=now)]
        return found[0] if found else None

    def remember(self, person: Person, visit: Visit) -> Mark:
        """Mark a browser as a person's, by a secret that is new each time.

        What the browser came with is never made to mean this person: it could have been planted.
        """
        old, secret = self.known(person, visit), new_secret()
        exp = self._clock.now() + DEVICE_SECONDS
        agent = browser_of(visit.origin.agent)
        self._store.add(KnownDevice(digest=digest(secret), person=person, exp=exp, agent=agent))
        if old is not None:
            self._store.forget(person, old)
        others = (one for one in self._shown(person, visit) if digest(one) != old)
        return Mark(person.workspace, value_of((secret, *others)))

    def forget_others(self, person: Person, visit: Visit) -> None:
        """Forget every browser of a person but the one that asks."""
        here = self.known(person, visit)
        self._store.forget_others(person, but=() if here is None else (here,))

    def of(self, person: Person) -> Sequence[KnownDevice]:
        """Answer a person's browsers, the last used first."""
        return self._store.of(person, now=self._clock.now())

    def forget(self, device: KnownDevice, visit: Visit) -> None:
        """Forget one browser of a person, who asked for it; raises `Stale` when it is gone."""
        person = device.person
        event = self._trail.event(
            AuditAction.USER_UPDATED,
            workspace=person.workspace,
            actor=Actor(ActorKind.USER, person.user),
            origin=visit.origin,
            subject=person.user,
            meta={"changed": "devices"},
        )
        self._store.remove(device, event)

    @staticmethod
    def _shown(person: Person, visit: Visit) -> tuple[str, ...]:
        return secrets_of(visit.devices.get(device_cookie_name(person.workspace), ""))
