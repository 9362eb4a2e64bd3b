"""The job that ends sessions whose time has come."""

from chalice.app import Blueprint

from chalicelib.jobs.job import Outcome, job
from chalicelib.wiring.container import Container

jobs = Blueprint(__name__)


@jobs.schedule("rate(5 minutes)")
@job
def expire_sessions(services: Container) -> Outcome:
    """End what is due; a backlog takes several runs and is unreadable all the while."""
    return services.holdings.expiry.sweep(limit=2_000)
