"""Words: what an upstream said of the person in this browser, and whose account that is."""

from dataclasses import dataclass

from chalicelib.domain.denials import ChallengeEnded
from chalicelib.domain.detours import Detour
from chalicelib.domain.errors import InvalidInput, NotFound
from chalicelib.domain.factors import Proof
from chalicelib.domain.ids import UserId
from chalicelib.domain.limits import CLOCK_LEEWAY
from chalicelib.domain.login import AuthorizationRequest
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import FED, MFA
from chalicelib.domain.upstreams import Upstream
from chalicelib.domain.vouching import Vouched
from chalicelib.services.browsers import Cookies
from chalicelib.services.detours import Detours
from chalicelib.services.upstreams import Upstreams
from chalicelib.services.users import Users


@dataclass(frozen=True, slots=True)
class Word:
    """An upstream's word for a person, and what it is said for."""

    request: AuthorizationRequest
    detour: Detour
    upstream: Upstream
    vouched: Vouched

    @property
    def is_fresh(self) -> bool:
        """Tell whether the person was asked there as lately as the application wants it.

        OpenID Connect Core 1.0, 3.1.2.1: who was asked for `max_age` has to say when that was.
        """
        max_age, since = self.request.max_age, self.detour.begun_at
        if "login" not in (self.request.prompt or "").split():
            if max_age is None:
                return True
            since -= max_age
        if self.vouched.auth_time is None:
            return max_age is None
        return self.vouched.auth_time >= since - CLOCK_LEEWAY

    @property
    def proof(self) -> Proof:
        """Answer what the person has shown by it."""
        is_manifold = self.upstream.is_trusted_with_mfa and self.vouched.is_manifold
        amr = (FED, MFA) if is_manifold else (FED,)
        # Whoever was remembered there has proven nothing just now.
        return Proof("federated", amr, self.vouched.auth_time)


class Words:
    """What waits in a browser that came back from an upstream."""

    def __init__(self, *, detours: Detours, upstreams: Upstreams, users: Users) -> None:
        """Take the services of the way, and of people."""
        self._detours = detours
        self._upstreams = upstreams
        self._users = users

    def read(self, request: AuthorizationRequest, cookies: Cookies) -> Word:
        """Answer the word for this request; raises `ChallengeEnded` or `NotFound`."""
        detour, vouched = self._detours.arrived(request, cookies)
        upstream = self._upstreams.open_one(detour.workspace, detour.upstream)
        if upstream.issuer != detour.issuer:
            raise ChallengeEnded("This provider was changed just now. Start again.")
        return Word(request, detour, upstream, vouched)

    def confirmed(self, word: Word) -> str | None:
        """Answer the address that an upstream may speak for and confirmed."""
        try:
            email = self._users.normalise(word.vouched.email or "")
        except InvalidInput:
            return None
        is_sure = word.vouched.is_verified or word.upstream.knows(email)
        return email if is_sure and word.upstream.speaks_for(email) else None

    def holder(self, word: Word, email: str) -> UserId | None:
        """Answer whose account has the address."""
        address = self._users.address_of(word.request.workspace, email)
        return self._users.holder(word.request.workspace, address)

    def awaits(self, request: AuthorizationRequest, person: Person, cookies: Cookies) -> bool:
        """Tell whether an upstream vouched here for a person, who only has to prove the account."""
        try:
            word = self.read(request, cookies)
        except (ChallengeEnded, NotFound):
            return False
        email = self.confirmed(word) if word.is_fresh else None
        return email is not None and self.holder(word, email) == person.user
