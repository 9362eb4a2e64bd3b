"""The deployment itself: its signing key, the reserved workspace `console`, its first operator."""

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import SYSTEM, Origin
from chalicelib.domain.errors import Duplicate, NotFound
from chalicelib.domain.ids import CONSOLE, AppId, UserId
from chalicelib.domain.ports.crypto import Signatures
from chalicelib.domain.ports.directory import ApplicationStore, KeyStore
from chalicelib.domain.registrations import Registration
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.applications import Applications
from chalicelib.services.users import Users
from chalicelib.services.workspaces import Workspaces

_ORIGIN = Origin(agent="bootstrap")
_CONSOLE_APP = AppId("console")


class Deployment:
    """What has to exist before the first request; every step may be repeated."""

    def __init__(
        self,
        *,
        origin: str,
        first_signing_key: str,
        console_open: bool,
        keys: KeyStore,
        signatures: Signatures,
        application_store: ApplicationStore,
        workspaces: Workspaces,
        applications: Applications,
        users: Users,
    ) -> None:
        """Take the ports and what the settings say of this deployment."""
        self._origin = origin
        self._first_signing_key = first_signing_key
        self._console_open = console_open
        self._keys = keys
        self._signatures = signatures
        self._application_store = application_store
        self._workspaces = workspaces
        self._applications = applications
        self._users = users

    def prepare(self) -> Workspace:
        """Publish the signing key, and make `console` with its own application."""
        if not self._keys.signing():
            self._keys.add_signing(self._signatures.key_pair(self._first_signing_key))
        console = self._console()
        page = f"{self._origin}/app/workspaces"
        registration = Registration(
            id=_CONSOLE_APP,
            name="Workspace Manager",
            redirect_uris=(page,),
            post_logout_uris=(page,),
        )
        self.application(console, registration)
        return console

    def application(self, workspace: Workspace, registration: Registration) -> Application:
        """Answer an application of this id, which is made if there is none."""
        found = self._application_store.get(workspace.id, registration.id)
        if found is not None:
            return found
        return self._applications.install(workspace.id, registration, actor=SYSTEM, origin=_ORIGIN)

    def person(self, workspace: Workspace, *, email: str, password: str, name: str) -> UserId:
        """Answer the user of an address, who is made with a password if there is none."""
        address = self._users.normalise(email)
        known = self._users.holder(workspace.id, self._users.address_of(workspace.id, address))
        if known is not None:
            return known
        draft = self._users.draft(workspace.id, email=address, password=password, name=name)
        return self._users.store(draft, actor=SYSTEM, origin=_ORIGIN).user

    def workspace(self, slug: str, *, name: str, owner: UserId) -> Workspace:
        """Answer the workspace of a name, which is made for its owner if there is none."""
        try:
            return self._workspaces.named(slug)
        except NotFound:
            return self._workspaces.create(
                slug=slug, name=name, owner=owner, open_signup=True, origin=_ORIGIN
            )

    def _console(self) -> Workspace:
        try:
            return self._workspaces.named(CONSOLE)
        except NotFound:
            pass
        try:
            return self._workspaces.create(
                slug=CONSOLE,
                name="secureFlows",
                owner=None,
                open_signup=self._console_open,
                origin=_ORIGIN,
            )
        except Duplicate:
            return self._workspaces.named(CONSOLE)
