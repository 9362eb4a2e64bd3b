"""A program that measures by hand what `test_unknown.py` counts: time, for known and unknown.

`python -m tests.promises.stopwatch --times 200` asks in turns, with the real adapters on the
embedded cloud, and says for each step the medians and how likely such a difference is by chance.
"""

import argparse
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from math import erfc, sqrt

from chalicelib.wiring.aws import AwsAdapters
from infra.local.provision import Provisioner
from tests.engines import Engine
from tests.promises.cloud import cloud_on
from tests.promises.test_unknown import ASKED, Stage, forgotten_often, wrong_passwords
from tests.promises.work import Work

LONG = (wrong_passwords, forgotten_often)  # several requests each, of which one is watched


def main() -> int:
    """Measure every step of the table, and print a line for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=200)
    times: int = parser.parse_args().times
    command = [sys.executable, "-m", "infra.local.cloud", "--port", "0", "--with-parent"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        endpoint = process.stdout.readline().split()[-1]
        engine = Engine("moto", endpoint, endpoint, Provisioner(endpoint=endpoint))
        with cloud_on(engine, AwsAdapters) as cloud:
            for ask in ASKED:
                if ask not in LONG:
                    known, unknown = measured(ask, Stage(cloud, Work()), times)
                    sys.stdout.write(f"{line(ask.__name__, known, unknown)}\n")
        process.terminate()
    return 0


def measured(
    ask: Callable[[Stage, str], object], stage: Stage, times: int
) -> tuple[list[float], list[float]]:
    """Seconds for known and for unknown addresses, asked in random turns."""
    turns = [("known", stage.email("known")) for _ in range(times)]
    turns += [("unknown", stage.email("unknown")) for _ in range(times)]
    random.shuffle(turns)
    found: dict[str, list[float]] = {"known": [], "unknown": []}
    for kind, email in turns:
        started = time.perf_counter()
        ask(stage, email)
        found[kind].append(time.perf_counter() - started)
    return found["known"], found["unknown"]


def line(name: str, known: Sequence[float], unknown: Sequence[float]) -> str:
    """What was found of one step."""
    medians = [statistics.median(each) * 1_000 for each in (known, unknown)]
    words = f"known {medians[0]:7.2f} ms  unknown {medians[1]:7.2f} ms"
    return f"{name:16} {words}  p = {chance(known, unknown):.3f}"


def chance(first: Sequence[float], second: Sequence[float]) -> float:
    """Mann-Whitney's two-sided p, by the normal approximation, which dozens are enough for."""
    ranked = sorted((value, which) for which, each in enumerate((first, second)) for value in each)
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(first), len(second)
    u = ranks - n * (n + 1) / 2
    z = (u - n * m / 2) / sqrt(n * m * (n + m + 1) / 12)
    return erfc(abs(z) / sqrt(2))


if __name__ == "__main__":
    sys.exit(main())
