"""Changes of address: a person moves to another one by typing the code that was mailed there."""

from chalicelib.domain.callers import PersonCaller
from chalicelib.domain.challenges import Challenge, ChallengeKind, waiting_place
from chalicelib.domain.denials import ChallengeEnded, SigninRefused
from chalicelib.domain.errors import Duplicate, Fault, InvalidInput, Stale
from chalicelib.domain.ids import digest, new_secret
from chalicelib.domain.limits import CHALLENGE_SECONDS
from chalicelib.domain.ports.login import ChallengeStore
from chalicelib.domain.ports.surroundings import Clock, Mailer
from chalicelib.domain.sign_ups import code_digest, fits, new_code
from chalicelib.services.attempts import Guesses
from chalicelib.services.credentials import Credentials
from chalicelib.services.dashboard import Dashboard
from chalicelib.services.grants import Grants
from chalicelib.services.keys import Keys
from chalicelib.services.mails import address_mail, occupied_mail
from chalicelib.services.notice_mails import moved_mail
from chalicelib.services.own_account import OwnAccount
from chalicelib.services.paces import evenly
from chalicelib.services.users import Users

_KIND = ChallengeKind.ADDRESS
_ENDED = "This code is no longer valid. Ask for another one."


class AddressChanges:
    """The way from one address to another; whether the new one is taken is told to it alone."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: ChallengeStore,
        dashboard: Dashboard,
        account: OwnAccount,
        users: Users,
        keys: Keys,
        guesses: Guesses,
        mailer: Mailer,
        credentials: Credentials,
        grants: Grants,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._dashboard = dashboard
        self._account = account
        self._users = users
        self._keys = keys
        self._guesses = guesses
        self._mailer = mailer
        self._credentials = credentials
        self._grants = grants

    def start(self, caller: PersonCaller, *, email: str) -> tuple[str, str]:
        """Mail a code to the new address; answers challenge and address."""
        self._dashboard.demand_fresh(caller)
        address = self._users.normalise(email)
        with evenly(self._clock):
            return self._begun(caller, address)

    def _begun(self, caller: PersonCaller, address: str) -> tuple[str, str]:
        workspace, place = caller.workspace.id, caller.workspace.name
        if address == self._users.profile(self._account.user(caller)).email:
            raise InvalidInput(
                "That is your address already.", Fault("/email", "Enter another address.")
            )
        self._guesses.admit_reset(workspace, ip=caller.visit.origin.ip)
        holder = self._users.holder(workspace, self._users.address_of(workspace, address))
        is_mailed = self._guesses.admits_mail(workspace, email=address)
        challenge, code = new_secret(), new_code()
        name = digest(challenge)
        # Where no code arrives, none fits: a decoy waits for something that nobody can type.
        expected = code if holder is None and is_mailed else new_secret()
        self._store.open(
            Challenge(
                digest=name,
                workspace=workspace,
                kind=_KIND,
                user=caller.person.user,
                bound=caller.browser.digest,
                exp=self._clock.now() + CHALLENGE_SECONDS,
                code=code_digest(challenge, expected),
                sealed=self._keys.seal(waiting_place(caller.person, name), address.encode()),
            )
        )
        if is_mailed:
            mail = (
                address_mail(address, code=code, place=place)
                if holder is None
                else occupied_mail(address, place=place)
            )
            self._mailer.send(mail)
        return challenge, address

    def finish(self, caller: PersonCaller, *, challenge: str, code: str) -> str:
        """Move to the new address if the code fits, end the other sign-ins, and answer it.

        Raises `SigninRefused` or `ChallengeEnded`.
        """
        self._dashboard.demand_fresh(caller)
        waiting = self._store.count_try(
            caller.workspace.id, digest(challenge), kind=_KIND, now=self._clock.now()
        )
        mine = (caller.person, caller.browser.digest)
        if waiting is None or waiting.sealed is None or (waiting.person, waiting.bound) != mine:
            raise ChallengeEnded(_ENDED)
        if not fits(waiting.code, challenge=challenge, code=code):
            raise SigninRefused("That is not the code.", tries_left=waiting.tries_left)
        user = self._account.user(caller)
        place = waiting_place(caller.person, waiting.digest)
        address = self._keys.open(place, waiting.sealed).decode()
        before = self._users.profile(user).address
        try:
            if before != address:  # else it was moved before, and what follows was interrupted
                self._users.change_address(user, address, origin=caller.visit.origin)
                self._credentials.tell_at(before, moved_mail(place=caller.workspace.name))
        except (Duplicate, Stale):
            # Taken while the code was on its way; nobody learns that here.
            raise ChallengeEnded(_ENDED) from None
        self._grants.log_out_person(caller.person, caller.visit, but=caller.browser.digest)
        # Last, so that whoever was interrupted can send the same again.
        self._store.close(waiting)
        return address
