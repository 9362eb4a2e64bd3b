"""The job that removes objects to which nothing points."""

from chalice.app import Blueprint

from chalicelib.jobs.job import Outcome, job
from chalicelib.wiring.container import Container

jobs = Blueprint(__name__)


@jobs.schedule("cron(0 3 * * ? *)")
@job
def sweep_objects(services: Container) -> Outcome:
    """Remove what is left over; what does not fit into one run is met by another."""
    return services.upkeep.orphans.sweep(limit=1_000_000, seconds=840)
