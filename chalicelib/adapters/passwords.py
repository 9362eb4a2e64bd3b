"""Passwords: argon2id hashes, and an estimate of how soon a guesser would try a password."""

import unicodedata
from functools import cached_property

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from chalicelib.domain.errors import Unopenable

_MEMORY = 19_456  # KiB: 19 MiB, as OWASP's cheat sheet asks beside two passes and one lane
_PASSES = 2
_LANES = 1

# Valid in form and of today's cost; nobody knows a password for a hash of zeros.
_NOBODY = f"$argon2id$v=19$m={_MEMORY},t={_PASSES},p={_LANES}${'A' * 22}${'A' * 43}"

# The estimate grows steeply with the length (letters written as signs: 85 ms at 20 characters,
# 2 s at 72), so it looks at pieces.
_PIECE = 20
_UNGUESSABLE = 3  # zxcvbn's scale: more than 10^8 guesses, of 0 to 4


class Argon2Passwords:
    """Answers the port `Passwords`."""

    def hash(self, password: str) -> str:
        return self._hasher.hash(_normal(password))

    def fits(self, stored: str | None, password: str) -> bool:
        try:
            same = self._hasher.verify(stored or _NOBODY, _normal(password))
        except InvalidHashError:
            raise Unopenable("The stored password hash has an unknown form.") from None
        except VerificationError:
            return False
        return same and stored is not None

    def is_outdated(self, stored: str) -> bool:
        return self._hasher.check_needs_rehash(stored)

    def is_common(self, password: str) -> bool:
        text = unicodedata.normalize("NFKC", password)
        # A word that is said again and again is as easy as once.
        once = text[: (text + text).find(text, 1)]
        # One hard piece makes the whole hard; only what is easy throughout is refused.
        return all(_is_easy(once[at : at + _PIECE]) for at in range(0, len(once), _PIECE))

    @cached_property
    def _hasher(self) -> PasswordHasher:
        return PasswordHasher(
            time_cost=_PASSES,
            memory_cost=_MEMORY,
            parallelism=_LANES,
            hash_len=32,
            salt_len=16,
            type=Type.ID,
        )


def _normal(password: str) -> bytes:
    # NFKC, so that the same typing fits on every keyboard (NIST SP 800-63B-4, section 3.1.1.2).
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _is_easy(piece: str) -> bool:
    # Its word lists take 36 ms to load; only a new password needs them.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    return int(zxcvbn(piece, user_inputs=["secureflows"])["score"]) < _UNGUESSABLE
