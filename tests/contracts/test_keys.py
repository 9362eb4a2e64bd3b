"""What every key store does."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.audit import AuditAction, AuditEvent
from chalicelib.domain.backups import DEPLOYMENT
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import UserId, WorkspaceId, new_user_id, new_workspace_id
from chalicelib.domain.keys import KeyKind, UserKey, UserKeys, UserRing, WorkspaceKeys
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import KeyState, SigningAlg, SigningKey
from tests.builders import (
    NOW,
    some_event,
    some_person,
    some_signing_key,
    some_user_key,
    some_user_keys,
    some_workspace,
    some_workspace_keys,
)
from tests.contracts.directory import at_once, wins
from tests.contracts.stores import DAY, Stores


def test_keys_of_a_workspace_are_read_back(stores: Stores) -> None:
    keys = created_workspace(stores)
    assert stores.keys.of_workspace(keys.workspace) == keys


def test_another_workspace_has_other_keys_or_none(stores: Stores) -> None:
    mine, theirs = created_workspace(stores), created_workspace(stores)
    assert stores.keys.of_workspace(mine.workspace) == mine
    assert stores.keys.of_workspace(theirs.workspace) == theirs
    assert stores.keys.of_workspace(new_workspace_id()) is None


def test_what_is_no_workspace_has_no_keys(stores: Stores) -> None:
    person = created_user(stores, KeyKind.DK)
    for text in ("", "#", f"{person.workspace}#U#{person.user}", f"{person.workspace}#"):
        assert stores.keys.of_workspace(WorkspaceId(text)) is None


def test_keys_of_a_user_are_read_back(stores: Stores) -> None:
    person = some_person()
    keys = some_user_keys(person)
    stores.add_person(person, keys)
    assert stores.keys.of_user(person) == keys


def test_every_version_of_a_users_keys_is_read_back(stores: Stores) -> None:
    person = some_person()
    ring = UserRing(12, {n: some_user_key(n + 20) for n in (9, 10, 12)})
    keys = UserKeys(person.workspace, person.user, {KeyKind.DK: ring})
    stores.add_person(person, keys)
    assert stores.keys.of_user(person) == keys


def test_a_user_who_was_not_created_has_no_keys(stores: Stores) -> None:
    assert stores.keys.of_user(some_person()) is None


def test_next_door_there_are_no_keys_of_a_user(stores: Stores) -> None:
    person = created_user(stores, KeyKind.IK)
    assert stores.keys.of_user(replace(person, workspace=new_workspace_id())) is None
    assert stores.keys.of_user(replace(person, user=new_user_id())) is None
    assert stores.keys.of_user(replace(person, user=UserId(person.user // 10 + 10**15))) is None


def test_a_key_of_a_new_kind_is_added_beside_the_other(stores: Stores) -> None:
    person = some_person()
    before = some_user_keys(person, KeyKind.IK)
    stores.add_person(person, before)
    key = some_user_key(7)
    stores.keys.add(person, kind=KeyKind.DK, version=3, key=key)
    rings = {**before.rings, KeyKind.DK: UserRing(3, {3: key})}
    assert stores.keys.of_user(person) == replace(before, rings=rings)


@pytest.mark.parametrize("kind", KeyKind)
def test_a_kind_of_key_is_added_once(stores: Stores, kind: KeyKind) -> None:
    person = created_user(stores, kind)
    before = stores.keys.of_user(person)
    with pytest.raises(Stale):
        stores.keys.add(person, kind=kind, version=2, key=some_user_key())
    assert stores.keys.of_user(person) == before


def test_a_key_is_added_to_nobody_else(stores: Stores) -> None:
    person = created_user(stores, KeyKind.IK)
    same_number = replace(person, workspace=new_workspace_id())
    stores.add_person(same_number, some_user_keys(same_number, KeyKind.IK))
    stores.keys.add(same_number, kind=KeyKind.DK, version=1, key=some_user_key())
    kept = stores.keys.of_user(person)
    assert kept is not None
    assert set(kept.rings) == {KeyKind.IK}


def test_who_has_no_keys_gets_none(stores: Stores) -> None:
    person = some_person()
    with pytest.raises(Stale):
        stores.keys.add(person, kind=KeyKind.DK, version=1, key=some_user_key())
    assert stores.keys.of_user(person) is None


def test_of_eight_who_add_a_key_one_does(stores: Stores) -> None:
    person = created_user(stores, KeyKind.IK)
    keys = [some_user_key() for _ in range(8)]
    outcomes = at_once([partial(wins, adding(stores, person, key)) for key in keys])
    assert sum(outcomes) == 1
    kept = stores.keys.of_user(person)
    assert kept is not None
    assert kept.rings[KeyKind.DK].versions[1] == keys[outcomes.index(True)]


def test_signing_keys_are_read_back(stores: Stores) -> None:
    keys = [
        some_signing_key(),
        some_signing_key(state=KeyState.RETIRED, not_after=NOW),
        some_signing_key(state=KeyState.NEXT),
    ]
    for key in keys:
        stores.keys.add_signing(key)
    found = stores.keys.signing()
    assert [key for key in found if key in keys] == sorted(keys, key=lambda key: key.kid)


def test_the_same_signing_key_again_changes_nothing(stores: Stores) -> None:
    key = some_signing_key(state=KeyState.RETIRED)
    stores.keys.add_signing(key)
    stores.keys.add_signing(replace(key, state=KeyState.CURRENT))
    assert [found for found in stores.keys.signing() if found.kid == key.kid] == [key]


def test_another_signing_key_of_the_same_id_is_refused(stores: Stores) -> None:
    key = some_signing_key()
    stores.keys.add_signing(key)
    with pytest.raises(Stale):
        stores.keys.add_signing(replace(key, public=b"another"))
    assert [found for found in stores.keys.signing() if found.kid == key.kid] == [key]


def test_a_signing_key_is_published_with_its_event(stores: Stores) -> None:
    key = some_signing_key(published_at=NOW, alg=SigningAlg.RS256)
    event = _signing_event()
    stores.keys.publish_signing(key, event)
    assert [found for found in stores.keys.signing() if found.kid == key.kid] == [key]
    with pytest.raises(Stale):
        stores.keys.publish_signing(key, _signing_event())
    assert [one.id for one in stores.audit.of_day(DEPLOYMENT, DAY) if one.id == event.id]


def test_signing_keys_turn_together_or_not_at_all(stores: Stores) -> None:
    one, two = some_signing_key(), some_signing_key(state=KeyState.NEXT)
    bystander = some_signing_key()
    for key in (one, two, bystander):
        stores.keys.add_signing(key)
    retired = replace(one, state=KeyState.RETIRED, not_after=NOW + 60)
    promoted = replace(two, state=KeyState.CURRENT)
    stores.keys.turn_signing([(one, retired), (two, promoted)], _signing_event())
    ours = (one.kid, two.kid, bystander.kid)

    def standing() -> list[SigningKey]:
        return [key for key in stores.keys.signing() if key.kid in ours]

    expected = sorted([retired, promoted, bystander], key=lambda key: key.kid)
    assert standing() == expected
    # The second of the two does not stand as it did: nothing of it happens.
    late = _signing_event()
    with pytest.raises(Stale):
        stores.keys.turn_signing([(retired, None), (two, promoted)], late)
    assert standing() == expected
    assert late.id not in {event.id for event in stores.audit.of_day(DEPLOYMENT, DAY)}
    stores.keys.turn_signing([(retired, None)], _signing_event())
    assert standing() == [key for key in expected if key.kid != one.kid]


def _signing_event() -> AuditEvent:
    return some_event(DEPLOYMENT, action=AuditAction.KEY_ROTATED)


def adding(stores: Stores, person: Person, key: UserKey) -> Callable[[], None]:
    return lambda: stores.keys.add(person, kind=KeyKind.DK, version=1, key=key)


def created_workspace(stores: Stores) -> WorkspaceKeys:
    workspace = some_workspace()
    keys = some_workspace_keys(workspace.id)
    stores.workspaces.create(workspace, keys=keys, owner=None, events=[some_event(workspace.id)])
    return keys


def created_user(stores: Stores, *kinds: KeyKind) -> Person:
    person = some_person()
    stores.add_person(person, some_user_keys(person, *kinds))
    return person
