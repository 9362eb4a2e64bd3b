"""Federated sign-ins: the person for whom an upstream vouched, known, new, or to be proven."""

from dataclasses import dataclass, field
from typing import NoReturn

from chalicelib.domain.audit import ANONYMOUS, AuditAction
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import ChallengeEnded, Forbidden, TokenMissing
from chalicelib.domain.errors import Duplicate, InvalidInput, Stale
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.domain.sign_ups import name_of
from chalicelib.domain.users import Profile
from chalicelib.domain.vouching import attributes_of
from chalicelib.services.audit import Trail
from chalicelib.services.authorization import Params
from chalicelib.services.browsers import Browsers, Cookies
from chalicelib.services.detours import Detours
from chalicelib.services.entrances import Entered, Entrances
from chalicelib.services.entries import Entries
from chalicelib.services.invites import Invites
from chalicelib.services.notices import Notices
from chalicelib.services.steps import Step
from chalicelib.services.subjects import Subjects
from chalicelib.services.upstreams import Upstreams
from chalicelib.services.users import Users
from chalicelib.services.words import Word, Words


@dataclass(frozen=True, slots=True)
class Unlinked:
    """The address has an account, whose owner signs in to it once before the two are one."""

    email: str = field(repr=False)
    display_name: str


class Federated:
    """The way in by somebody else's word."""

    def __init__(
        self,
        *,
        clock: Clock,
        entries: Entries,
        upstreams: Upstreams,
        detours: Detours,
        words: Words,
        users: Users,
        subjects: Subjects,
        invites: Invites,
        browsers: Browsers,
        entrances: Entrances,
        notices: Notices,
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the services of the way, of people, and of what comes next."""
        self._clock = clock
        self._entries = entries
        self._upstreams = upstreams
        self._detours = detours
        self._words = words
        self._users = users
        self._subjects = subjects
        self._invites = invites
        self._browsers = browsers
        self._entrances = entrances
        self._notices = notices
        self._audit = audit
        self._trail = trail

    def finish(self, params: Params, cookies: Cookies, visit: Visit) -> Entered | Step | Unlinked:
        """Let a person in for whom an upstream vouched; raises `Forbidden` or `ChallengeEnded`."""
        asked_at = self._clock.now()
        word = self._words.read(self._entries.check(params), cookies)
        request = word.request
        if not word.is_fresh:
            self._refuse(word, visit, "stale", "Sign in there again, and not as remembered.")
        person = self._subjects.linked(request.workspace, self._subject(word))
        if person is None:
            email = self._confirmed(word, visit)
            if self._words.holder(word, email) is not None:
                return Unlinked(email, word.upstream.display_name)
            self._detours.close(word.detour)
            person = self._made(word, email, cookies, visit)
        else:
            self._detours.close(word.detour)
            self._met(word, person, visit)
        proof = word.proof.asked(asked_at)
        onward = self._entrances.go_on(request, person, proof, cookies=cookies, visit=visit)
        self._upstreams.prove(word.upstream, visit.origin)
        return onward

    def link(self, params: Params, cookies: Cookies, visit: Visit) -> str:
        """Make an account and whom an upstream vouched for one; answers the upstream's name.

        The browser has to have signed in to that account since it set out, by whatever the
        account asks for. Raises `TokenMissing` where it has not.
        """
        word = self._words.read(self._entries.check(params), cookies)
        request, upstream = word.request, word.upstream
        holder = self._words.holder(word, self._confirmed(word, visit))
        browser = self._browsers.known(request.workspace, cookies)
        if browser is None or browser.person.user != holder:
            raise TokenMissing("Sign in to the account of this address first.")
        if browser.sign_in.auth_time < word.detour.begun_at:
            raise TokenMissing("Sign in to the account of this address again.")
        self._detours.close(word.detour)
        try:
            self._subjects.link(
                browser.person,
                self._subject(word),
                upstream=upstream,
                origin=visit.origin,
                app=request.app,
            )
        except Stale as error:
            raise ChallengeEnded("Somebody is signed in by this already.") from error
        name = upstream.display_name
        self._notices.linked(browser.person, provider=name, app=request.app)
        return name

    def _subject(self, word: Word) -> str:
        return self._subjects.of(word.request.workspace, word.vouched.key)

    def _confirmed(self, word: Word, visit: Visit) -> str:
        email = self._words.confirmed(word)
        if email is None:
            said = f"{word.upstream.display_name} confirmed no address that can be used here."
            self._refuse(word, visit, "address", said)
        return email

    def _made(self, word: Word, email: str, cookies: Cookies, visit: Visit) -> Person:
        upstream, vouched = word.upstream, word.vouched
        workspace = word.request.workspace
        address = self._users.address_of(workspace, email)
        invite = self._invites.permitting(workspace, address, cookies)
        if invite is None and not upstream.makes_users:
            said = "There is no account for you here yet. Ask whoever invited you."
            self._refuse(word, visit, "unknown", said)
        try:
            name = name_of(vouched.name)
        except InvalidInput:
            name = None
        profile = Profile(email=email, name=name, attributes=attributes_of(upstream, vouched))
        try:
            return self._subjects.make(
                workspace,
                profile,
                self._subject(word),
                upstream=upstream,
                origin=visit.origin,
                app=word.request.app,
                invite=invite,
            )
        except Duplicate as error:
            raise ChallengeEnded("Somebody signed up with this address just now.") from error

    def _met(self, word: Word, person: Person, visit: Visit) -> None:
        user = self._users.active(person)
        if user is None:
            self._refuse(word, visit, "suspended", "This account cannot be signed in to.")
        attributes, origin = attributes_of(word.upstream, word.vouched), visit.origin
        self._subjects.describe(user, attributes, upstream=word.upstream.name, origin=origin)

    def _refuse(self, word: Word, visit: Visit, reason: str, said: str) -> NoReturn:
        self._audit.append(
            self._trail.event(
                AuditAction.SIGNIN_FAILED,
                workspace=word.request.workspace,
                actor=ANONYMOUS,
                origin=visit.origin,
                app=word.request.app,
                outcome="failure",
                meta={
                    "method": "federated",
                    "reason": reason,
                    "provider": word.upstream.name,
                },
            )
        )
        raise Forbidden(said)
