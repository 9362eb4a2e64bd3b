"""Endings: whoever ends sign-ins meets those that are under way, whichever of them comes first.

What begins is stored, and then looks here. Whoever ends notes it here, and then looks for what is
stored. So one of the two finds the other.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.domain.challenges import Challenge
from chalicelib.domain.denials import TokenSuperseded
from chalicelib.domain.endings import Ending
from chalicelib.domain.ids import BrowserId, GrantId, root_of
from chalicelib.domain.limits import CALL_SECONDS
from chalicelib.domain.ports.login import LoginStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person


class Endings:
    """Ends of sign-ins, noted for as long as something of before can be on its way."""

    def __init__(self, *, clock: Clock, store: LoginStore) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store

    @contextmanager
    def under_way(
        self, person: Person, *, but: str | None = None, browser: BrowserId | None = None
    ) -> Iterator[None]:
        """Note an end of all sign-ins, or of one browser's, while it is made and once it is.

        Meanwhile nothing begins, as nobody knows what it rests on. Whoever stops in between leaves
        that for the length of a call, and has ended what was given by then.
        """
        root = None if browser is None else root_of(browser)
        longest = self._clock.now() + CALL_SECONDS
        self._store.note_ending(Ending(person, longest, root=root, but=but))
        yield
        self._store.note_ending(Ending(person, self._clock.now(), root=root, but=but))

    def covers(self, person: Person, one: GrantId | BrowserId, *, since: int) -> bool:
        """Tell whether what was stored just now rests on something that was ended meanwhile.

        `since` is when that was looked at, at the latest.
        """
        return any(end.covers(one, since=since) for end in self._of(person))

    def hold(self, person: Person, grant: GrantId, *, given_at: int) -> None:
        """Let a grant bring a token; raises `TokenSuperseded` where its sign-in was ended."""
        if self.covers(person, grant, since=given_at):
            raise TokenSuperseded("This sign-in was ended. Sign in again.")

    def covers_challenge(self, challenge: Challenge) -> bool:
        """Tell whether its person has ended all that was under way since a conversation began."""
        begun_at = challenge.begun_at
        return any(
            end.covers_challenge(challenge.digest, begun_at=begun_at)
            for end in self._of(challenge.person)
        )

    def _of(self, person: Person) -> Iterator[Ending]:
        yield from self._store.endings(person, now=self._clock.now())
