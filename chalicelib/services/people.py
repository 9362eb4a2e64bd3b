"""People, as an application that they signed in to may know them: claims by scope."""

from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.denials import TokenInvalid, TokenSuperseded
from chalicelib.domain.users import Profile
from chalicelib.services.admission import Admission
from chalicelib.services.users import Users


class People:
    """What a sessionToken's scope lets an application know (OpenID Connect Core 1.0, 5.4)."""

    def __init__(self, *, admission: Admission, users: Users) -> None:
        """Take the services that know sessions and profiles."""
        self._admission = admission
        self._users = users

    def known_to(self, slug: str, caller: SessionCaller) -> Profile:
        """Answer the profile of the caller's person, read now; raises for any other issuer's."""
        if caller.token.slug != slug:
            raise TokenInvalid("This token was issued by another workspace.")
        head, _ = self._admission.enter(caller)
        user = self._users.active(head.ref.partition.person)
        if user is None:
            raise TokenSuperseded("This person may not be signed in.")
        return self._users.profile(user)
