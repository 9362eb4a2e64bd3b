"""The job that forgets guests: visitors who cannot come back, and invites that are over."""

from chalice.app import Blueprint

from chalicelib.jobs.job import Outcome, job
from chalicelib.wiring.container import Container

jobs = Blueprint(__name__)


@jobs.schedule("rate(1 hour)")
@job
def sweep_guests(services: Container) -> Outcome:
    """Forget whom nobody waits for; a backlog takes several runs and lets nobody in meanwhile."""
    lapses = services.upkeep.lapses.sweep(limit=500)
    absences = services.erasing.absences.sweep(limit=1_000)
    return {
        **{f"invites_{name}": count for name, count in lapses.items()},
        **{f"visitors_{name}": count for name, count in absences.items()},
    }
