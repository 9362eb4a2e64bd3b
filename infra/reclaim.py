"""The operator's command that brings back large payloads after a point-in-time recovery."""

import argparse
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.clients import Clients
from chalicelib.domain.errors import DomainError
from chalicelib.domain.sessions import SessionRef
from chalicelib.services.audit import Trail
from chalicelib.services.reclaims import Reclaims, Tally
from chalicelib.settings import SettingsError, settings_of
from chalicelib.wiring.aws import AwsAdapters

_ABOUT = """\
Brings back the large payloads to which recovered rows point, with the AWS credentials of this
shell. After a point-in-time recovery of the table `payloads` its rows may name objects that were
replaced or deleted since then. They can be read as they are, and S3 removes them for good 36 days
after they were deleted; this makes them current again. Without --mend it only says what there is.

It may be stopped and repeated, and requests may go on meanwhile. It has to read the table, to list
and remove versions of objects, and to write to the table `audit`.
"""
_NOBODY = "https://nobody.invalid"  # the settings want an address; nothing here is reached by one
_LOST = """\
The objects of these sessions are gone for good. A backup of data from that time has their bytes,
and ./scripts/restore brings it back into another, empty deployment."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; answers its exit status, which is 1 when something is lost."""
    options = _options(arguments)
    try:
        tally = _reclaims(options).run(mends=options.mend, report=_progress)
    except (DomainError, SettingsError, LookupError, BotoCoreError, ClientError) as error:
        print(f"scripts/reclaim: {error} What was mended stays; run it again.", file=sys.stderr)
        return 1
    print(_summary(tally, mends=options.mend))
    if tally.lost:
        print("\n".join([_LOST, *map(_named, tally.lost)]), file=sys.stderr)
    return 1 if tally.lost else 0


def _reclaims(options: argparse.Namespace) -> Reclaims:
    settings = settings_of(
        {
            "SECUREFLOWS_STAGE": options.stage,
            "SECUREFLOWS_ORIGIN": _NOBODY,
            "SECUREFLOWS_PAYLOAD_BUCKET": options.objects_bucket or _bucket(options.stage),
        }
    )
    adapters = AwsAdapters(settings)
    return Reclaims(
        dump=adapters.dump,
        objects=adapters.objects,
        payloads=adapters.payloads,
        audit=adapters.audit,
        trail=Trail(adapters.clock),
    )


def _bucket(stage: str) -> str:
    account = Clients().client("sts").get_caller_identity()["Account"]
    return f"secureflows-{stage}-objects-{account}"


def _progress(tally: Tally) -> None:
    print(f"looked at {tally.rows:,} rows, {tally.objects:,} with an object", flush=True)


def _summary(tally: Tally, *, mends: bool) -> str:
    loose = tally.deleted + tally.moved
    done = "brought back" if mends else "to bring back; --mend does it"
    return (
        f"{tally.objects - loose:,} of {tally.objects:,} objects needed nothing or are lost, "
        f"{loose:,} {done}, {len(tally.lost):,} lost"
    )


def _named(ref: SessionRef) -> str:
    partition = ref.partition
    return f"  {partition.workspace} {partition.app} {partition.user} {ref.sid}"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/reclaim",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", required=True, help="the deployment")
    parser.add_argument("--mend", action="store_true", help="bring back what can be")
    parser.add_argument("--objects-bucket", help="default: the bucket of the stage in this account")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
