"""Runs the embedded cloud: python -m infra.local.cloud --port 4566 --state FILE."""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from infra.local.cloud.engine import application


def main() -> int:
    """Serve until asked to stop, then save."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.cloud", description=__doc__)
    parser.add_argument("--port", type=int, default=4566, help="0 is any free port")
    parser.add_argument("--state", type=Path, help="the snapshot; without it nothing is kept")
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the standard input is closed"
    )
    given = parser.parse_args()
    engine = application()

    # These rooms import moto, which has to be set up first.
    from infra.local.cloud import server, snapshot  # noqa: PLC0415

    exclusive = server.Exclusive(engine)
    keeper = None
    if given.state is not None:
        try:
            snapshot.load(given.state)
        except snapshot.UnreadableSnapshotError as error:
            print(error, file=sys.stderr)
            return 3
        keeper = snapshot.Keeper(exclusive, given.state)

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if given.with_parent:
        threading.Thread(target=_wait_for_parent, args=(stop,), daemon=True).start()
    try:
        listening = server.serve(exclusive, port=given.port)
    except SystemExit:
        print(f"port {given.port} is occupied", file=sys.stderr)
        return 1
    if keeper is not None:
        keeper.start()
    threading.Thread(target=listening.serve_forever, name="server", daemon=True).start()
    print(f"the embedded cloud listens on http://{server.HOST}:{listening.port}", flush=True)
    stop.wait()
    listening.shutdown()
    if keeper is not None:
        keeper.save()
    return 0


def _wait_for_parent(stop: threading.Event) -> None:
    # The descriptor itself: a thread that holds sys.stdin's lock would disturb the exit.
    while os.read(0, 1 << 12):
        pass
    stop.set()


if __name__ == "__main__":
    sys.exit(main())
