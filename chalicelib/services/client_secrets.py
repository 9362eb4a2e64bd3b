"""Secrets of clients: made for a server, shown once, and removed."""

from dataclasses import dataclass, field, replace

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import AuditAction
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.clients import ClientSecret
from chalicelib.domain.errors import Fault, InvalidInput, NotFound
from chalicelib.domain.ids import AppId, digest, new_secret, new_secret_id
from chalicelib.domain.limits import MAX_CLIENT_SECRETS
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.services.applications import Applications, Edit, registrar

_PREFIX = "sfs_"


@dataclass(frozen=True, slots=True)
class Shown:
    """A new secret with the secret itself, which is nowhere else."""

    stored: ClientSecret
    text: str = field(repr=False)


class ClientSecrets:
    """What the applications that run on servers prove themselves by."""

    def __init__(self, *, clock: Clock, applications: Applications) -> None:
        """Take the clock, and the service that changes settings."""
        self._clock = clock
        self._applications = applications

    def add(self, caller: MemberCaller, app: AppId) -> Shown:
        """Make one more secret; those that are there go on until they are removed."""
        text = new_secret(_PREFIX)
        stored = ClientSecret(id=new_secret_id(), digest=digest(text), created_at=self._clock.now())

        def edit(before: Application) -> Application:
            if not before.is_confidential:
                raise InvalidInput(
                    "Only an application that runs on a server can keep a secret.",
                    Fault("/appId", "not of the kind server"),
                )
            if len(before.secrets) >= MAX_CLIENT_SECRETS:
                most = f"{MAX_CLIENT_SECRETS} at most"
                raise InvalidInput("Remove a secret first.", Fault("/appId", most))
            return replace(before, secrets=(*before.secrets, stored))

        self._change(caller, app, edit, AuditAction.SECRET_CREATED, stored.id)
        return Shown(stored=stored, text=text)

    def remove(self, caller: MemberCaller, app: AppId, secret_id: str) -> None:
        """Forget a secret: what is sent with it is refused within seconds, everywhere."""

        def edit(before: Application) -> Application:
            kept = tuple(each for each in before.secrets if each.id != secret_id)
            if kept == before.secrets:
                raise NotFound("There is no such secret.")
            return replace(before, secrets=kept)

        self._change(caller, app, edit, AuditAction.SECRET_REMOVED, secret_id)

    def _change(
        self, caller: MemberCaller, app: AppId, edit: Edit, action: AuditAction, secret_id: str
    ) -> None:
        self._applications.amend(
            caller.member.workspace,
            app,
            edit,
            actor=registrar(caller),
            origin=caller.visit.origin,
            action=action,
            about={"secret": secret_id},
        )
