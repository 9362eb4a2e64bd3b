"""The job that recounts what workspaces hold."""

from chalice.app import Blueprint

from chalicelib.jobs.job import Outcome, job
from chalicelib.wiring.container import Container

jobs = Blueprint(__name__)


@jobs.schedule("cron(15 3 * * ? *)")
@job
def recount_usage(services: Container) -> Outcome:
    """Repair counters; days with a wrong one harm nobody's data."""
    return services.upkeep.recounts.run(seconds=840)
