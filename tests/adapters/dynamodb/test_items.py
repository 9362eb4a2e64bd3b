"""What the items look like, attribute by attribute: stored data outlives the code that wrote it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.adapters.dynamodb.attributes import Value, read, written
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.keys import user_keys_put
from chalicelib.adapters.dynamodb.layout import (
    AUDIT,
    KEYS,
    PAYLOADS,
    SESSIONS,
    Key,
    head_key,
    payload_key,
    person_pk,
    user_keys_key,
    workspace_keys_key,
)
from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import AppId, GrantId, SessionId, UserId, WorkspaceId, digest
from chalicelib.domain.keys import KeyKind, Sealed, UserKey, UserKeys, UserRing
from chalicelib.domain.limits import GRACE_SECONDS
from chalicelib.domain.objects import SealedObject
from chalicelib.domain.sessions import Partition, SessionRef
from chalicelib.domain.users import User, UserStatus
from tests.builders import (
    FIRST,
    NOW,
    some_event,
    some_head,
    some_payload,
    some_person,
    some_receipt,
    some_sealed,
    some_signing_key,
    some_user_key,
    some_user_keys,
)
from tests.contracts.stores import PLENTY, Stores

REF = SessionRef(
    Partition(WorkspaceId("wacme"), AppId("notes"), UserId(1_234_567_890_123_456)),
    SessionId("01HZZZZZZZZZZZZZZZZZZZZZZZ"),
)
PK = "W#wacme#U#1234567890123456"
SK = "S#notes#01HZZZZZZZZZZZZZZZZZZZZZZZ"


def item_of(tables: Tables, key: Key) -> dict[str, Any]:
    item = tables.get(key)
    assert item is not None
    return dict(item)


def test_a_head_has_its_attributes_and_the_keys_of_its_indexes(
    tables: Tables, stores: Stores
) -> None:
    head = some_head(
        REF,
        exp=NOW + 60,
        rev=3,
        size=11,
        keys=2,
        quota_shard=5,
        dead={GrantId("gone"): NOW + 9},
        who=Sealed(1, b"\x00who"),
        seed=Sealed(2, b"\xffseed"),
        last_seen_at=NOW + 1,
        updated_at=NOW + 2,
    )
    stores.add(head)
    assert (head_key(REF).pk, head_key(REF).sk) == (PK, SK)
    assert item_of(tables, head_key(REF)) == {
        "PK": PK,
        "SK": SK,
        "status": "live",
        "exp": 1_800_000_060,
        "rev": 3,
        "dead": {"gone": NOW + 9},
        "createdAt": 1_800_000_000,
        "updatedAt": NOW + 2,
        "lastSeenAt": NOW + 1,
        "size": 11,
        "keys": 2,
        "quotaShard": 5,
        "who": {"v": 1, "ct": b"\x00who"},
        "seed": {"v": 2, "ct": b"\xffseed"},
        "wsPK": "W#wacme#202701#2",
        "createdSK": "1800000000#01HZZZZZZZZZZZZZZZZZZZZZZZ",
        "appPK": "W#wacme#A#notes#202701",
        "sidPK": "W#wacme#S#01HZZZZZZZZZZZZZZZZZZZZZZZ",
        "sidSK": "HEAD",
        "expPK": "X#2027011508#2",
        "expSK": "1800000060#01HZZZZZZZZZZZZZZZZZZZZZZZ",
        "ttl": 1_800_000_060 + 48 * 3_600,
    }
    assert item_of(tables, Key(SESSIONS, PK, "L#notes")) == {
        "PK": PK,
        "SK": "L#notes",
        "sid": "01HZZZZZZZZZZZZZZZZZZZZZZZ",
        "live": 1,
    }


@pytest.mark.parametrize("later", [0, NOW + 7_200])
def test_another_lifetime_moves_every_key_and_date_that_depends_on_it(
    tables: Tables, stores: Stores, later: int
) -> None:
    head = stores.add(some_head(exp=NOW + 60))
    stores.sessions.change_lifetime(head, replace(head, exp=later), some_event(head.ref))
    item = item_of(tables, head_key(head.ref))
    payload = item_of(tables, payload_key(head.ref))
    if not later:
        assert {"ttl", "expPK", "expSK"}.isdisjoint(item)
        assert "ttl" not in payload
        return
    assert item["ttl"] == payload["ttl"] == later + GRACE_SECONDS
    assert item["expPK"].startswith("X#2027011510#")
    assert item["expSK"] == f"{later}#{head.ref.sid}"


def test_a_session_that_is_kept_is_not_swept_and_in_no_index_of_expiry(
    tables: Tables, stores: Stores
) -> None:
    item = item_of(tables, head_key(stores.add(some_head(exp=0)).ref))
    assert {"ttl", "expPK", "expSK"}.isdisjoint(item)


def test_an_ended_session_is_swept_in_two_days_and_leaves_the_index_of_expiry(
    tables: Tables, stores: Stores
) -> None:
    head = stores.add(some_head(exp=NOW + 10**6, seed=some_sealed()))
    stores.sessions.end(head, by="owner", now=NOW, event=some_event(head.ref))
    item = item_of(tables, head_key(head.ref))
    assert item["ttl"] == NOW + GRACE_SECONDS
    assert {"seed", "expPK", "expSK"}.isdisjoint(item)
    assert "who" in item


def test_a_payload_is_binary_and_is_swept_with_its_head(tables: Tables, stores: Stores) -> None:
    assert payload_item(tables, stores, Sealed(3, b"\xff")) == {"dkv": 3, "ct": b"\xff"}


def test_of_a_large_payload_its_item_says_where_it_lies_and_which_bytes(
    tables: Tables, stores: Stores
) -> None:
    sealed = SealedObject(3, "o/abc", "v-1", 400_000, "5e" * 32)
    pointer = {"key": "o/abc", "version": "v-1", "length": 400_000, "sha256": "5e" * 32}
    assert payload_item(tables, stores, sealed) == {"dkv": 3, "object": pointer}


def payload_item(
    tables: Tables, stores: Stores, sealed: Sealed | SealedObject
) -> Mapping[str, object]:
    """Answer what an item says of the bytes, the rest compared."""
    head = some_head(exp=NOW + 60)
    payload = replace(some_payload(head.ref), sealed=sealed)
    stores.sessions.create(
        head, payload=payload, latest=FIRST, shard_limit=PLENTY, event=some_event(head.ref)
    )
    item = dict(item_of(tables, payload_key(head.ref)))
    rest = {
        "PK": person_pk(head.ref.partition.person),
        "SK": f"P#notes#{head.ref.sid}",
        "ver": 1,
        "writeId": payload.write_id,
        "ttl": NOW + 60 + GRACE_SECONDS,
    }
    assert {name: item.pop(name) for name in rest} == rest
    return item


def test_a_receipt_has_its_attributes_and_is_swept_after_a_day(
    tables: Tables, stores: Stores
) -> None:
    receipt = some_receipt(REF, fingerprint="print", version=7, body=Sealed(2, b"\xffbody"))
    stores.receipts.keep(receipt)
    item = item_of(tables, Key(PAYLOADS, PK, f"I#notes#{receipt.ref.digest}"))
    assert item == {
        "PK": PK,
        "SK": f"I#notes#{receipt.ref.digest}",
        "fingerprint": "print",
        "sid": REF.sid,
        "at": NOW,
        "status": 200,
        "ver": 7,
        "body": {"v": 2, "ct": b"\xffbody"},
        "ttl": NOW + 86_400,
    }


def test_user_keys_are_indexed_by_the_oldest_workspace_key_that_data_needs(
    tables: Tables, stores: Stores
) -> None:
    person, keys = some_person(), [some_user_key(n) for n in (10, 9)]
    ring = UserRing(2, {1: keys[0], 2: keys[1]})
    user = User(person, UserStatus.ACTIVE, some_sealed(), password=None, created_at=NOW)
    stores.users.create(
        user,
        address=digest(str(person.user)),
        keys=UserKeys(person.workspace, person.user, {KeyKind.DK: ring}),
        event=some_event(person.workspace),
    )
    assert item_of(tables, user_keys_key(person)) == {
        "PK": f"W#{person.workspace}#U#{person.user}",
        "SK": "KEY",
        "dk": {
            "current": 2,
            "versions": {
                "1": {"wrapped": keys[0].wrapped, "wkv": 10},
                "2": {"wrapped": keys[1].wrapped, "wkv": 9},
            },
        },
        "wkvPK": f"W#{person.workspace}#V#9",
        "wkvSK": str(person.user),
    }


def test_keys_that_are_already_there_are_never_replaced(tables: Tables, stores: Stores) -> None:
    person = some_person()
    kept = user_keys_put(some_user_keys(person))
    tables.put(kept)
    before = item_of(tables, user_keys_key(person))
    with pytest.raises(Stale):
        stores.add_person(person, some_user_keys(person))
    assert item_of(tables, user_keys_key(person)) == before
    assert stores.users.get(person) is None


def test_an_added_data_key_is_indexed_and_an_identity_key_is_not(
    tables: Tables, stores: Stores
) -> None:
    person = some_person()
    stores.add_person(person, some_user_keys(person, KeyKind.IK))
    assert "wkvPK" not in item_of(tables, user_keys_key(person))
    stores.keys.add(person, kind=KeyKind.DK, version=1, key=UserKey(b"d", 4))
    assert item_of(tables, user_keys_key(person))["wkvPK"] == f"W#{person.workspace}#V#4"


def test_workspace_keys_and_signing_keys_have_their_places(tables: Tables, stores: Stores) -> None:
    assert workspace_keys_key(WorkspaceId("wacme")) == Key(KEYS, "W#wacme", "KEYS")
    key = some_signing_key(not_after=NOW)
    stores.keys.add_signing(key)
    assert item_of(tables, Key(KEYS, "DEPLOYMENT", f"SIGN#{key.kid}")) == {
        "PK": "DEPLOYMENT",
        "SK": f"SIGN#{key.kid}",
        "arn": key.arn,
        "alg": "ES256",
        "state": "current",
        "public": key.public,
        "publishedAt": 0,
        "notAfter": NOW,
    }


def test_an_event_has_its_attributes_and_only_the_index_keys_it_needs(
    tables: Tables, stores: Stores
) -> None:
    event = some_event(
        REF,
        id="01J00000000000000000000000",
        at=NOW * 1_000 + 7,
        action=AuditAction.PAYLOAD_KEY_SET,
        actor=Actor(ActorKind.USER, REF.partition.user),
        reason="because",
        meta={"keys": 2, "way": "put"},
    )
    stores.audit.append(event)
    assert item_of(tables, Key(AUDIT, "W#wacme#20270115#3", event.id)) == {
        "PK": "W#wacme#20270115#3",
        "SK": event.id,
        "sessPK": f"W#wacme#S#{REF.sid}",
        "actorPK": "W#wacme#BY#1234567890123456",
        "subjectPK": "W#wacme#ON#1234567890123456",
        "v": 1,
        "id": event.id,
        "at": NOW * 1_000 + 7,
        "wid": "wacme",
        "action": "payload.key_set",
        "actor": {"kind": "user", "uid": 1_234_567_890_123_456},
        "subject": 1_234_567_890_123_456,
        "aid": "notes",
        "sid": REF.sid,
        "outcome": "success",
        "reason": "because",
        "ip": "192.0.2.1",
        "agent": "Firefox",
        "requestId": "r-1",
        "meta": {"keys": 2, "way": "put"},
    }


def test_values_come_back_as_they_were_and_bytes_are_not_encoded() -> None:
    fields: dict[str, Value] = {
        "text": "é",
        "number": 2**53,
        "yes": True,
        "no": False,
        "bytes": b"\x00\xff",
        "map": {"list": ["a", 1, b"", {}]},
        "kind": KeyKind.DK,
    }
    raw = written({**fields, "absent": None})
    assert raw["bytes"] == {"B": b"\x00\xff"}
    assert raw["yes"] == {"BOOL": True}
    assert json.dumps(raw["kind"]) == '{"S": "dk"}'
    assert read(raw) == fields
