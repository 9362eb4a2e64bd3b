"""Pushed requests: checked when a client leaves them, and given to one browser once."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from chalicelib.domain.callers import Visit
from chalicelib.domain.dpop import Demonstration
from chalicelib.domain.errors import Fault, InvalidInput, NotFound, Unbegun
from chalicelib.domain.ids import WorkspaceId, new_secret
from chalicelib.domain.keys import Sealed
from chalicelib.domain.limits import MAX_PUSHED_BYTES, PUSHED_SECONDS
from chalicelib.domain.oidc import Denial, Denied, SentBack
from chalicelib.domain.ports.crypto import Cipher
from chalicelib.domain.ports.login import PushedRequestStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.pushed_requests import (
    PREFIX,
    REQUEST_URI,
    Pushed,
    PushedRequest,
    key_in,
    named,
    pushed_place,
    read,
    secret_named,
    written,
)
from chalicelib.services.attempts import Guesses
from chalicelib.services.authorization import Authorization, Params
from chalicelib.services.clients import Client

if TYPE_CHECKING:
    from chalicelib.services.dpop import Dpop  # a client without a key starts without it

_VERSION = 1
_CREDENTIALS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


class PushedRequests:
    """Pushed authorisation requests (RFC 9126).

    They say who is about to sign in and with which data, and nobody's key is known yet: each is
    sealed under the secret in its address, which is stored nowhere.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        store: PushedRequestStore,
        cipher: Cipher,
        authorization: Authorization,
        guesses: Callable[[], Guesses],
        dpop: "Callable[[], Dpop]",
    ) -> None:
        """Take the ports, and what counts requests, reads them and proofs of a key."""
        self._clock = clock
        self._store = store
        self._cipher = cipher
        self._authorization = authorization
        self._guesses = guesses
        self._dpop = dpop

    def push(
        self,
        client: Client,
        params: Mapping[str, str],
        shown: Demonstration | None,
        visit: Visit,
    ) -> Pushed | Denied:
        """Keep a request of a client that was authenticated, or answer why not.

        Raises `RateLimited`: a public client is whoever says so, and each request leaves a row.
        """
        if "request_uri" in params:
            return Denied(Denial.INVALID_REQUEST, "request_uri cannot be pushed")
        is_server = client.application.is_confidential
        self._guesses().admit_pushed(client.workspace.id, ip=visit.origin.ip, is_server=is_server)
        asked = {n: v for n, v in params.items() if v and n not in _CREDENTIALS}
        asked["client_id"] = client.application.client_id
        workspace, nonce = client.workspace.id, None
        if shown is not None:
            key = self._dpop().bind(workspace, client.application.dpop, shown)
            if isinstance(key, Denied):
                return key
            # RFC 9449, 10.1: the proof names the key as the parameter would.
            if asked.setdefault("dpop_jkt", key) != key:
                return Denied(Denial.INVALID_DPOP_PROOF, "dpop_jkt names another key")
            nonce = self._dpop().nonce(workspace)
        refusal = self._refusal(client, asked)
        if refusal is not None:
            return refusal
        plain = written(asked)
        if len(plain) > MAX_PUSHED_BYTES:
            return Denied(Denial.INVALID_REQUEST, f"{MAX_PUSHED_BYTES} bytes at most")
        secret = self._kept(workspace, client.application.client_id, plain)
        return Pushed(f"{REQUEST_URI}{secret}", PUSHED_SECONDS, nonce)

    def unfold(self, workspace: WorkspaceId, params: Params) -> Params:
        """Answer the request that an address stands for; raises `Unbegun`.

        Only what was pushed counts, whatever else the browser brings (RFC 9101, 6.3).
        """
        secret = secret_named(params.get("request_uri", ""))
        if secret is None:
            raise _unknown()
        found = self._store.take(workspace, named(secret), now=self._clock.now())
        if found is None or found.client_id != params.get("client_id"):
            raise _unknown()
        sealed = found.sealed
        return read(
            self._cipher.open(
                sealed.ciphertext, key=key_in(secret), version=sealed.version, place=found.place
            )
        )

    def _refusal(self, client: Client, asked: Mapping[str, str]) -> Denied | None:
        try:
            checked = self._authorization.check(client.workspace.slug, asked)
        except (InvalidInput, NotFound) as error:
            return Denied(Denial.INVALID_REQUEST, error.detail)
        return checked.denied if isinstance(checked, SentBack) else None

    def _kept(self, workspace: WorkspaceId, client_id: str, plain: bytes) -> str:
        secret = new_secret(PREFIX)
        place = pushed_place(workspace)
        message = self._cipher.seal(plain, key=key_in(secret), version=_VERSION, place=place)
        self._store.add(
            PushedRequest(
                digest=named(secret),
                workspace=workspace,
                client_id=client_id,
                sealed=Sealed(_VERSION, message),
                exp=self._clock.now() + PUSHED_SECONDS,
            )
        )
        return secret


def _unknown() -> Unbegun:
    return Unbegun(
        "This sign-in was not prepared, or its time is over.",
        Fault("/request_uri", "unknown, used, expired or of another client"),
        hint="Go back to the application and begin again.",
    )
