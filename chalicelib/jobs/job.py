"""The job decorators: a function gets the services and leaves one line on its outcome."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TypeAlias

from chalicelib.logs import logger
from chalicelib.wiring.container import Container
from chalicelib.wiring.process import container

Outcome: TypeAlias = Mapping[str, int | str]

_log = logger("jobs")


def job(work: Callable[[Container], Outcome]) -> Callable[[object], Outcome]:
    """Answer a scheduled function that Lambda can call with an event, which says nothing to it."""

    # Lambda finds the function by its module and name, and never imports `app`.
    @wraps(work)
    def run(event: object) -> Outcome:
        del event
        return _recorded(work.__name__, lambda: work(container()))

    return run


def consumer(work: Callable[[Container, object], Outcome]) -> Callable[[object, object], Outcome]:
    """Answer a function that Lambda can call with an event, which is what it is about."""

    @wraps(work)
    def run(event: object, context: object) -> Outcome:
        del context
        return _recorded(work.__name__, lambda: work(container(), event))

    return run


def _recorded(name: str, work: Callable[[], Outcome]) -> Outcome:
    # What goes wrong is logged by its type and place and goes on to Lambda, which repeats the
    # run and counts it for the alarm.
    try:
        outcome = work()
    except Exception:
        _log.exception("job failed", extra={"job": name})
        raise
    _log.info("job done", extra={"job": name, "outcome": dict(outcome)})
    return outcome
