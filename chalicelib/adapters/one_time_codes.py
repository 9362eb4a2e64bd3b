"""Codes of authenticators, and the picture by which they are set up."""

from functools import cached_property
from typing import TYPE_CHECKING

from pyotp import TOTP, random_base32
from pyotp.utils import strings_equal

from chalicelib.domain.factors import Drawing

if TYPE_CHECKING:
    from types import ModuleType

_SECRET_LETTERS = 32  # of base32: 160 bits, as RFC 4226 (section 4, R6) recommends
_SECONDS = 30
_NEIGHBOURS = (1, 0, -1)


class PyOtpCodes:
    """Answers the port `OneTimeCodes`."""

    def new_secret(self) -> str:
        return random_base32(_SECRET_LETTERS)

    def step_of(self, secret: str, typed: str, *, now: int, after: int) -> int | None:
        code = "".join(typed.split())
        if not (code.isascii() and code.isdecimal()):
            return None
        totp = TOTP(secret, interval=_SECONDS)
        present = now // _SECONDS
        # All three are compared, whichever fits: the time it takes says nothing.
        fitting = [
            step
            for step in (present + offset for offset in _NEIGHBOURS)
            if strings_equal(totp.generate_otp(step), code)
        ]
        return next((step for step in fitting if step > after), None)

    def uri(self, secret: str, *, account: str, issuer: str) -> str:
        return TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)

    def drawing(self, text: str) -> Drawing:
        rows = self._segno.make(text, error="m", micro=False, boost_error=False).matrix
        path = "".join(
            f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
        )
        return Drawing(size=len(rows), path=path)

    @cached_property
    def _segno(self) -> "ModuleType":
        # Only who sets an authenticator up needs a picture.
        import segno  # noqa: PLC0415

        return segno
