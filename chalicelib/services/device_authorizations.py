"""Device authorizations: devices without a browser ask, come back, and get tokens once."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from chalicelib.domain.agents import network_of, program_of
from chalicelib.domain.callers import Visit
from chalicelib.domain.clients import ClientKind
from chalicelib.domain.device_authorizations import (
    Asker,
    AuthorizationStatus,
    DeviceAuthorization,
    Started,
    new_user_code,
    user_code_of,
)
from chalicelib.domain.dpop import Demonstration
from chalicelib.domain.errors import Fault, InvalidInput, NotFound, Stale
from chalicelib.domain.ids import WorkspaceId, digest, is_part, new_secret
from chalicelib.domain.limits import DEVICE_AUTHORIZATION_SECONDS, POLL_SECONDS
from chalicelib.domain.oidc import Denial, Denied, granted_scope
from chalicelib.domain.ports.device_authorizations import DeviceAuthorizationStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.tokens import Grant
from chalicelib.services.attempts import Guesses
from chalicelib.services.clients import Client
from chalicelib.services.codes import Codes
from chalicelib.services.keys import Keys
from chalicelib.services.token_endpoint import TokenRequest

if TYPE_CHECKING:
    from chalicelib.services.dpop import Dpop  # a client without a key starts without it

_PREFIX = "sfd_"
_INFO = "user-code"
_DRAWS = 5  # of user codes, which are somebody's once in a billion times
_NOT_OURS = Denied(Denial.INVALID_GRANT, "the device code is unknown, used or not yours")


class DeviceAuthorizations:
    """The device's side of RFC 8628; `digest` is the name under which the other side knows it."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: DeviceAuthorizationStore,
        keys: Keys,
        codes: Codes,
        guesses: Callable[[], Guesses],
        dpop: "Callable[[], Dpop]",
    ) -> None:
        """Take the ports, and what counts devices, reads proofs of a key and redeems codes."""
        self._clock = clock
        self._store = store
        self._keys = keys
        self._codes = codes
        self._guesses = guesses
        self._dpop = dpop

    def start(
        self,
        client: Client,
        params: Mapping[str, str],
        shown: Demonstration | None,
        visit: Visit,
    ) -> Started | Denied:
        """Begin to wait for a person, or answer why not (RFC 8628, 3.2); raises `RateLimited`."""
        if client.application.kind is ClientKind.BROWSER:
            # Who has a browser is sent to the login, where the address says who asks.
            return Denied(Denial.UNAUTHORIZED_CLIENT, "an application in a browser signs in there")
        scope = granted_scope(params.get("scope"))
        if scope is None:
            return Denied(Denial.INVALID_SCOPE, "scope is malformed")
        workspace, dpop = client.workspace.id, client.application.dpop
        # A proof at this step names the key that the device has to come back with.
        key = None if shown is None else self._dpop().bind(workspace, dpop, shown)
        if isinstance(key, Denied):
            return key
        nonce = None if key is None else self._dpop().nonce(workspace)
        # A public client is whoever says so.
        self._guesses().admit_device_authorization(workspace, ip=visit.origin.ip)
        secret = new_secret(_PREFIX)
        now = self._clock.now()
        for _ in range(_DRAWS):
            user_code = new_user_code()
            asked = DeviceAuthorization(
                digest=digest(secret),
                user_code=self._hashed(workspace, user_code),
                workspace=workspace,
                app=client.application.id,
                client_id=client.application.client_id,
                scope=scope,
                asker=Asker(now, program_of(visit.origin.agent), network_of(visit.origin.ip)),
                exp=now + DEVICE_AUTHORIZATION_SECONDS,
                key=key,
            )
            try:
                self._store.add(asked, now=now)
            except Stale:
                continue
            return Started(secret, user_code, DEVICE_AUTHORIZATION_SECONDS, POLL_SECONDS, nonce)
        raise Stale

    def behind(self, workspace: WorkspaceId, user_code: str) -> DeviceAuthorization:
        """Answer what waits behind a typed code, which was counted; raises `NotFound`."""
        named = self._hashed(workspace, letters_of(user_code))
        found = self._store.named(workspace, named, now=self._clock.now())
        if found is None:
            raise gone()
        return found

    def pending(self, workspace: WorkspaceId, name: str, user_code: str) -> DeviceAuthorization:
        """Answer what waits under a name and a code that belong together; raises `NotFound`.

        The name is the digest of 32 random bytes: who knows it was told when the code was counted.
        """
        now = self._clock.now()
        found = self._store.get(workspace, name, now=now) if is_part(name) else None
        if found is None or found.user_code != self._hashed(workspace, letters_of(user_code)):
            raise gone()
        return found

    def exchange(self, request: TokenRequest) -> Grant | Denied:
        """Answer tokens to a device that was let in, or how it stands (RFC 8628, 3.5)."""
        denied = request.missing("device_code")
        if denied is not None:
            return denied
        now, client = self._clock.now(), request.client
        name = digest(request.params["device_code"])
        found = self._store.poll(client.workspace.id, name, now=now)
        if found is None or found.client_id != client.application.client_id:
            return _NOT_OURS
        if found.key not in (None, request.key):
            return _NOT_OURS
        if found.is_early(now):
            self._store.slow(found, seconds=POLL_SECONDS)
            return Denied(Denial.SLOW_DOWN, "wait five seconds longer between two questions")
        if found.status is AuthorizationStatus.DENIED:
            return Denied(Denial.ACCESS_DENIED, "the person refused")
        if found.status is AuthorizationStatus.APPROVED:
            return self._codes.redeem(request, name)
        if now >= found.exp:
            return Denied(Denial.EXPIRED_TOKEN, "nobody decided in time; begin again")
        return Denied(Denial.AUTHORIZATION_PENDING, "nobody has decided yet")

    def _hashed(self, workspace: WorkspaceId, user_code: str) -> str:
        # Eight letters would be found from a plain digest in an hour.
        return self._keys.lookup(workspace, user_code, info=_INFO)


def letters_of(typed: str) -> str:
    """Answer a typed code; raises `InvalidInput` for what cannot be one."""
    letters = user_code_of(typed)
    if letters is None:
        raise InvalidInput("A code has eight letters.", Fault("/userCode", "not a code"))
    return letters


def gone() -> NotFound:
    """Answer the refusal of what is over, taken or was never there."""
    return NotFound("No device waits with this code. It may be over: begin again there.")
