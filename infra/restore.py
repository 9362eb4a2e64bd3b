"""The operator's command that brings a backup back into an empty deployment."""

import argparse
import sys
from calendar import timegm
from collections.abc import Sequence
from functools import cache
from time import strptime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.clients import Clients
from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamodb.audit import DynamoAudit
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.connections import plain
from chalicelib.adapters.dynamodb.dump import DynamoDump
from chalicelib.adapters.dynamodb.erasures import DynamoErasures
from chalicelib.adapters.objects import S3Objects
from chalicelib.adapters.s3 import S3Vault
from chalicelib.domain.backups import BackupKind, BackupRefused, Manifest
from chalicelib.domain.errors import DomainError
from chalicelib.services.audit import Trail
from chalicelib.services.repetitions import Repetitions
from chalicelib.services.restores import Restores

_ABOUT = """\
Restores data, keys or both into an empty deployment, with the AWS credentials of this shell.

Everything is read and compared with its checksum before anything is written. Let no request and
no job reach the deployment before this command has said that it is done. Whoever was erased since
the backup was made is erased again, by the records in the audit trail: restored with the data, or
still there.
"""
_NO_KEYS = """\
The rows are back, and nothing in them opens: the keys are in none of them. Restore the keys too:
  ./scripts/restore --stage {stage} --keys latest"""
_NO_DATA = """\
The keys are back. They open what is sealed under them, wherever it is restored. Who was erased is
known by the audit trail that is there now; one that is restored later brings its own records."""
_CHECK = "Check the credentials, the stage, and the names of the buckets (--help)."
_STOPPED = """\
What was there before was not changed. To finish, run the same command again with --resume: it
leaves alone what it has already written. To begin anew, delete the tables and make them again."""


# Backups of data and of keys are made one after the other, and clocks differ.
_COPYING = 86_400


class Stopped(Exception):
    """A restore ended after its first write."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; answers its exit status."""
    options = _options(arguments)
    try:
        _run(options, *_services(options))
    except Stopped as stopped:
        _say(f"The restore stopped: {stopped}\n{_STOPPED}", to=sys.stderr)
    except BackupRefused as refused:
        _say(f"Nothing was written. {refused}", to=sys.stderr)
    except (DomainError, BotoCoreError, ClientError) as error:
        _say(f"Nothing was written. {error} {_CHECK}", to=sys.stderr)
    else:
        return 0
    return 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/restore",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", required=True, help="the deployment to restore into")
    parser.add_argument("--data", metavar="ID", help="a backup of data, or `latest`")
    parser.add_argument("--keys", metavar="ID", help="a backup of keys, or `latest`")
    parser.add_argument("--list", action="store_true", help="show the complete backups, and stop")
    parser.add_argument("--verify", action="store_true", help="compare every checksum, and stop")
    parser.add_argument(
        "--erased-since",
        metavar="DAY",
        type=_day,
        help="erase again whoever was erased since a day (yyyy-mm-dd), and stop: for tables that"
        " were recovered to a point in time",
    )
    parser.add_argument(
        "--trail-of",
        metavar="STAGE",
        help="the deployment that was backed up, where its audit trail is still there: it knows"
        " who was erased since",
    )
    parser.add_argument("--resume", action="store_true", help="finish a restore that was stopped")
    parser.add_argument("--data-bucket", help="default: the bucket of the stage in this account")
    parser.add_argument("--keys-bucket", help="default: the bucket of the stage in this account")
    parser.add_argument("--objects-bucket", help="where large payloads go; default: as above")
    options = parser.parse_args(arguments)
    if not (options.list or options.data or options.keys or options.erased_since is not None):
        parser.error("say what to restore: --data ID, --keys ID or both; --list shows the ids")
    return options


def _day(text: str) -> int:
    return timegm(strptime(text, "%Y-%m-%d"))


def _services(options: argparse.Namespace) -> tuple[Restores, Repetitions]:
    clients, clock = Clients(), SystemClock()
    try:
        connection = plain(clients)
    except LookupError as error:
        raise BackupRefused(str(error)) from error
    tables = Tables(stage=options.stage, connection=connection, pause=clock.pause)
    s3 = clients.client("s3")

    @cache
    def account() -> str:
        return str(clients.client("sts").get_caller_identity()["Account"])

    def bucket(name: str, given: str | None) -> str:
        return given or f"secureflows-{options.stage}-{name}-{account()}"

    restores = Restores(
        clock=clock,
        dump=DynamoDump(tables),
        objects=S3Objects(lambda: s3, bucket=bucket("objects", options.objects_bucket)),
        vaults={
            BackupKind.DATA: S3Vault(s3, bucket=bucket("backups", options.data_bucket)),
            BackupKind.KEYS: S3Vault(s3, bucket=bucket("key-backups", options.keys_bucket)),
        },
        audit=DynamoAudit(tables),
        trail=Trail(clock),
    )
    stages = [] if options.trail_of is None else [options.trail_of]
    trails = [Tables(stage=stage, connection=connection, pause=clock.pause) for stage in stages]
    repetitions = Repetitions(
        clock=clock,
        store=DynamoErasures(tables, clock),
        trails=[DynamoErasures(trail, clock) for trail in trails],
    )
    return restores, repetitions


def _run(options: argparse.Namespace, restores: Restores, repetitions: Repetitions) -> None:
    if options.erased_since is not None:
        repetitions.run(since=options.erased_since, report=_say)
        return
    if options.list:
        _list(restores)
        return
    wanted = {BackupKind.KEYS: options.keys, BackupKind.DATA: options.data}
    manifests = [_chosen(restores, kind, name) for kind, name in wanted.items() if name]
    for manifest in manifests:
        _say(_line(manifest))
        restores.verify(manifest, _say)
    if options.verify:
        return
    if not options.resume:
        for manifest in manifests:
            restores.require_empty(manifest.kind)
    _load(restores, manifests, repetitions)
    _say("Done: every item is back and was counted.")
    if not options.keys:
        _say(_NO_KEYS.format(stage=options.stage))
    elif not options.data:
        _say(_NO_DATA)


def _list(restores: Restores) -> None:
    for kind in BackupKind:
        for backup in restores.known(kind):
            try:
                _say(_line(restores.manifest(kind, backup)))
            except BackupRefused as refused:
                _say(f"{backup}  cannot be used: {refused}")


def _load(restores: Restores, manifests: Sequence[Manifest], repetitions: Repetitions) -> None:
    try:
        for manifest in manifests:
            restores.load(manifest, _say)
            if differences := ", ".join(restores.differences(manifest)):
                raise Stopped(f"the tables do not hold what the backup does: {differences}")
        # Last, when the records of all that was restored are there.
        since = min(manifest.made_at for manifest in manifests) - _COPYING
        repetitions.run(since=since, report=_say)
    except (BackupRefused, DomainError, BotoCoreError, ClientError) as error:
        raise Stopped(str(error)) from error


def _chosen(restores: Restores, kind: BackupKind, name: str) -> Manifest:
    if name != "latest":
        return restores.manifest(kind, name)
    known = restores.known(kind)
    if not known:
        raise BackupRefused(f"There is no complete backup of {kind} in this bucket.")
    return restores.manifest(kind, known[-1])


def _line(manifest: Manifest) -> str:
    counts = ", ".join(f"{manifest.items(table)} {table}" for table in manifest.kind.contents)
    return f"{manifest.id}  of stage {manifest.stage}: {counts}"


def _say(text: str, to: Any = None) -> None:  # noqa: ANN401 - a text stream
    (to or sys.stdout).write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
