"""One's own sign-ins: where a person is signed in, what goes on by itself, and the end of either.

To end something takes a sign-in and no fresh proof of it: whoever finds a stranger in the list
must not be held up, and a stranger can take away no more than what the next sign-in brings back.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.callers import PersonCaller
from chalicelib.domain.devices import KnownDevice
from chalicelib.domain.errors import NotFound, Stale
from chalicelib.domain.ids import BrowserId, root_of
from chalicelib.domain.limits import ID_TOKEN_SECONDS, MAX_TOKEN_SECONDS
from chalicelib.domain.login import BrowserSignIn
from chalicelib.domain.ports.login import RefreshStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.refresh import RefreshFamily
from chalicelib.services.applications import Applications
from chalicelib.services.browsers import Browsers
from chalicelib.services.devices import Devices
from chalicelib.services.grants import Grants


@dataclass(frozen=True, slots=True)
class Holding:
    """An application that goes on without its person, and the sign-in that let it, if it stands."""

    family: RefreshFamily
    name: str
    browser: BrowserId | None


class OwnSignIns:
    """What a person's own proofs gave, listed by names that are no use to anybody else."""

    def __init__(
        self,
        *,
        clock: Clock,
        refresh: RefreshStore,
        applications: Applications,
        browsers: Browsers,
        devices: Devices,
        grants: Grants,
    ) -> None:
        """Take the ports, and the services of what begins and ends."""
        self._clock = clock
        self._refresh = refresh
        self._applications = applications
        self._browsers = browsers
        self._devices = devices
        self._grants = grants

    def of(self, caller: PersonCaller) -> Sequence[BrowserSignIn]:
        """Answer every browser in which the person is signed in, the newest first."""
        return self._browsers.of(caller.person)

    def end(self, caller: PersonCaller, name: str) -> bool:
        """End one browser's sign-in with what it gave, and tell whether it was the caller's own.

        Raises `NotFound`.
        """
        found = next((each for each in self.of(caller) if each.id == name), None)
        if found is None:
            raise NotFound("There is no such sign-in.")
        browser = found.id
        self._grants.end_sign_in(
            caller.person, browser, caller.visit, sign_out=lambda: self._sign_out(caller, browser)
        )
        return browser == caller.browser.id

    def end_others(self, caller: PersonCaller) -> None:
        """End every sign-in and every token of the person, and forget every browser, but this one.

        Applications in this browser get other tokens by its sign-in, which stays.
        """
        for browser in self.of(caller):
            if browser.digest != caller.browser.digest:
                self._browsers.sign_out(browser, caller.visit)
        self._devices.forget_others(caller.person, caller.visit)
        self._grants.log_out_person(caller.person, caller.visit, but=caller.browser.digest)

    def holdings(self, caller: PersonCaller) -> tuple[Holding, ...]:
        """Answer the applications that hold a refresh token, the last used first."""
        standing = {root_of(each.id): each.id for each in self.of(caller)}
        families = self._refresh.of(caller.person, now=self._clock.now())
        return tuple(
            Holding(family, self._name(family), standing.get(root_of(family.grant)))
            for family in sorted(families, key=lambda each: (-each.rotated_at, each.id))
        )

    def end_holding(self, caller: PersonCaller, name: str) -> None:
        """End what one application holds, tokens of the same sign-in too; raises `NotFound`."""
        now = self._clock.now()
        for family in self._refresh.of(caller.person, now=now):
            if family.handle == name:
                self._grants.end_grant(
                    family.ref.partition,
                    family.grant,
                    until=now + MAX_TOKEN_SECONDS + ID_TOKEN_SECONDS,
                    action=AuditAction.GRANT_REVOKED,
                    visit=caller.visit,
                )
                return
        raise NotFound("This application holds nothing of yours any more.")

    def devices(self, caller: PersonCaller) -> tuple[Sequence[KnownDevice], str | None]:
        """Answer the browsers that are known as the person's, and which of them asks."""
        here = self._devices.known(caller.person, caller.visit)
        found = self._devices.of(caller.person)
        return found, next((each.id for each in found if each.digest == here), None)

    def forget_device(self, caller: PersonCaller, name: str) -> None:
        """Forget a browser: the next sign-in there is a stranger's; raises `NotFound`."""
        found = next((each for each in self._devices.of(caller.person) if each.id == name), None)
        if found is not None:
            with suppress(Stale):
                self._devices.forget(found, caller.visit)
                return
        raise NotFound("This browser is not known.")

    def _sign_out(self, caller: PersonCaller, browser: BrowserId) -> None:
        # Who signed in twice at the same moment has two cookies by one name.
        for each in self.of(caller):
            if each.id == browser:
                self._browsers.sign_out(each, caller.visit)

    def _name(self, family: RefreshFamily) -> str:
        partition = family.ref.partition
        try:
            return self._applications.get(partition.workspace, partition.app).name
        except NotFound:
            return partition.app
