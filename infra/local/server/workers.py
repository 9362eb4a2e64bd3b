"""Threads in which blocking handlers run beside the event loop."""

from __future__ import annotations

import asyncio
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Workers:
    """A fixed number of daemon threads.

    Half the cost per call of the standard executor, and a handler that hangs cannot keep the
    process from ending, because daemon threads are not waited for.
    """

    def __init__(self, count: int) -> None:
        self._tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()
        for number in range(count):
            threading.Thread(target=self._work, name=f"worker-{number}", daemon=True).start()

    async def run(self, task: Callable[[], T]) -> T:
        """Run a blocking call in a thread; a cancelled wait leaves the call running."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def call() -> None:
            try:
                result = task()
            except BaseException as problem:  # noqa: BLE001 - handed to whoever waits
                _report(loop, future, problem=problem)
            else:
                _report(loop, future, result=result)

        self._tasks.put(call)
        return await future

    def _work(self) -> None:
        while True:
            self._tasks.get()()


def _report(
    loop: asyncio.AbstractEventLoop,
    future: asyncio.Future[T],
    *,
    result: T | None = None,
    problem: BaseException | None = None,
) -> None:
    def settle() -> None:
        if future.done():  # Whoever waited has given up.
            return
        if problem is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(problem)

    # The loop is closed when the server stops while a handler still runs.
    if not loop.is_closed():
        loop.call_soon_threadsafe(settle)
