"""DPoP: holds proofs of a key against request, clock, nonce and what was shown before."""

import hmac

from chalicelib.domain.clients import DpopUse
from chalicelib.domain.denials import DpopNonce, DpopRequired
from chalicelib.domain.dpop import Demonstration, Proof, ath_of
from chalicelib.domain.ids import WorkspaceId, digest
from chalicelib.domain.limits import DPOP_LEEWAY, DPOP_NONCE_SECONDS
from chalicelib.domain.oidc import Denial, Denied
from chalicelib.domain.ports.crypto import Proofs
from chalicelib.domain.ports.login import ReplayStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.recent import Recent
from chalicelib.services.keys import Keys

_INFO = "dpop-nonce"
# A proof may be early by the leeway, and is good until it is late by as much.
_SHOWN_SECONDS = 2 * DPOP_LEEWAY + 1
_SHOWN = 20_000  # proofs that one process remembers


class Dpop:
    """Demonstrating proof of possession (RFC 9449), for token endpoint and resources."""

    def __init__(self, *, clock: Clock, keys: Keys, proofs: Proofs, store: ReplayStore) -> None:
        """Take the ports, and the keys of which nonces are made."""
        self._clock = clock
        self._keys = keys
        self._proofs = proofs
        self._store = store
        self._shown: Recent[str, bool] = Recent(clock.monotonic, age=_SHOWN_SECONDS, size=_SHOWN)

    def nonce(self, workspace: WorkspaceId) -> str:
        """Answer the nonce of this moment (RFC 9449, section 8): the same from every function."""
        return self._nonce(workspace, self._turn())

    def bind(self, workspace: WorkspaceId, use: DpopUse, shown: Demonstration) -> str | Denied:
        """Answer the key to which a client's tokens are to be bound, or why they cannot be."""
        if use is DpopUse.OFF:
            # A token that is bound to nothing, unasked, would be found out when it is stolen.
            return Denied(Denial.INVALID_DPOP_PROOF, "this client's tokens are not bound")
        try:
            return self.prove(workspace, shown)
        except DpopNonce as error:
            return Denied(Denial.USE_DPOP_NONCE, error.detail, nonce=error.nonce)
        except DpopRequired as error:
            return Denied(Denial.INVALID_DPOP_PROOF, error.detail)

    def prove(self, workspace: WorkspaceId, shown: Demonstration) -> str:
        """Answer the thumbprint of the key that a client proves to have, at the token endpoint.

        Raises `DpopRequired` or `DpopNonce`; of all who show the same proof one gets through.
        """
        proof = self._checked(workspace, shown)
        now = self._clock.now()
        if not self._store.claim(workspace, _name(proof), exp=now + _SHOWN_SECONDS, now=now):
            raise _shown_before()
        return proof.key

    def accompany(
        self, workspace: WorkspaceId, shown: Demonstration | None, *, token: str, key: str
    ) -> None:
        """Hold a proof against the token that it comes with, which is bound to a key.

        What was shown before is known to this process only: a row would cost every request a
        write, and nonce and clock leave a proof minutes.
        """
        if shown is None:
            raise DpopRequired("This token is bound to a key. Send a proof in the DPoP header.")
        proof = self._checked(workspace, shown)
        if proof.ath is None or not hmac.compare_digest(proof.ath, ath_of(token)):
            raise DpopRequired("The DPoP proof was made for another token.")
        if not hmac.compare_digest(proof.key, key):
            raise DpopRequired("The token is bound to another key.", error="invalid_token")
        if not self._shown.claim(_name(proof), value=True):
            raise _shown_before()

    def _checked(self, workspace: WorkspaceId, shown: Demonstration) -> Proof:
        proof = self._proofs.read(shown.proof)
        if not proof.is_of(shown):
            raise DpopRequired("The DPoP proof was made for another method or address.")
        if abs(self._clock.now() - proof.iat) > DPOP_LEEWAY:
            raise DpopRequired("The DPoP proof was not made now. Compare clocks.")
        if proof.nonce is None or not self._is_current(workspace, proof.nonce):
            raise DpopNonce(
                "Make the DPoP proof with the nonce of this answer.", nonce=self.nonce(workspace)
            )
        return proof

    def _is_current(self, workspace: WorkspaceId, nonce: str) -> bool:
        # Of the turn before too, and of the next: clocks of functions differ by less.
        turn = self._turn()
        good = [self._nonce(workspace, each) for each in (turn, turn - 1, turn + 1)]
        # Bytes, because a proof's text may be any.
        shown = nonce.encode(errors="replace")
        return True in [hmac.compare_digest(each.encode(), shown) for each in good]

    def _nonce(self, workspace: WorkspaceId, turn: int) -> str:
        return self._keys.nonce(workspace, str(turn), info=_INFO)

    def _turn(self) -> int:
        return self._clock.now() // DPOP_NONCE_SECONDS


def _name(proof: Proof) -> str:
    return digest(f"{proof.key}.{proof.jti}")


def _shown_before() -> DpopRequired:
    return DpopRequired("The DPoP proof was used before. Make one for each request.")
