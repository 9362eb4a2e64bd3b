"""Runs the application's scheduled functions as EventBridge would."""

from __future__ import annotations

import sys
import threading
import traceback
import uuid
from typing import TYPE_CHECKING

from chalice.app import ScheduledEventConfig

from infra.local.server.context import LambdaContext
from infra.local.server.expressions import expression_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalice.app import Chalice

    from infra.local.server.expressions import Expression

# Lambda's own ceiling for one run.
_TIMEOUT_S = 900.0


class Schedules:
    """One thread for each schedule, so that a slow or failing job holds nobody else up."""

    def __init__(self, app: Chalice, *, now: Callable[[], datetime]) -> None:
        self._app = app
        self._now = now
        self._stopped = threading.Event()
        self.expressions: dict[str, Expression] = {
            source.name: expression_of(_text(source))
            for source in app.event_sources
            if isinstance(source, ScheduledEventConfig)
        }

    def start(self) -> None:
        """Begin; the first run comes after one interval."""
        for name in self.expressions:
            threading.Thread(
                target=self._keep, args=(name,), name=f"schedule-{name}", daemon=True
            ).start()

    def stop(self) -> None:
        """Start no further run."""
        self._stopped.set()

    def run(self, name: str) -> None:
        """Run one job now; a failure is logged and goes no further."""
        request_id = str(uuid.uuid4())
        event = {
            "version": "0",
            "id": request_id,
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "000000000000",
            "time": self._now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": "us-east-1",
            "resources": [f"arn:aws:events:us-east-1:000000000000:rule/{name}"],
            "detail": {},
        }
        context = LambdaContext(function_name=name, request_id=request_id, timeout_s=_TIMEOUT_S)
        try:
            self._app.handler_map[name](event, context)
        except Exception:  # noqa: BLE001 - whatever a job raises, the others go on
            print(f"schedule {name} failed", file=sys.stderr)
            traceback.print_exc()

    def _keep(self, name: str) -> None:
        while not self._stopped.wait(self.expressions[name].seconds_after(self._now())):
            self.run(name)


def _text(source: ScheduledEventConfig) -> str:
    expression = source.schedule_expression
    return expression if isinstance(expression, str) else expression.to_string()
