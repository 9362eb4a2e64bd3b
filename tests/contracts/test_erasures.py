"""What every store of erasures does, and never to a neighbour."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pytest

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.devices import KnownDevice
from chalicelib.domain.erasures import Erasure, Remains
from chalicelib.domain.errors import Stale
from chalicelib.domain.factors import Factors, RecoveryCodes, Totp
from chalicelib.domain.ids import (
    AppId,
    UserId,
    digest,
    new_browser_id,
    new_client_id,
    new_family_id,
    new_grant_id,
    new_secret,
    new_ulid,
    new_user_id,
    new_workspace_id,
)
from chalicelib.domain.invites import InviteStatus, Redemption
from chalicelib.domain.keys import KeyKind
from chalicelib.domain.links import Link
from chalicelib.domain.login import BrowserSignIn
from chalicelib.domain.objects import SealedObject
from chalicelib.domain.passkeys import Passkey
from chalicelib.domain.refresh import RefreshFamily
from chalicelib.domain.sessions import Head, Partition, Person
from chalicelib.domain.tokens import SignIn
from chalicelib.domain.users import User, UserStatus
from tests.builders import (
    NOW,
    some_event,
    some_head,
    some_object,
    some_payload,
    some_person,
    some_receipt,
    some_ref,
    some_sealed,
    some_user_keys,
)
from tests.contracts.directory import at_once, some_digest, some_user, wins
from tests.contracts.stores import DAY, PLENTY, Stores
from tests.contracts.test_invites import some_invite

next_door = pytest.mark.parametrize(
    "neighbour",
    [
        pytest.param(lambda p: replace(p, workspace=new_workspace_id()), id="workspace"),
        pytest.param(lambda p: replace(p, user=new_user_id()), id="user"),
        pytest.param(lambda p: replace(p, user=UserId(p.user // 10 + 10**15)), id="similar"),
    ],
)


@dataclass
class Life:
    """A person with something in every place in which a person can have something."""

    stores: Stores
    user: User
    address: str
    subjects: tuple[str, str]
    head: Head
    passkey: Passkey
    browser: BrowserSignIn
    family: RefreshFamily
    device: KnownDevice

    @property
    def person(self) -> Person:
        return self.user.person

    def erasure(self, *, at: int = NOW) -> Erasure:
        return Erasure(new_ulid(at * 1_000), self.person, at)

    def begin(self, erasure: Erasure | None = None) -> Erasure:
        begun = erasure or self.erasure()
        event = some_event(
            self.person.workspace, action=AuditAction.USER_ERASED, subject=self.person.user
        )
        self.stores.erasures.begin(
            begun, profile=self.user.profile, address=self.address, events=[event]
        )
        return begun

    def end_session(self) -> None:
        there = self.stores.there(self.head.ref)
        self.stores.sessions.end(there, by="erasure", now=NOW, event=some_event(self.head.ref))

    def erase(self) -> Erasure:
        erasure = self.begin()
        self.end_session()
        self.stores.erasures.sign_out(self.person)
        self.stores.erasures.release(self.person)
        self.stores.erasures.clear(self.person)
        self.stores.erasures.close(erasure)
        return erasure

    def traces(self) -> dict[str, bool]:
        """What is there of them."""
        stores, workspace = self.stores, self.person.workspace
        first, second = self.subjects
        digest_of = self.browser.digest
        return {
            "profile": stores.users.get(self.person) is not None,
            "address": stores.users.find(workspace, self.address) is not None,
            "subject": stores.users.linked(workspace, first) is not None,
            "other subject": stores.users.linked(workspace, second) is not None,
            "keys": stores.keys.of_user(self.person) is not None,
            "head": stores.sessions.head(self.head.ref) is not None,
            "newest": stores.sessions.latest(self.head.ref.partition).sid is not None,
            "payload": stores.payload(self.head.ref) is not None,
            "passkey": stores.passkeys.find(workspace, self.passkey.digest) is not None,
            "passkeys": bool(stores.passkeys.of(self.person)),
            "factors": stores.factors.of(self.person) != Factors(),
            "browser": stores.login.browser(workspace, digest_of, now=NOW) is not None,
            "family": stores.refresh.get(workspace, self.family.id, now=NOW) is not None,
            "families": bool(stores.refresh.of(self.person, now=NOW)),
            "device": stores.devices.knows(self.person, self.device.digest, now=NOW),
        }

    def is_whole(self) -> bool:
        return all(self.traces().values())

    def left(self) -> set[str]:
        return {name for name, is_there in self.traces().items() if is_there}


def life(stores: Stores, person: Person | None = None) -> Life:
    """Make somebody with everything."""
    user = some_user(person or some_person())
    who = user.person
    event = partial(some_event, who.workspace)
    address, subjects = some_digest(), (some_digest(), some_digest())
    stores.users.create(
        user, address=address, keys=some_user_keys(who), event=event(), link=Link(subjects[0])
    )
    stores.users.link(who, Link(subjects[1]), event())
    ref = some_ref(Partition(who.workspace, AppId("notes"), who.user))
    head = stores.add(some_head(ref, size=17))
    stores.receipts.keep(some_receipt(ref))
    passkey = Passkey(
        id=new_secret(),
        person=who,
        rp_id="flows.example",
        public_key=b"key",
        sign_count=1,
        is_synced=True,
        is_backed_up=True,
        transports=("internal",),
        aaguid="00000000-0000-0000-0000-000000000000",
        name=some_sealed(),
        created_at=NOW,
    )
    stores.passkeys.add(passkey, event())
    totp = Totp(new_ulid(NOW * 1_000), who, some_sealed(), last_step=0, created_at=NOW)
    recovery = RecoveryCodes(who, frozenset({some_digest()}), NOW)
    stores.factors.put_totp(totp, recovery, before=None, event=event())
    browser = BrowserSignIn(
        digest=digest(new_secret()),
        id=new_browser_id(),
        person=who,
        sign_in=SignIn(NOW),
        exp=NOW + 100,
    )
    stores.login.add_browser(browser, event())
    family = RefreshFamily(
        id=new_family_id(),
        ref=ref,
        client_id=new_client_id(),
        grant=new_grant_id(),
        scope="openid offline_access",
        sign_in=SignIn(NOW),
        current=some_digest(),
        created_at=NOW,
        rotated_at=NOW,
        exp=NOW + 100,
    )
    stores.refresh.add(family)
    device = KnownDevice(digest=some_digest(), person=who, exp=NOW + 100)
    stores.devices.add(device)
    return Life(stores, user, address, subjects, head, passkey, browser, family, device)


def test_with_the_keys_go_address_and_subjects_and_the_person_is_refused(stores: Stores) -> None:
    one = life(stores)
    erasure = one.begin()
    assert {"keys", "address", "subject", "other subject"} & one.left() == set()
    refused = stores.users.get(one.person)
    assert refused is not None
    assert (refused.status, refused.password) == (UserStatus.ERASING, None)
    assert stores.erasures.of(one.person) == erasure
    assert list(stores.erasures.done(since=NOW, until=NOW)).count(erasure) == 1


def test_the_events_stand_beside_it(stores: Stores) -> None:
    one = life(stores)
    before = stores.events(one.head.ref)
    one.begin()
    (event,) = [each for each in stores.events(one.head.ref) if each not in before]
    assert (event.action, event.subject) == (AuditAction.USER_ERASED, one.person.user)


def test_without_its_record_nothing_is_erased(stores: Stores) -> None:
    one = life(stores)
    taken = stores.events(one.head.ref)[0]
    with pytest.raises(Stale):
        stores.erasures.begin(
            one.erasure(), profile=one.user.profile, address=one.address, events=[taken]
        )
    assert one.is_whole()
    assert stores.erasures.of(one.person) is None
    assert one.person not in [each.person for each in stores.erasures.done(since=0, until=2 * NOW)]


def test_whoever_is_held_stays_whole(stores: Stores) -> None:
    one = life(stores)
    assert not stores.erasures.is_held(one.person)
    stores.hold(one.person)
    assert stores.erasures.is_held(one.person)
    with pytest.raises(Stale):
        one.begin()
    assert one.is_whole()


def test_an_erasure_begins_once(stores: Stores) -> None:
    one = life(stores)
    first = one.begin()
    with pytest.raises(Stale):
        one.begin()
    assert stores.erasures.of(one.person) == first


def test_of_eight_who_begin_one_does(stores: Stores) -> None:
    one = life(stores)
    attempts: list[Callable[[], bool]] = [partial(wins, one.begin) for _ in range(8)]
    assert Counter(at_once(attempts))[True] == 1


def test_a_profile_that_has_changed_meanwhile_is_read_again(stores: Stores) -> None:
    one = life(stores)
    after = some_sealed()
    stores.users.change_profile(
        one.person,
        before=one.user.profile,
        after=after,
        event=some_event(one.person.workspace),
    )
    with pytest.raises(Stale):
        one.begin()
    assert one.is_whole()
    one.user = replace(one.user, profile=after)
    one.begin()


def test_an_address_that_is_another_persons_is_not_freed(stores: Stores) -> None:
    one, other = life(stores), some_user()
    one_more = some_user(some_person(one.person.workspace))
    theirs = some_digest()
    stores.users.create(
        one_more,
        address=theirs,
        keys=some_user_keys(one_more.person),
        event=some_event(other.person.workspace),
    )
    one.address, mine = theirs, one.address
    with pytest.raises(Stale):
        one.begin()
    one.address = mine
    assert stores.users.find(one.person.workspace, theirs) == one_more.person.user
    assert one.is_whole()


def test_somebody_without_an_address_is_erased_too(stores: Stores) -> None:
    one = life(stores)
    stores.erasures.begin(one.erasure(), profile=one.user.profile, address=None, events=[])
    assert "keys" not in one.left()


def test_nobody_is_not_erased(stores: Stores) -> None:
    person = some_person()
    erasure = Erasure(new_ulid(NOW * 1_000), person, NOW)
    with pytest.raises(Stale):
        stores.erasures.begin(erasure, profile=some_sealed(), address=None, events=[])
    assert stores.erasures.of(person) is None
    with pytest.raises(Stale):
        stores.erasures.close(erasure)


def test_nothing_is_linked_to_who_is_going_and_no_key_comes_back(stores: Stores) -> None:
    one = life(stores)
    one.begin()
    with pytest.raises(Stale):
        stores.users.link(one.person, Link(some_digest()), some_event(one.person.workspace))
    key = some_user_keys(one.person).rings[KeyKind.DK].versions[1]
    with pytest.raises(Stale):
        stores.keys.add(one.person, kind=KeyKind.DK, version=1, key=key)
    assert stores.keys.of_user(one.person) is None


def test_a_sign_out_removes_what_a_person_is_known_by(stores: Stores) -> None:
    one = life(stores)
    removed = stores.erasures.sign_out(one.person)
    assert removed == {Remains.SIGN_INS: 1, Remains.REFRESHES: 1, Remains.DEVICES: 1}
    assert {"browser", "family", "families", "device"} & one.left() == set()
    assert stores.erasures.sign_out(one.person) == {}


def test_a_release_removes_what_a_person_shows(stores: Stores) -> None:
    one = life(stores)
    one.begin()
    removed = stores.erasures.release(one.person)
    assert removed == {Remains.PASSKEYS: 1, Remains.AUTHENTICATORS: 1}
    assert {"passkey", "passkeys", "factors"} & one.left() == set()
    assert "profile" in one.left()
    assert stores.erasures.release(one.person) == {}


def test_what_is_cleared_is_gone_with_its_receipts(stores: Stores) -> None:
    one = life(stores)
    receipt = some_receipt(one.head.ref)
    stores.receipts.keep(receipt)
    one.begin()
    one.end_session()
    stores.erasures.clear(one.person)
    assert {"head", "newest", "payload"} & one.left() == set()
    partition = one.head.ref.partition
    assert stores.sessions.latest(partition, receipt.ref).receipt is None
    assert stores.sessions.of_person(one.person) == []


def test_a_session_that_lives_is_not_cleared(stores: Stores) -> None:
    one = life(stores)
    with pytest.raises(Stale):
        stores.erasures.clear(one.person)
    assert "head" in one.left()
    assert stores.counted(one.head) == 1


def test_objects_are_named_by_the_rows_that_point_to_them(stores: Stores) -> None:
    one = life(stores)
    assert stores.erasures.objects(one.person) == []
    large = some_object()
    ref = some_ref(one.head.ref.partition)
    stores.sessions.create(
        some_head(ref),
        payload=replace(some_payload(ref), sealed=large),
        latest=stores.sessions.latest(ref.partition),
        shard_limit=PLENTY,
        event=some_event(ref),
    )
    assert isinstance(large, SealedObject)
    assert stores.erasures.objects(one.person) == [large.key]


def test_at_the_end_nothing_is_there_but_the_record(stores: Stores) -> None:
    one = life(stores)
    erasure = one.erase()
    assert one.left() == set()
    assert stores.erasures.of(one.person) is None
    assert erasure in list(stores.erasures.done(since=NOW, until=NOW))
    with pytest.raises(Stale):
        stores.erasures.close(erasure)


def test_another_erasure_is_not_closed(stores: Stores) -> None:
    one = life(stores)
    one.begin()
    with pytest.raises(Stale):
        stores.erasures.close(one.erasure())
    assert stores.users.get(one.person) is not None


def test_whoever_is_active_is_not_closed(stores: Stores) -> None:
    one = life(stores)
    with pytest.raises(Stale):
        stores.erasures.close(one.erasure())
    assert one.is_whole()


@next_door
def test_next_door_everything_stays(stores: Stores, neighbour: Callable[[Person], Person]) -> None:
    one = life(stores)
    other = life(stores, neighbour(one.person))
    one.erase()
    stores.erasures.unclaim({one.person})
    assert one.left() == set()
    assert other.is_whole()
    assert stores.erasures.of(other.person) is None
    assert stores.counted(other.head) >= 1


def under_way(stores: Stores) -> Sequence[Person]:
    return stores.erasures.under_way(now=2**33, limit=PLENTY)


def test_who_is_under_way_is_found_until_the_end(stores: Stores) -> None:
    one = life(stores)
    assert one.person not in under_way(stores)
    erasure = one.begin()
    assert one.person in under_way(stores)
    stores.erasures.close(erasure)
    assert one.person not in under_way(stores)


def test_the_first_to_begin_is_found_first(stores: Stores) -> None:
    late, early = life(stores), life(stores)
    late.begin(late.erasure(at=NOW - 10))
    begun = early.begin(early.erasure(at=NOW - 20))
    found = [p for p in under_way(stores) if p in (late.person, early.person)]
    assert found == [early.person, late.person]
    assert len(stores.erasures.under_way(now=2**33, limit=1)) == 1
    stores.erasures.put_off(begun, until=NOW)
    found = [p for p in under_way(stores) if p in (late.person, early.person)]
    assert found == [late.person, early.person]


def test_one_is_found_from_its_time_on(stores: Stores) -> None:
    one = life(stores)
    erasure = one.begin(one.erasure(at=NOW - 10))
    assert one.person not in stores.erasures.under_way(now=NOW - 11, limit=PLENTY)
    assert one.person in stores.erasures.under_way(now=NOW - 10, limit=PLENTY)
    stores.erasures.put_off(erasure, until=NOW)
    assert one.person not in stores.erasures.under_way(now=NOW - 1, limit=PLENTY)
    assert one.person in stores.erasures.under_way(now=NOW, limit=PLENTY)
    # When it began stays what it was.
    assert stores.erasures.of(one.person) == erasure
    stores.erasures.close(erasure)
    assert stores.users.get(one.person) is None


def test_what_is_put_off_is_recorded_with_that(stores: Stores) -> None:
    one = life(stores)
    erasure = one.begin()
    event = some_event(one.person.workspace, action=AuditAction.USER_ERASED)
    stores.erasures.put_off(erasure, until=NOW + 5, event=event)
    assert event in stores.audit.of_day(one.person.workspace, DAY)
    with pytest.raises(Stale):
        stores.erasures.put_off(erasure, until=NOW + 9, event=event)
    assert one.person in stores.erasures.under_way(now=NOW + 5, limit=PLENTY)


def test_what_is_over_or_never_began_is_not_put_off(stores: Stores) -> None:
    one, other = life(stores), life(stores)
    erasure = one.begin()
    for wrong in (one.erasure(), other.erasure(), replace(erasure, person=other.person)):
        with pytest.raises(Stale):
            stores.erasures.put_off(wrong, until=NOW + 5)
    stores.erasures.close(erasure)
    with pytest.raises(Stale):
        stores.erasures.put_off(erasure, until=NOW + 5)
    assert stores.users.get(one.person) is None
    assert other.is_whole()


def test_records_are_answered_for_a_time(stores: Stores) -> None:
    one, month = life(stores), 31 * 86_400
    erasure = one.begin(one.erasure(at=NOW - month))
    assert erasure in list(stores.erasures.done(since=NOW - month, until=NOW))
    assert erasure not in list(stores.erasures.done(since=NOW - month + 1, until=NOW))
    assert erasure not in list(stores.erasures.done(since=0, until=NOW - month - 1))


def test_whoever_came_back_is_refused_again(stores: Stores) -> None:
    one = life(stores)
    erasure = one.erasure()
    assert stores.erasures.repeat(erasure)
    assert "keys" not in one.left()
    assert stores.erasures.of(one.person) == erasure
    assert one.person in under_way(stores)
    assert not stores.erasures.repeat(erasure)


def test_nothing_is_repeated_for_who_stayed_away(stores: Stores) -> None:
    erasure = Erasure(new_ulid(NOW * 1_000), some_person(), NOW)
    assert not stores.erasures.repeat(erasure)
    assert stores.users.get(erasure.person) is None
    assert list(stores.erasures.done(since=NOW, until=NOW)).count(erasure) == 1


def test_names_that_came_back_are_freed(stores: Stores) -> None:
    one, other = life(stores), life(stores)
    stores.erasures.repeat(one.erasure())
    assert "address" in one.left()
    assert stores.erasures.unclaim([one.person]) >= 1
    assert {"address", "subject", "other subject"} & one.left() == set()
    assert other.is_whole()
    assert stores.erasures.unclaim([]) == 0


def test_the_invite_that_was_used_says_so_no_more(stores: Stores) -> None:
    used, others = some_invite(), some_invite()
    other = Person(used.workspace, new_user_id())
    user = some_user(some_person(used.workspace))
    for invite, each in (
        (used, user),
        (replace(others, workspace=used.workspace), some_user(other)),
    ):
        stores.invites.add(invite, some_event(invite.workspace))
        stores.users.create(
            each,
            address=some_digest(),
            keys=some_user_keys(each.person),
            event=some_event(invite.workspace),
            redemption=Redemption(invite, some_event(invite.workspace)),
        )
    erasure = Erasure(new_ulid(NOW * 1_000), user.person, NOW)
    stores.erasures.begin(erasure, profile=user.profile, address=None, events=[])
    for _ in range(2):
        stores.erasures.release(user.person)
    found = stores.invites.get(used.workspace, used.digest)
    assert found is not None
    assert (found.redeemed_by, found.status) == (None, InviteStatus.REDEEMED)
    assert found.address != used.address
    kept = stores.invites.get(used.workspace, others.digest)
    assert kept is not None
    assert (kept.redeemed_by, kept.address) == (other.user, others.address)
