"""The job that brings erasures to their end."""

from chalice.app import Blueprint

from chalicelib.jobs.job import Outcome, job
from chalicelib.wiring.container import Container

jobs = Blueprint(__name__)


@jobs.schedule("rate(5 minutes)")
@job
def finish_erasures(services: Container) -> Outcome:
    """Take away what is left of people whose keys are destroyed."""
    return services.erasing.remnants.finish(limit=200)
