"""Delivers what the function writes to its log to the functions that subscribe to it."""

from __future__ import annotations

import base64
import gzip
import json
import math
import re
import secrets
import sys
import threading
import time
import traceback
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from infra.local.server.context import LambdaContext
from infra.local.template import resources

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalice.app import Chalice

ACCOUNT = "000000000000"
GROUP = "/aws/lambda/api_handler"
_INTERVAL_S = 1.0
_TIMEOUT_S = 120.0
# CloudWatch delivers some hundred lines or more at a time; what nobody takes is kept for a while.
_EVENTS = 500
_KEPT = 100_000
_CONDITION = re.compile(r'\{ *\$\.(\w+) *= *"([^"]*)" *\}')

LogEvent = dict[str, Any]


class LogStream:
    """Stands before standard output: passes on what is written, and keeps its lines as events."""

    def __init__(self, output: TextIO, *, epoch_ms: Callable[[], int]) -> None:
        self._output = output
        self._epoch_ms = epoch_ms
        self._lock = threading.Lock()
        self._begun = ""
        self._listeners: list[Callable[[LogEvent], None]] = []

    def listen(self, listener: Callable[[LogEvent], None]) -> None:
        """Tell somebody of every line from now on."""
        self._listeners.append(listener)

    def write(self, text: str) -> int:
        """Write as to the output; a line is an event when it is whole."""
        with self._lock:
            written = self._output.write(text)
            *lines, self._begun = (self._begun + text).split("\n")
            for line in lines:
                event = event_of(line + "\n", at=self._epoch_ms())
                for listener in self._listeners:
                    listener(event)
        return written

    def flush(self) -> None:
        """Flush the output."""
        self._output.flush()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the output has
        return getattr(self._output, name)


def event_of(message: str, *, at: int) -> LogEvent:
    """An event as CloudWatch keeps it: its id has 56 digits, of which the first tell the time."""
    return {"id": str(at << 144 | secrets.randbits(144)), "timestamp": at, "message": message}


@dataclass(frozen=True, slots=True)
class Filter:
    """A subscription filter of the template: which lines go to which function."""

    name: str
    function: str
    field: str
    value: str

    def admits(self, line: str) -> bool:
        """Whether a line is JSON with the value."""
        try:
            found = json.loads(line)
        except ValueError:
            return False
        return isinstance(found, dict) and found.get(self.field) == self.value


def filters_of(
    entries: Mapping[str, Mapping[str, Any]], functions: Mapping[str, str]
) -> list[Filter]:
    """The filters of a template's entries; `functions` names each function by its logical name.

    A pattern that this server cannot follow raises, because a stage would follow it.
    """
    filters = []
    for name, entry in entries.items():
        condition = _CONDITION.fullmatch(entry["FilterPattern"])
        if condition is None:
            raise ValueError(f"{name}: this server does not follow {entry['FilterPattern']}")
        logical = entry["DestinationArn"].partition(".")[0]
        filters.append(Filter(name, functions[logical], condition[1], condition[2]))
    return filters


class Subscriptions:
    """One thread that delivers every second, at least once and never within a request."""

    def __init__(
        self, app: Chalice, *, filters: list[Filter], interval_s: float = _INTERVAL_S
    ) -> None:
        self._app = app
        self._interval_s = interval_s
        self._lanes = [_Lane(each) for each in filters]
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="subscriptions", daemon=True)

    @classmethod
    def of_template(cls, app: Chalice) -> Subscriptions:
        """The subscriptions that the template has, to functions that the application has."""
        kind = "AWS::Logs::SubscriptionFilter"
        entries = {each.name: each.properties for each in resources(kind=kind, variables={})}
        functions = {_logical(each.name): each.name for each in app.pure_lambda_functions}
        return cls(app, filters=filters_of(entries, functions))

    def hear(self, event: LogEvent) -> None:
        """Take a line of the log; nothing is done with it yet."""
        for lane in self._lanes:
            # Cheaper than reading every line as JSON within the request that wrote it.
            if f'"{lane.filter.value}"' in event["message"]:
                lane.waiting.append(event)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self, *, patience_s: float = 10.0) -> None:
        """Deliver what waits, and end; what cannot be delivered now is given up."""
        deadline = time.monotonic() + patience_s
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(patience_s)
        self.deliver(deadline=deadline)

    def deliver(self, *, deadline: float = math.inf) -> None:
        """Deliver what waits until nothing does, or until a delivery fails."""
        for lane in self._lanes:
            while lane.next_batch() and time.monotonic() < deadline:
                if not self._delivered(lane.filter, lane.batch):
                    break
                # Only now: whatever happens in between, it is delivered again rather than lost.
                lane.batch = []

    def _delivered(self, to: Filter, events: list[LogEvent]) -> bool:
        context = LambdaContext(
            function_name=to.function, request_id=str(uuid.uuid4()), timeout_s=_TIMEOUT_S
        )
        try:
            self._app.handler_map[to.function](packed(to.name, events), context)
        except Exception:  # noqa: BLE001 - whatever a function raises, it is called again
            print(f"delivery to {to.function} failed; it is repeated", file=sys.stderr)
            traceback.print_exc()
            return False
        return True

    def _keep(self) -> None:
        while not self._stopped.wait(self._interval_s):
            self.deliver()


@dataclass(slots=True)
class _Lane:
    """What waits for one function, and the batch that is on its way to it."""

    filter: Filter
    waiting: deque[LogEvent] = field(default_factory=lambda: deque(maxlen=_KEPT))
    batch: list[LogEvent] = field(default_factory=list)

    def next_batch(self) -> bool:
        """Whether there is a batch: the one that failed, or else the next lines."""
        while self.waiting and len(self.batch) < _EVENTS:
            event = self.waiting.popleft()
            if self.filter.admits(event["message"]):
                self.batch.append(event)
        return bool(self.batch)


def packed(name: str, events: list[LogEvent]) -> dict[str, Any]:
    """The event with which CloudWatch Logs calls a function."""
    body = {
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": GROUP,
        "logStream": "local",
        "subscriptionFilters": [name],
        "logEvents": events,
    }
    data = gzip.compress(json.dumps(body).encode(), compresslevel=1)
    return {"awslogs": {"data": base64.b64encode(data).decode("ascii")}}


def _logical(function: str) -> str:
    # As Chalice makes it of a function's name.
    return "".join(part.title() for part in function.split("_"))
