"""The contract of whole tables: what comes out goes in again, bit by bit, and over nothing."""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.dump import DynamoDump
from chalicelib.domain.backups import Item
from chalicelib.domain.errors import Duplicate
from chalicelib.domain.limits import GRACE_SECONDS
from chalicelib.domain.objects import SealedObject, new_object_key, sha256
from chalicelib.domain.ports.records import TableDump
from tests.builders import some_ref
from tests.fakes.dump import MemoryDump, pointing_item

TABLE = "directory"


@pytest.fixture
def dump(tables: Tables | None) -> TableDump:
    return MemoryDump() if tables is None else DynamoDump(tables)


def items(count: int, size: int = 10) -> list[Item]:
    mark = secrets.token_hex(8)
    return [
        {
            "PK": {"S": f"W#{mark}"},
            "SK": {"S": f"ITEM#{number:06d}"},
            "sealed": {"B": base64.b64encode(secrets.token_bytes(size)).decode()},
        }
        for number in range(count)
    ]


def there(dump: TableDump, like: Sequence[Item]) -> list[Item]:
    """Answer what a table holds of some items' partition, in the order of the sort keys."""
    found: list[Any] = [item for page in dump.pages(TABLE) for item in page]
    return sorted(
        (item for item in found if item["PK"] == like[0]["PK"]),
        key=lambda item: str(item["SK"]["S"]),
    )


def test_every_kind_of_value_comes_back_as_it_was(dump: TableDump) -> None:
    bits = base64.b64encode(bytes(range(256))).decode()
    (plain,) = items(1)
    item = {
        **plain,
        "text": {"S": "Zürich \x00 \U0001f511"},
        "empty": {"S": ""},
        "number": {"N": "-9007199254740991"},
        "bits": {"B": bits},
        "yes": {"BOOL": True},
        "nothing": {"M": {}},
        "nested": {"M": {"1": {"M": {"wrapped": {"B": bits}, "state": {"S": "current"}}}}},
        "list": {"L": [{"N": "1"}, {"B": bits}, {"L": []}]},
    }
    dump.load(TABLE, [item])
    assert there(dump, [item]) == [item]


def test_what_comes_out_is_json(dump: TableDump) -> None:
    some = items(3)
    dump.load(TABLE, some)
    assert json.loads(json.dumps(there(dump, some))) == some


def test_more_items_than_one_page_and_one_transaction_come_back(dump: TableDump) -> None:
    some = items(120, size=20_000)
    dump.load(TABLE, some)
    assert there(dump, some) == some
    assert len(list(dump.pages(TABLE))) > 1


def test_items_as_large_as_they_may_be_are_loaded_together(dump: TableDump) -> None:
    some = items(12, size=350 * 1024)
    dump.load(TABLE, some)
    assert there(dump, some) == some


def test_loading_the_same_again_changes_nothing(dump: TableDump) -> None:
    some = items(7)
    dump.load(TABLE, some[:4])
    dump.load(TABLE, some)
    assert there(dump, some) == some


def test_another_item_in_the_place_is_never_overwritten(dump: TableDump) -> None:
    some = items(3)
    other = {**some[1], "sealed": {"B": "AAAA"}}
    dump.load(TABLE, [other])
    with pytest.raises(Duplicate):
        dump.load(TABLE, some)
    assert other in there(dump, some)


def test_a_table_is_empty_until_something_is_in_it(dump: TableDump) -> None:
    assert dump.is_empty("activity")
    dump.load(TABLE, items(1))
    assert not dump.is_empty(TABLE)


def test_an_item_tells_its_object_and_can_point_to_another_version(dump: TableDump) -> None:
    ref, key = some_ref(), new_object_key()
    dump.load("payloads", [pointing_item(ref, key, "v1", b"sealed")])
    (item,) = [
        item
        for page in dump.pages("payloads")
        for item in page
        if item["PK"] == {"S": f"W#{ref.partition.workspace}#U#{ref.partition.user}"}
    ]
    sealed = SealedObject(1, key, "v1", 6, sha256(b"sealed"))
    assert dump.object_of(item) == (ref, sealed)
    moved = dump.pointing(item, "v2")
    assert dump.object_of(moved) == (ref, replace(sealed, object_version="v2"))
    assert dump.pointing(moved, "v1") == item


def test_other_items_tell_of_no_object(dump: TableDump) -> None:
    (plain,) = items(1)
    assert dump.object_of(plain) is None
    assert dump.object_of({**plain, "object": {"S": "of another kind"}}) is None


def head(number: int, *, mark: str, **more: Any) -> dict[str, Any]:
    """Answer the item of a live head."""
    return {
        "PK": {"S": f"W#w{mark}#U#{number}"},
        "SK": {"S": "S#notes#01S"},
        "status": {"S": "live"},
        "exp": {"N": "9"},
        "expPK": {"S": "X#1"},
        "expSK": {"S": "9#01S"},
        **more,
    }


def payload(of: Item) -> dict[str, Any]:
    return {"PK": of["PK"], "SK": {"S": "P#notes#01S"}, "ct": {"B": "AAAA"}}


def test_a_live_head_whose_payload_is_not_there_is_mended_as_ended(dump: TableDump) -> None:
    mark = secrets.token_hex(8)
    lost = head(1, mark=mark)
    # A payload of the neighbour, of another session and of another application helps nobody.
    near = [
        payload(head(1, mark=f"{mark}x")),
        payload(head(10, mark=mark)),
        {**payload(lost), "SK": {"S": "P#notes#01T"}},
        {**payload(lost), "SK": {"S": "P#forms#01S"}},
    ]
    dump.load("payloads", near)
    (mended,) = dump.mended([lost], at=1_000)
    kept = {name: value for name, value in lost.items() if name not in {"expPK", "expSK"}}
    assert mended == kept | {
        "status": {"S": "revoked"},
        "endedAt": {"N": "1000"},
        "endedBy": {"S": "restore"},
        "updatedAt": {"N": "1000"},
        "ttl": {"N": str(1_000 + GRACE_SECONDS)},
    }
    assert dump.mended([lost], at=1_000) == [mended]


def test_every_other_item_is_left_as_it_is(dump: TableDump) -> None:
    mark = secrets.token_hex(8)
    heads = [head(number, mark=mark) for number in range(250)]
    dump.load("payloads", [payload(one) for one in heads if one is not heads[120]])
    others = [
        head(300, mark=mark, seed={"M": {}}),
        head(301, mark=mark, status={"S": "revoked"}),
        {"PK": {"S": f"W#w{mark}#U#302"}, "SK": {"S": "L#notes"}, "sid": {"S": "01S"}},
        {"PK": {"S": f"W#w{mark}#U#303"}, "SK": {"S": "PROFILE"}, "status": {"S": "live"}},
    ]
    given = [*others, *heads]
    found = dump.mended(given, at=1_000)
    changed = [one for one, mended in zip(given, found, strict=True) if one is not mended]
    assert changed == [heads[120]]
