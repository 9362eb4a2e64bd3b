"""What a login needs for minutes, in DynamoDB: every method compares times, none trusts `ttl`."""

from collections.abc import Sequence
from contextlib import suppress

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.browsers import browser_fields, browser_of
from chalicelib.adapters.dynamodb.claims import settle
from chalicelib.adapters.dynamodb.codes import code_fields, code_of
from chalicelib.adapters.dynamodb.layout import LOGIN, Key, person_pk
from chalicelib.adapters.dynamodb.login_rows import (
    ENDINGS,
    attempts_key,
    browser_key,
    browser_of_person_key,
    code_key,
    ending_key,
    sign_up_key,
)
from chalicelib.adapters.dynamodb.sign_ups import sign_up_fields, sign_up_of
from chalicelib.adapters.dynamodb.transactions import PRESENT, Delete, Put, Update
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.endings import Ending
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import GrantId, SessionId, WorkspaceId
from chalicelib.domain.limits import CHALLENGE_TRIES, ENDING_SECONDS, SIGN_IN_WINDOW
from chalicelib.domain.login import Attempts, AuthorizationCode, BrowserSignIn, SignUp
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person


class DynamoLogin:
    """Answers `LoginStore`."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        """Take the tables, and the clock for the pause after a collision."""
        self._tables = tables
        self._clock = clock

    def open_sign_up(self, sign_up: SignUp) -> None:
        key = sign_up_key(sign_up.workspace, sign_up.digest)
        self._tables.put(_put(key, sign_up_fields(sign_up)))

    def sign_up(self, workspace: WorkspaceId, digest: str, *, now: int) -> SignUp | None:
        found = self._live(sign_up_key(workspace, digest), now)
        return None if found is None or "kind" in found else sign_up_of(found)

    def count_try(self, workspace: WorkspaceId, digest: str, *, now: int) -> SignUp | None:
        update = Update(
            key=sign_up_key(workspace, digest),
            change="ADD #tries :one",
            # Challenges lie beside the accounts in waiting and have a kind, which these have not.
            condition=f"{PRESENT} AND #exp > :now AND #tries < :most"
            " AND attribute_not_exists(#kind)",
            values={"one": 1, "now": now, "most": CHALLENGE_TRIES},
        )
        try:
            return sign_up_of(self._tables.update(update, answer="ALL_NEW"))
        except Stale:
            return None

    def close_sign_up(self, workspace: WorkspaceId, digest: str) -> None:
        self._tables.delete(Delete(key=sign_up_key(workspace, digest)))

    def add_code(self, code: AuthorizationCode) -> None:
        self._tables.put(_put(code_key(code.workspace, code.digest), code_fields(code)))

    def take_code(
        self, workspace: WorkspaceId, digest: str, *, now: int
    ) -> AuthorizationCode | None:
        # Of all who come at the same moment, exactly one is answered an unused code.
        update = Update(
            key=code_key(workspace, digest),
            change="SET #used = :true REMOVE #seed",
            condition=f"{PRESENT} AND #ttl > :now",
            values={"true": True, "now": now},
        )
        try:
            return code_of(self._tables.update(update, answer="ALL_OLD"))
        except Stale:
            return None

    def remember_session(self, code: AuthorizationCode, sid: SessionId) -> None:
        update = Update(
            key=code_key(code.workspace, code.digest),
            change="SET #sid = :sid",
            condition=PRESENT,
            values={"sid": sid},
        )
        with suppress(Stale):  # a row that is gone has no second use to tell of
            self._tables.update(update, answer="ALL_NEW")

    def add_browser(self, browser: BrowserSignIn, event: AuditEvent) -> None:
        fields = browser_fields(browser)
        settle(
            self._tables,
            self._clock,
            _put(browser_key(browser.person.workspace, browser.digest), fields),
            _put(browser_of_person_key(browser.person, browser.digest), fields),
            audit_put(event),
        )

    def browser(self, workspace: WorkspaceId, digest: str, *, now: int) -> BrowserSignIn | None:
        found = self._live(browser_key(workspace, digest), now)
        return None if found is None else browser_of(found)

    def browsers_of(self, person: Person, *, now: int) -> Sequence[BrowserSignIn]:
        found = [each for each in self._listed(person) if now < each.exp]
        return sorted(found, key=lambda each: (-each.sign_in.auth_time, each.id))

    def sign_out_browser(self, browser: BrowserSignIn, event: AuditEvent) -> None:
        key = browser_key(browser.person.workspace, browser.digest)
        settle(
            self._tables,
            self._clock,
            Delete(key=key, condition="attribute_exists(#PK)"),
            Delete(key=browser_of_person_key(browser.person, browser.digest)),
            audit_put(event),
        )

    def end_browser(self, workspace: WorkspaceId, digest: str) -> None:
        found = self._tables.get(browser_key(workspace, digest))
        if found is not None:
            self._end(browser_of(found))

    def end_browsers(self, person: Person, *, but: str | None = None) -> None:
        for browser in self._listed(person):
            if browser.digest != but:
                self._end(browser)

    def note_ending(self, ending: Ending) -> None:
        fields: Fields = {
            "at": ending.at,
            "root": ending.root,
            "but": ending.but,
            "ttl": ending.at + ENDING_SECONDS,
        }
        self._tables.put(_put(ending_key(ending), fields))

    def endings(self, person: Person, *, now: int) -> Sequence[Ending]:
        rows = self._tables.query(
            LOGIN,
            "#PK = :pk AND begins_with(#SK, :sk)",
            {"pk": person_pk(person), "sk": ENDINGS},
        )
        return [_ending_of(person, row) for row in rows if now < row["ttl"]]

    def attempts(
        self, workspace: WorkspaceId, subject: str, *, now: int, window: int = SIGN_IN_WINDOW
    ) -> Attempts:
        found = self._tables.get(attempts_key(workspace, subject, window=_begin(now, window)))
        return Attempts(0, 0) if found is None else _attempts_of(found)

    def count_failure(
        self, workspace: WorkspaceId, subject: str, *, now: int, window: int = SIGN_IN_WINDOW
    ) -> Attempts:
        begin = _begin(now, window)
        update = Update(
            key=attempts_key(workspace, subject, window=begin),
            change="SET #lastAt = :now, #ttl = :ttl ADD #failures :one",
            values={"now": now, "ttl": begin + window, "one": 1},
        )
        return _attempts_of(self._tables.update(update, answer="ALL_NEW"))

    def take_back(
        self,
        workspace: WorkspaceId,
        subject: str,
        *,
        counted: Attempts,
        uncounted: Attempts,
        now: int,
        window: int = SIGN_IN_WINDOW,
    ) -> None:
        key = attempts_key(workspace, subject, window=_begin(now, window))
        restore = Update(
            key=key,
            change="SET #failures = :failures, #lastAt = :lastAt",
            condition="#failures = :counted AND #lastAt = :countedAt",
            values={
                "failures": uncounted.failures,
                "lastAt": uncounted.last_at,
                "counted": counted.failures,
                "countedAt": counted.last_at,
            },
        )
        lessen = Update(
            key=key,
            change="ADD #failures :less",
            condition=f"{PRESENT} AND #failures > :none",
            values={"less": -1, "none": 0},
        )
        try:
            self._tables.update(restore, answer="ALL_NEW")
        except Stale:
            with suppress(Stale):  # lifted meanwhile
                self._tables.update(lessen, answer="ALL_NEW")

    def lift(
        self,
        workspace: WorkspaceId,
        subjects: Sequence[tuple[str, int]],
        event: AuditEvent,
        *,
        now: int,
    ) -> None:
        keys = [
            attempts_key(workspace, subject, window=_begin(now, window))
            for subject, window in subjects
        ]
        settle(self._tables, self._clock, *(Delete(key=key) for key in keys), audit_put(event))

    def _live(self, key: Key, now: int) -> Item | None:
        found = self._tables.get(key)
        return found if found is not None and now < found["exp"] else None

    def _listed(self, person: Person) -> list[BrowserSignIn]:
        rows = self._tables.query(
            LOGIN,
            "#PK = :pk AND begins_with(#SK, :sk)",
            {"pk": person_pk(person), "sk": "SSO#"},
        )
        return [browser_of(row) for row in rows]

    def _end(self, browser: BrowserSignIn) -> None:
        # Both or none: a list must not show for weeks what lets nobody in any more.
        settle(
            self._tables,
            self._clock,
            Delete(key=browser_key(browser.person.workspace, browser.digest)),
            Delete(key=browser_of_person_key(browser.person, browser.digest)),
        )


def _put(key: Key, fields: Fields) -> Put:
    return Put(table=key.table, item={"PK": key.pk, "SK": key.sk, **fields})


def _begin(now: int, window: int) -> int:
    return now - now % window


def _ending_of(person: Person, item: Item) -> Ending:
    root = GrantId(item["root"]) if "root" in item else None
    return Ending(person=person, at=item["at"], root=root, but=item.get("but"))


def _attempts_of(item: Item) -> Attempts:
    return Attempts(failures=item["failures"], last_at=item["lastAt"])
