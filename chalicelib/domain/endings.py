"""Endings: sign-ins that their person ended, told to whatever was under way at that moment."""

from dataclasses import dataclass

from chalicelib.domain.ids import BrowserId, GrantId, root_of
from chalicelib.domain.sessions import Person


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of all that a person began until `at`, or of what has one root.

    `but` is the digest of the browser or conversation in which it happened: that one goes on.
    """

    person: Person
    at: int
    root: GrantId | None = None
    but: str | None = None

    def covers(self, one: GrantId | BrowserId, *, since: int) -> bool:
        """Tell whether a sign-in, or what it gave, is over that rests on what stood at `since`."""
        # In the very second of the end nobody knows which came first: it counts as before.
        return since <= self.at and self.root in {None, root_of(one)}

    def covers_challenge(self, digest: str, *, begun_at: int) -> bool:
        """Tell whether a conversation is over that somebody was in."""
        return begun_at <= self.at and self.root is None and self.but != digest
