"""What every store of objects must do: the one in memory, and S3."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from chalicelib.adapters.objects import S3Objects
from chalicelib.domain.errors import Duplicate, NotFound, StoreUnavailable, Unopenable
from chalicelib.domain.objects import SealedObject, new_object_key, sha256
from chalicelib.domain.ports.objects import ObjectStore
from chalicelib.domain.sessions import SessionRef
from tests.builders import NOW, some_ref
from tests.contracts import cloud
from tests.contracts.stores import Neighbour, next_door
from tests.fakes.objects import MemoryObjects
from tests.fakes.surroundings import FakeClock

BODY = bytes(range(256)) * 2048


@pytest.fixture(params=["memory", "s3"])
def objects(request: pytest.FixtureRequest) -> Iterator[ObjectStore]:
    if request.param == "memory":
        yield MemoryObjects(FakeClock(NOW))
        return
    with cloud.client("s3") as s3:
        make_bucket(s3)
        yield S3Objects(lambda: s3, bucket="objects")


def make_bucket(s3: Any) -> None:
    s3.create_bucket(
        Bucket="objects", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    s3.put_bucket_versioning(Bucket="objects", VersioningConfiguration={"Status": "Enabled"})


def put(objects: ObjectStore, ref: SessionRef, body: bytes = BODY) -> SealedObject:
    key = new_object_key()
    version = objects.put(ref, key, body)
    return SealedObject(1, key, version, len(body), sha256(body))


def keys(objects: ObjectStore, after: str = "") -> list[str]:
    return [listed.key for page in objects.pages(after=after) for listed in page]


@pytest.mark.parametrize("body", [b"", b"sealed", BODY, b"\xff" * (4 * 1024 * 1024)])
def test_an_object_comes_back_byte_for_byte(objects: ObjectStore, body: bytes) -> None:
    ref = some_ref()
    assert objects.get(ref, put(objects, ref, body)) == body


def test_an_object_says_whose_it_is_and_which_bytes(objects: ObjectStore) -> None:
    ref = some_ref()
    sealed = put(objects, ref)
    found = objects.describe(sealed.key)
    assert found is not None
    assert found.ref == ref
    assert (found.object_version, found.length, found.sha256) == (
        sealed.object_version,
        sealed.length,
        sealed.sha256,
    )


def test_a_key_is_written_once(objects: ObjectStore) -> None:
    ref = some_ref()
    sealed = put(objects, ref)
    with pytest.raises(Duplicate):
        objects.put(ref, sealed.key, b"other")
    assert objects.get(ref, sealed) == BODY


@next_door
def test_the_object_of_a_neighbour_is_not_found(objects: ObjectStore, neighbour: Neighbour) -> None:
    ref = some_ref()
    sealed = put(objects, ref)
    for other in (replace(ref, partition=neighbour(ref.partition)), some_ref(ref.partition)):
        with pytest.raises(NotFound):
            objects.get(other, sealed)


def test_an_absent_object_is_not_found(objects: ObjectStore) -> None:
    ref = some_ref()
    sealed = put(objects, ref)
    for absent in (
        replace(sealed, key=new_object_key()),
        replace(sealed, object_version=put(objects, ref).object_version),
    ):
        with pytest.raises(NotFound):
            objects.get(ref, absent)
    assert objects.describe(new_object_key()) is None


@pytest.mark.parametrize(
    "changes", [{"length": 1}, {"length": len(BODY) + 1}, {"sha256": sha256(b"other")}]
)
def test_other_bytes_than_the_row_says_are_refused(
    objects: ObjectStore, changes: dict[str, Any]
) -> None:
    ref = some_ref()
    with pytest.raises(Unopenable):
        objects.get(ref, replace(put(objects, ref), **changes))


def test_a_deleted_object_is_gone_and_its_version_stays_for_who_points_to_it(
    objects: ObjectStore,
) -> None:
    ref = some_ref()
    sealed, other = put(objects, ref), put(objects, ref)
    for _ in range(2):
        objects.delete(sealed.key)
        assert keys(objects) == [other.key]
        assert objects.describe(sealed.key) is None
    assert objects.get(ref, sealed) == BODY


def test_a_deletion_can_be_taken_back(objects: ObjectStore) -> None:
    ref = some_ref()
    sealed, other = put(objects, ref), put(objects, ref)
    before = objects.describe(sealed.key)
    for key in (sealed.key, sealed.key, other.key):
        objects.delete(key)
    assert objects.describe(sealed.key, sealed.object_version) == before
    for _ in range(2):
        objects.uncover(sealed.key)
        assert objects.describe(sealed.key) == before
    assert keys(objects) == [sealed.key]
    assert objects.get(ref, sealed) == BODY
    objects.delete(sealed.key)
    assert keys(objects) == []


def test_an_object_that_was_never_there_is_not_uncovered(objects: ObjectStore) -> None:
    key = new_object_key()
    objects.uncover(key)
    assert objects.describe(key) is None
    assert objects.describe(key, put(objects, some_ref()).object_version) is None


def test_a_key_can_be_written_again_after_its_deletion(objects: ObjectStore) -> None:
    ref = some_ref()
    first = put(objects, ref)
    objects.delete(first.key)
    second = replace(first, object_version=objects.put(ref, first.key, BODY))
    objects.delete(first.key)
    objects.uncover(first.key)
    found = objects.describe(first.key)
    assert found is not None
    assert found.object_version == second.object_version != first.object_version
    assert objects.get(ref, first) == objects.get(ref, second) == BODY


def test_objects_are_listed_in_order_from_anywhere(objects: ObjectStore) -> None:
    made = sorted(put(objects, some_ref(), b"").key for _ in range(8))
    assert keys(objects) == made
    assert keys(objects, made[4]) == made[5:]
    assert keys(objects, made[-1]) == []


def test_objects_are_listed_to_the_last_page() -> None:
    with cloud.client("s3") as s3:
        make_bucket(s3)
        s3.meta.events.register(
            "provide-client-params.s3.ListObjectsV2", lambda params, **_: {**params, "MaxKeys": 2}
        )
        objects = S3Objects(lambda: s3, bucket="objects")
        s3.put_object(Bucket="objects", Key="elsewhere", Body=b"")
        made = sorted(put(objects, some_ref(), b"").key for _ in range(5))
        pages = [[listed.key for listed in page] for page in objects.pages(after=made[0])]
        assert pages == [made[1:3], made[3:5]]
        calls: list[str] = []
        objects.on_call = lambda operation, _: calls.append(operation)
        next(iter(objects.pages(after="")))
        assert calls == ["list_objects_v2"]


def test_an_object_that_somebody_else_put_there_is_nobody_s() -> None:
    with cloud.client("s3") as s3:
        make_bucket(s3)
        objects = S3Objects(lambda: s3, bucket="objects")
        for words in ({}, {"workspace": "w", "application": "notes", "user": "x", "session": "s"}):
            key = new_object_key()
            s3.put_object(Bucket="objects", Key=key, Body=b"", Metadata=words)
            assert objects.describe(key) is None


def test_bytes_that_changed_in_the_store_are_refused() -> None:
    with cloud.client("s3") as s3:
        make_bucket(s3)
        objects, ref = S3Objects(lambda: s3, bucket="objects"), some_ref()
        sealed = put(objects, ref)
        stored = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets["objects"].keys[sealed.key]
        stored.value = BODY[:-1] + b"\x00"
        with pytest.raises(Unopenable):
            objects.get(ref, sealed)


def test_a_store_that_does_not_answer_is_unavailable() -> None:
    with cloud.unreachable("s3") as s3:
        _unavailable(S3Objects(lambda: s3, bucket="objects"))


def test_a_version_that_may_not_be_read_is_not_a_missing_one() -> None:
    class Forbidding:
        def head_object(self, **request: object) -> None:
            del request
            raise ClientError({"Error": {"Code": "403"}}, "HeadObject")

    objects = S3Objects(Forbidding, bucket="objects")
    assert objects.describe(new_object_key()) is None
    with pytest.raises(StoreUnavailable):
        objects.describe(new_object_key(), "1")


def test_a_missing_bucket_is_not_a_missing_object() -> None:
    with cloud.client("s3") as s3:
        _unavailable(S3Objects(lambda: s3, bucket="elsewhere"))


def _unavailable(objects: ObjectStore) -> None:
    sealed = SealedObject(1, new_object_key(), "1", 0, sha256(b""))
    for ask in (
        lambda: objects.put(some_ref(), sealed.key, b""),
        lambda: objects.get(some_ref(), sealed),
        lambda: objects.delete(sealed.key),
        lambda: objects.uncover(sealed.key),
        lambda: list(objects.pages(after="")),
    ):
        with pytest.raises(StoreUnavailable):
            ask()
