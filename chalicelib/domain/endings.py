"""Endings: sign-ins that their person ended, told to whatever was under way at that moment."""

from dataclasses import dataclass

from chalicelib.domain.ids import GrantId, root_of
from chalicelib.domain.sessions import Person


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of all that a person began until `at`, or of what has one root.

    `but` is the digest of the conversation in which it happened: that one goes on.
    """

    person: Person
    at: int
    root: GrantId | None = None
    but: str | None = None

    def covers_code(self, grant: GrantId, *, given_at: int) -> bool:
        """Tell whether a code that was given for a grant brings nothing any more."""
        # In the very second of the end nobody knows which came first: it counts as before.
        return given_at <= self.at and self.root in {None, root_of(grant)}

    def covers_challenge(self, digest: str, *, begun_at: int) -> bool:
        """Tell whether a conversation is over that somebody was in."""
        return begun_at <= self.at and self.root is None and self.but != digest
