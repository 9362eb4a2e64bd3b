"""The operator's command that counts again what the function behind the access log gave up."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.clients import Clients
from chalicelib.domain.activity import LogEvent
from chalicelib.domain.errors import DomainError
from chalicelib.domain.limits import SEEN_SECONDS
from chalicelib.services.activity import Activity
from chalicelib.settings import SettingsError, settings_of
from chalicelib.wiring.aws import AwsAdapters

_ABOUT = """\
Reads the access lines of a span of time out of the log of the API and gives them to what counts
requests, with the AWS credentials of this shell. For when the alarm `lines of the access log were
not counted` has rung: lines that were counted before are known and not counted twice, for seven
days. It may be stopped and repeated.
"""
_NOBODY = "https://nobody.invalid"  # the settings want an address; nothing here is reached by one
_LINES = '{ $.kind = "access" }'


class NotReplayed(ValueError):
    """The span or the log cannot be read; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; answers its exit status."""
    options = _options(arguments)
    try:
        settings = settings_of({"SECUREFLOWS_STAGE": options.stage, "SECUREFLOWS_ORIGIN": _NOBODY})
        adapters = AwsAdapters(settings)
        _check(options, now=adapters.clock.now())
        activity = Activity(clock=adapters.clock, store=adapters.activity)
        _replay(activity, Clients().client("logs"), options)
    except (
        *(DomainError, SettingsError, LookupError, NotReplayed),
        *(BotoCoreError, ClientError),
    ) as error:
        print(f"scripts/replay: {error}", file=sys.stderr)
        return 1
    return 0


def _check(options: argparse.Namespace, *, now: int) -> None:
    if not options.since < options.until:
        raise NotReplayed("The span ends before it begins.")
    # An hour is left for the replay itself.
    if options.since.timestamp() < now - SEEN_SECONDS + 3_600:
        raise NotReplayed(
            "What is older than a week was forgotten, and would be counted a second time. "
            "Let --since be later."
        )


def _replay(activity: Activity, logs: Any, options: argparse.Namespace) -> None:  # noqa: ANN401 - botocore carries no types
    total: Counter[str] = Counter()
    for events in _pages(logs, options):
        total.update(activity.take(events))
        if events:
            until = datetime.fromtimestamp(events[-1].at / 1_000, UTC)
            print(f"up to {until:%Y-%m-%dT%H:%M:%SZ}: {_told(total)}", flush=True)
    print(f"Done: {_told(total)}")


def _pages(logs: Any, options: argparse.Namespace) -> Iterator[Sequence[LogEvent]]:  # noqa: ANN401 - the same
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=options.log_group or _group(logs, options.stage),
        filterPattern=_LINES,
        startTime=_millis(options.since),
        endTime=_millis(options.until) - 1,  # the log includes it
    )
    for page in pages:
        yield [
            LogEvent(each["eventId"], each["timestamp"], each["message"]) for each in page["events"]
        ]


def _group(logs: Any, stage: str) -> str:  # noqa: ANN401 - the same
    # CloudFormation names the function after its stack and its logical id, and more.
    prefix = f"/aws/lambda/secureflows-{stage}-APIHandler-"
    found = logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    if len(found) != 1:
        raise NotReplayed(f"{len(found)} logs have names like {prefix}…: choose with --log-group.")
    return str(found[0]["logGroupName"])


def _told(total: Mapping[str, int]) -> str:
    return f"{total['new']:,} counted, {total['known']:,} known, {total['skipped']:,} skipped"


def _millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/replay",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", required=True, help="the deployment")
    parser.add_argument("--since", required=True, type=_moment, help="like 2027-01-15T08:00Z")
    parser.add_argument("--until", required=True, type=_moment, help="not included")
    parser.add_argument("--log-group", help="default: the log of the stage in this account")
    return parser.parse_args(arguments)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a moment like 2027-01-15T08:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
