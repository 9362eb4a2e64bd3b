"""Signing keys: published before they sign, and verifying until their last token is over."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.domain.audit import SYSTEM, AuditAction, AuditEvent, Origin
from chalicelib.domain.backups import DEPLOYMENT
from chalicelib.domain.errors import Duplicate, InvalidInput, NotFound
from chalicelib.domain.limits import JWKS_AGE, MAX_TOKEN_SECONDS, SIGNING_KEYS_AGE
from chalicelib.domain.ports.crypto import KeyPairs
from chalicelib.domain.ports.directory import KeyStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.tokens import KeyState, SigningAlg, SigningKey
from chalicelib.services.audit import Trail

# What clients and our own processes may still hold of the key set as it was before.
PUBLISHED_BEFORE_USE = JWKS_AGE + int(SIGNING_KEYS_AGE)
_ORIGIN = Origin(agent="scripts/signing-keys")


class SigningKeys:
    """The deployment's key pairs, one line of succession for each algorithm."""

    def __init__(self, *, clock: Clock, store: KeyStore, pairs: KeyPairs, trail: Trail) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._pairs = pairs
        self._trail = trail

    def all(self) -> Sequence[SigningKey]:
        """Answer every key, by algorithm and age."""
        return sorted(self._store.signing(), key=lambda key: (key.alg, key.published_at))

    def add(self, alg: SigningAlg) -> SigningKey:
        """Make and publish the next key of an algorithm; its first one signs at once.

        Raises `Duplicate` where a next one is waiting already.
        """
        line = [key for key in self._store.signing() if key.alg is alg]
        waiting = next((key for key in line if key.state is KeyState.NEXT), None)
        if waiting is not None:
            raise Duplicate(f"{waiting.kid} is the next key for {alg} already.")
        made = self._pairs.make(alg)
        if not any(key.state is KeyState.CURRENT for key in line):
            made = replace(made, state=KeyState.CURRENT)
        self._store.publish_signing(made, self._event(AuditAction.KEY_CREATED, made))
        return made

    def promote(self, kid: str) -> SigningKey:
        """Let the next key sign; the one before verifies as long as a token of it may live.

        Raises `InvalidInput` while somebody may not have heard of it.
        """
        key = self._named(kid, KeyState.NEXT, "Only the next key can be promoted.")
        now = self._clock.now()
        wait = key.published_at + PUBLISHED_BEFORE_USE - now
        if wait > 0:
            raise InvalidInput(
                f"{kid} was published just now. Clients know it in {wait} seconds at the latest."
            )
        promoted = replace(key, state=KeyState.CURRENT)
        retired = [
            (one, replace(one, state=KeyState.RETIRED, not_after=now + MAX_TOKEN_SECONDS))
            for one in self._store.signing()
            if one.alg is key.alg and one.state is KeyState.CURRENT
        ]
        event = self._event(AuditAction.KEY_ROTATED, promoted)
        self._store.turn_signing([(key, promoted), *retired], event)
        return promoted

    def forget(self, kid: str) -> SigningKey:
        """Take a retired key out of the key set when its last token is over.

        The key pair stays in KMS, for the operator to delete.
        """
        key = self._named(kid, KeyState.RETIRED, "Only a retired key can be forgotten.")
        wait = (key.not_after or 0) - self._clock.now()
        if wait > 0:
            raise InvalidInput(f"Tokens that {kid} signed may live for another {wait} seconds.")
        self._store.turn_signing([(key, None)], self._event(AuditAction.KEY_RETIRED, key))
        return key

    def _named(self, kid: str, state: KeyState, otherwise: str) -> SigningKey:
        for key in self._store.signing():
            if key.kid == kid:
                if key.state is not state:
                    raise InvalidInput(f"{otherwise} {kid} is {key.state}.")
                return key
        raise NotFound(f"There is no signing key {kid}.")

    def _event(self, action: AuditAction, key: SigningKey) -> AuditEvent:
        return self._trail.event(
            action,
            workspace=DEPLOYMENT,
            actor=SYSTEM,
            origin=_ORIGIN,
            meta={"kind": "signing", "kid": key.kid, "alg": key.alg},
        )
