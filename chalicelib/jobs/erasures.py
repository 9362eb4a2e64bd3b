"""The job that brings erasures to their end."""

from chalice.app import Blueprint

from chalicelib.jobs.job import Outcome, job
from chalicelib.wiring.container import Container

jobs = Blueprint(__name__)


class ErasuresAreLate(Exception):
    """Something is left of people who were erased an hour ago; the trail says of whom."""


@jobs.schedule("rate(5 minutes)")
@job
def finish_erasures(services: Container) -> Outcome:
    """Take away what is left of people whose keys are destroyed; fails where that is late."""
    outcome = services.erasing.remnants.finish(limit=200)
    if outcome["late"]:
        raise ErasuresAreLate
    return outcome
