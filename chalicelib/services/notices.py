"""Notices: what people are told of their account without having asked."""

from contextlib import suppress

from chalicelib.domain.agents import browser_of, network_of
from chalicelib.domain.callers import Visit
from chalicelib.domain.device_authorizations import DeviceAuthorization
from chalicelib.domain.errors import NotFound, StoreUnavailable
from chalicelib.domain.ids import AppId
from chalicelib.domain.limits import CHALLENGE_SECONDS
from chalicelib.domain.ports.surroundings import Clock, Mailer
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.applications import Applications
from chalicelib.services.attempts import Guesses
from chalicelib.services.notice_mails import (
    Notice,
    device_mail,
    emergency_mail,
    let_in_mail,
    linked_mail,
    locked_mail,
)
from chalicelib.services.users import Users
from chalicelib.services.workspaces import Workspaces


class Notices:
    """Mails about sign-ins; one that cannot be sent stops nothing."""

    def __init__(
        self,
        *,
        clock: Clock,
        users: Users,
        guesses: Guesses,
        mailer: Mailer,
        workspaces: Workspaces,
        applications: Applications,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._users = users
        self._guesses = guesses
        self._mailer = mailer
        self._workspaces = workspaces
        self._applications = applications

    def arrived(self, person: Person, *, app: AppId, visit: Visit) -> None:
        """Tell a person of a sign-in from a browser that was not known as theirs."""
        now, user = self._clock.now(), self._users.active(person)
        # Whoever has just made the account knows where.
        if user is None or now - user.created_at < CHALLENGE_SECONDS:
            return
        self._send(
            user,
            device_mail(
                place=self._place(person, app),
                at=now,
                browser=browser_of(visit.origin.agent),
                network=network_of(visit.origin.ip),
            ),
        )

    def let_in(self, person: Person, asked: DeviceAuthorization) -> None:
        """Tell a person of a device that was let in as them."""
        user = self._users.active(person)
        if user is not None:
            place, asker = self._place(person, asked.app), asked.asker
            self._send(
                user,
                let_in_mail(place=place, at=asker.at, program=asker.program, network=asker.network),
            )

    def linked(self, person: Person, *, provider: str, app: AppId) -> None:
        """Tell a person that a provider elsewhere signs them in from now on."""
        user = self._users.active(person)
        if user is not None:
            self._send(user, linked_mail(provider, place=self._place(person, app)))

    def emergency(self, workspace: Workspace, person: Person, *, app: AppId, visit: Visit) -> None:
        """Tell all who are named for emergencies that one of them came in by another way."""
        notice = emergency_mail(
            place=self._place(person, app),
            at=self._clock.now(),
            browser=browser_of(visit.origin.agent),
            network=network_of(visit.origin.ip),
        )
        for named in workspace.break_glass:
            user = self._users.active(Person(workspace.id, named))
            if user is not None:
                self._send(user, notice)

    def locked(self, person: Person, *, app: AppId | None, until: int) -> None:
        """Tell a person that guessing at their account was stopped."""
        user = self._users.active(person)
        if user is not None:
            self._send(user, locked_mail(place=self._place(person, app), until=until))

    def _place(self, person: Person, app: AppId | None) -> str:
        if app is not None:
            with suppress(NotFound):
                return self._applications.get(person.workspace, app).name
        return self._workspaces.get(person.workspace).name

    def _send(self, user: User, notice: Notice) -> None:
        email = self._users.profile(user).email
        if email is None or not self._guesses.admits_notice(user.person):
            return
        with suppress(StoreUnavailable):
            self._mailer.send(notice(email))
