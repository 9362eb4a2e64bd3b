"""The operator's command that shows and changes what a workspace may hold."""

import argparse
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.audit import Origin
from chalicelib.domain.errors import DomainError
from chalicelib.domain.limits import MAX_QUOTA, SETTINGS_AGE
from chalicelib.domain.quotas import Holding, QuotaKind
from chalicelib.settings import SettingsError, settings_of
from chalicelib.wiring.aws import AwsAdapters
from chalicelib.wiring.container import Container

_ABOUT = """\
Shows what a workspace may hold and what it holds, and changes its quotas, with the AWS
credentials of this shell. A change is recorded in the workspace's audit trail.

A quota below what is in use ends and deletes nothing: it refuses what would come on top.
"""
_NOBODY = "https://nobody.invalid"  # the settings want an address; nothing here is reached by one


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; answers its exit status."""
    options = _options(arguments)
    try:
        settings = settings_of({"SECUREFLOWS_STAGE": options.stage, "SECUREFLOWS_ORIGIN": _NOBODY})
        _run(Container(settings, AwsAdapters(settings)), options)
    except (DomainError, SettingsError, LookupError, BotoCoreError, ClientError) as error:
        print(f"scripts/quota: {error}", file=sys.stderr)
        return 1
    return 0


def _run(services: Container, options: argparse.Namespace) -> None:
    before, after = services.workspaces.change_quotas(
        options.workspace,
        sessions=options.sessions,
        payload_bytes=options.payload_bytes,
        origin=Origin(agent="scripts/quota"),
    )
    held = services.holdings.quotas.holdings(after)
    print(f"{after.slug} ({after.id})")
    print(_line("live sessions", before.session_quota, held[QuotaKind.SESSIONS]))
    print(_line("payload bytes", before.payload_quota, held[QuotaKind.BYTES]))
    if after != before:
        print(f"The change is recorded, and acts within {SETTINGS_AGE:.0f} seconds.")


def _line(name: str, before: int, now: Holding) -> str:
    limit = f"{now.limit:,}" if now.limit == before else f"{before:,} -> {now.limit:,}"
    return f"  {name}: {limit}, {now.used:,} in use"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/quota",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("workspace", help="its name, as in addresses")
    parser.add_argument("--stage", required=True, help="the deployment")
    parser.add_argument("--sessions", type=_quota, metavar="N", help="live sessions it may hold")
    parser.add_argument(
        "--payload-bytes", type=_quota, metavar="N", help="bytes of all its payloads together"
    )
    return parser.parse_args(arguments)


def _quota(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) > MAX_QUOTA:
        raise argparse.ArgumentTypeError(f"a whole number from 0 to {MAX_QUOTA}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
