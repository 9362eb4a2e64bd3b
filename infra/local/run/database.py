"""Keeps DynamoDB Local running: `python -m infra.local.run.database --port 4567 --state DIR`."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from infra.local.dynamodb_local import EngineError, start


class _Stop(BaseException):
    """A signal asked the engine to end."""


def main() -> int:
    """Serve until a signal arrives; ends with an error if the engine does."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.run.database")
    parser.add_argument("--port", type=int, default=4567)
    parser.add_argument("--state", type=Path, required=True, help="folder for the data")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _raise_stop)
    engine = None
    try:
        engine = start(given.port, given.state)
        while engine.poll() is None:
            time.sleep(0.1)
    except EngineError as error:
        print(error, file=sys.stderr)
    except _Stop:
        # One that is still starting ends with its standard input, which this process holds.
        if engine is not None:
            engine.terminate()
            engine.wait()
        return 0
    return 1


def _raise_stop(*_: object) -> None:
    raise _Stop


if __name__ == "__main__":
    sys.exit(main())
