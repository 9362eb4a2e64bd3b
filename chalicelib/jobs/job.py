"""The job decorator: a scheduled function gets the services and leaves one line on its outcome."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TypeAlias

from chalicelib.logs import logger
from chalicelib.wiring.container import Container
from chalicelib.wiring.process import container

Outcome: TypeAlias = Mapping[str, int | str]


def job(work: Callable[[Container], Outcome]) -> Callable[[object], Outcome]:
    """Answer a function that Lambda can call with an event, which says nothing to it.

    What goes wrong is logged by its type and place and goes on to Lambda, which repeats the
    run and counts it for the alarm.
    """
    log = logger("jobs")

    # Lambda finds the function by its module and name, and never imports `app`.
    @wraps(work)
    def run(event: object) -> Outcome:
        del event
        try:
            outcome = work(container())
        except Exception:
            log.exception("job failed", extra={"job": work.__name__})
            raise
        log.info("job done", extra={"job": work.__name__, "outcome": dict(outcome)})
        return outcome

    return run
