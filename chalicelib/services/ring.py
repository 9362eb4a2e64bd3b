"""The ring: the deployment's signing keys as they are in use, remembered for a minute."""

from collections.abc import Sequence

from chalicelib.domain.errors import KmsUnavailable
from chalicelib.domain.limits import SIGNING_KEYS_AGE
from chalicelib.domain.ports.directory import KeyStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.recent import Recent
from chalicelib.domain.tokens import KeyState, SigningAlg, SigningKey


class Ring:
    """Which keys verify, and which of them signs."""

    def __init__(self, *, clock: Clock, store: KeyStore) -> None:
        """Take the ports; nothing is remembered yet."""
        self._clock = clock
        self._store = store
        self._recent: Recent[str, Sequence[SigningKey]] = Recent(
            clock.monotonic, age=SIGNING_KEYS_AGE
        )

    def verifying(self) -> Sequence[SigningKey]:
        """Answer the keys that verify now."""
        known = self._recent.get("ring")
        if known is None:
            known = self._store.signing()
            # A deployment that has no key yet gets its first one at any moment.
            if known:
                self._recent.keep("ring", known)
        now = self._clock.now()
        return [key for key in known if key.not_after is None or now < key.not_after]

    def signs(self, alg: SigningAlg) -> bool:
        """Tell whether one of them signs so."""
        return any(_signs(key, alg) for key in self.verifying())

    def current(self, alg: SigningAlg) -> SigningKey:
        """Answer the key that signs so; raises `KmsUnavailable`."""
        for key in self.verifying():
            if _signs(key, alg):
                return key
        raise KmsUnavailable(f"This deployment has no signing key for {alg} yet.")


def _signs(key: SigningKey, alg: SigningAlg) -> bool:
    return key.state is KeyState.CURRENT and key.alg is alg
