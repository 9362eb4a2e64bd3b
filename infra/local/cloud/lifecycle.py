"""Takes away objects that were deleted, as a lifecycle rule does, but within a minute.

The engine keeps every version for ever and each snapshot holds all of them whole, so a person who
writes a large payload again and again would fill the disk.
"""

from datetime import timedelta
from typing import Any

from moto.core.utils import utcnow
from moto.s3.models import FakeBucket, FakeDeleteMarker, s3_backends

# Whoever read a row before its object was replaced has read that object too by then.
_KEPT = timedelta(seconds=60)


def forget_deleted() -> None:
    """Forget what was deleted; to be called with the engine's lock held."""
    for _, _, found in s3_backends.iter_backends():
        backend: Any = found  # it is given as the base of all backends
        for bucket in backend.buckets.values():
            if isinstance(bucket, FakeBucket) and not bucket.object_lock_enabled:
                _forget_in(bucket)


def _forget_in(bucket: FakeBucket) -> None:
    before = utcnow() - _KEPT
    for name in list(bucket.keys):
        last = bucket.keys[name]
        if isinstance(last, FakeDeleteMarker) and last.last_modified < before:
            bucket.keys.setlist(name, [])
            dict.pop(bucket.keys, name)
