"""Values remembered for a bounded age, in process memory only."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A bounded map whose values disappear `age` seconds after they were kept."""

    def __init__(self, monotonic: Callable[[], float], *, age: float, size: int = 1_000) -> None:
        """Take the clock's monotonic seconds, the greatest age, the greatest number."""
        self._monotonic = monotonic
        self._age = age
        self._size = size
        self._lock = Lock()
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Answer the value kept for a key, unless it is too old."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            if self._monotonic() - found[0] >= self._age:
                del self._kept[key]
                return None
            return found[1]

    def keep(self, key: K, value: V) -> V:
        """Remember a value from now on, and answer it; the oldest makes room."""
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (self._monotonic(), value)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return value

    def claim(self, key: K, value: V) -> bool:
        """Remember a value unless one is kept, and tell whether this was the first."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None and self._monotonic() - found[0] < self._age:
                return False
            self._kept.pop(key, None)
            self._kept[key] = (self._monotonic(), value)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return True

    def forget(self, key: K) -> None:
        """Drop a key whose value is known to have changed."""
        with self._lock:
            self._kept.pop(key, None)
