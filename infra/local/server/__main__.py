"""Starts the local server: `python -m infra.local.server --port 8000`."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from pathlib import Path
from typing import TextIO, cast

from infra.local.server.assembly import Setup, build, server_of
from infra.local.server.clock import epoch_ms, utc_now
from infra.local.server.schedules import Schedules
from infra.local.server.subscriptions import LogStream, Subscriptions

_ROOT = Path(__file__).resolve().parents[3]


def main() -> None:
    """Serve until a signal arrives."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.server", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--origin", help="default: http://localhost:PORT")
    parser.add_argument("--app", default="app", help="module whose `app` is served")
    parser.add_argument("--site", type=Path, default=_ROOT / "infra/site/dist")
    parser.add_argument("--threads", type=int, default=32)
    parser.add_argument("--log-requests", action="store_true", help="one line each, on stderr")
    parser.add_argument("--no-schedules", action="store_true", help="do not run scheduled jobs")
    parser.add_argument(
        "--no-subscriptions", action="store_true", help="deliver the log to no function"
    )
    options = parser.parse_args()

    # Before the application is imported, whose loggers keep the output that they find.
    stream = LogStream(sys.stdout, epoch_ms=epoch_ms)
    sys.stdout = cast("TextIO", stream)
    app = importlib.import_module(options.app).app
    origin = build(
        app,
        Setup(
            origin=options.origin or f"http://localhost:{options.port}",
            # The launcher's own variable, not a setting of the application.
            endpoint=os.environ.get("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),  # noqa: TID251
            site=options.site,
            threads=options.threads,
            log_requests=options.log_requests,
        ),
    )
    if not options.no_schedules:
        Schedules(app, now=utc_now).start()
    subscriptions = Subscriptions.of_template(app)
    if not options.no_subscriptions:
        stream.listen(subscriptions.hear)
        subscriptions.start()
    # The server ends in good order, and then raises the signal again for whoever started it.
    signal.signal(signal.SIGTERM, _raise_end)
    try:
        server_of(origin, port=options.port).run()
    finally:
        subscriptions.stop()


def _raise_end(*_: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
