"""Trials for as long as one likes: `python -m tests.history --seconds 600 --seed 7`."""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from tests.history.checker import History, violations
from tests.history.cluster import cluster
from tests.history.operations import load
from tests.history.trial import trial


def main() -> int:
    """Run a trial, or check a history that one has left; 1 when something is not explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.history", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--kill-every", type=float, default=12, help="seconds")
    parser.add_argument("--check", type=Path, help="a history.jsonl, instead of a trial")
    parser.add_argument("--folder", type=Path, help="for logs, histories and counterexamples")
    given = parser.parse_args()
    if given.check:
        found = violations(History(load(given.check)))
        print("\n\n".join(map(str, found)) or "explained")  # noqa: T201
        return 1 if found else 0
    folder = given.folder or Path(tempfile.mkdtemp(prefix="history-"))
    print(f"seed {given.seed}, folder {folder}", flush=True)  # noqa: T201
    with cluster(folder, seed=given.seed) as made:
        outcome = trial(
            made,
            seed=given.seed,
            seconds=given.seconds,
            people=given.people,
            kill_every=given.kill_every,
        )
    print(outcome)  # noqa: T201
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
