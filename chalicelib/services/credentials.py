"""Credentials: what people prove themselves with, changed: others signed out, the person told."""

from collections.abc import Callable
from contextlib import suppress

from chalicelib.domain.audit import Actor
from chalicelib.domain.callers import Visit
from chalicelib.domain.challenges import Challenge
from chalicelib.domain.errors import StoreUnavailable
from chalicelib.domain.ids import AppId
from chalicelib.domain.ports.surroundings import Mailer
from chalicelib.domain.users import User
from chalicelib.services.devices import Devices
from chalicelib.services.endings import Endings
from chalicelib.services.grants import Grants
from chalicelib.services.notice_mails import Notice, password_mail
from chalicelib.services.users import Users


class Credentials:
    """Changes after which nobody else stays signed in."""

    def __init__(
        self, *, users: Users, devices: Devices, grants: Grants, endings: Endings, mailer: Mailer
    ) -> None:
        """Take the services of what ends and of what begins."""
        self._users = users
        self._devices = devices
        self._grants = grants
        self._endings = endings
        self._mailer = mailer

    def change_password(
        self,
        user: User,
        password: str,
        *,
        method: str,
        place: str,
        visit: Visit,
        app: AppId | None = None,
        but: str | None = None,
    ) -> None:
        """Replace a password by one that was judged; raises `Stale` when a change came first.

        `place` is what the person knows it as the password of, `but` the browser that stays
        signed in, or the conversation in which it happens.
        """
        self._users.change_password(user, password, method=method, origin=visit.origin, app=app)
        # Whoever knew the password before is a stranger now, wherever they used it.
        self._devices.forget_others(user.person, visit)
        self.changed(user, password_mail(place=place), visit=visit, but=but)

    def changed(self, user: User, notice: Notice, *, visit: Visit, but: str | None) -> None:
        """End every sign-in of a person whose credentials changed, but one, and tell them."""
        self._grants.log_out_person(user.person, visit, but=but)
        self.tell(user, notice)

    def withdrawn(
        self,
        user: User,
        notice: Notice,
        *,
        withdraw: Callable[[], None],
        actor: Actor,
        visit: Visit,
    ) -> None:
        """Let an operator take credentials of a person away, whom nobody is signed in as then.

        Their browsers are forgotten, as it may be a stranger who made them known.
        """
        self._devices.forget_others(user.person, visit)
        self._grants.log_out_person(user.person, visit, actor=actor, meanwhile=withdraw)
        self.tell(user, notice)

    def overtook(self, challenge: Challenge) -> bool:
        """Tell whether they were changed since a conversation began, outside of it."""
        return self._endings.covers_challenge(challenge)

    def tell(self, user: User, notice: Notice) -> None:
        """Mail a notice to a person."""
        self.tell_at(self._users.profile(user).address, notice)

    def tell_at(self, address: str, notice: Notice) -> None:
        """Mail a notice to an address."""
        # The change is made and recorded: a notice that cannot be sent does not undo it.
        with suppress(StoreUnavailable):
            self._mailer.send(notice(address))
