"""An authenticator in somebody's pocket, and the recovery codes beside it."""

from dataclasses import dataclass

import pyotp

from chalicelib.domain.callers import Visit
from chalicelib.domain.factors import BY_PASSWORD
from chalicelib.domain.sessions import Person
from tests.api.platform import Platform, Tenant
from tests.builders import ORIGIN


@dataclass
class Authenticator:
    """Shows the codes of one secret by the platform's clock."""

    platform: Platform
    secret: str
    recovery_codes: tuple[str, ...] = ()

    def code(self, *, offset: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.platform.adapters.clock.now() + 30 * offset)

    def wrong_code(self) -> str:
        right = {self.code(offset=offset) for offset in (-1, 0, 1)}
        return next(code for code in ("000000", "000001", "000002", "000003") if code not in right)


def enrolled(platform: Platform, tenant: Tenant) -> Authenticator:
    """Set an authenticator up as the person would, half a minute ago."""
    account = platform.services.hosted.account
    user = platform.services.hosted.users.active(Person(tenant.workspace.id, tenant.user))
    assert user is not None
    proof = BY_PASSWORD.asked(platform.adapters.clock.now())
    setup = account.enrolments.begin(user, proof, issuer="Acme", bound="here")
    authenticator = Authenticator(platform, setup.secret)
    done = account.enrolments.confirm(
        user.person,
        challenge=setup.challenge,
        typed=authenticator.code(),
        bound="here",
        place="Acme",
        visit=Visit(ORIGIN),
    )
    authenticator.recovery_codes = done.recovery_codes
    platform.adapters.clock.pause(60)
    platform.adapters.mailer.sent.clear()
    return authenticator
