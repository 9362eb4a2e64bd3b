"""The system's clock."""

import time


class SystemClock:
    """Answers the port `Clock`; the only place that asks the machine for the time."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000_000

    def millis(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)
