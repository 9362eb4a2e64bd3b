"""The jobs that copy data, and keys, to their vaults."""

from chalice.app import Blueprint

from chalicelib.domain.backups import BackupKind
from chalicelib.jobs.job import Outcome, job
from chalicelib.wiring.container import Container

jobs = Blueprint(__name__)


@jobs.schedule("cron(0 2 * * ? *)")
@job
def export_backup(services: Container) -> Outcome:
    """Copy what is sealed."""
    manifest = services.upkeep.backups.export(BackupKind.DATA)
    return {"backup": manifest.id, "parts": len(manifest.parts), "missing": manifest.missing}


# After the data: keys are older than what is sealed under them, so a later copy has them all.
@jobs.schedule("cron(30 2 * * ? *)")
@job
def export_keys(services: Container) -> Outcome:
    """Copy the wrapped keys."""
    manifest = services.upkeep.backups.export(BackupKind.KEYS)
    return {"backup": manifest.id, "parts": len(manifest.parts)}
