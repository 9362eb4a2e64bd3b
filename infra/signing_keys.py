"""The operator's command for the key pairs that sign tokens, from their making to their end."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import DomainError
from chalicelib.domain.tokens import KeyState, SigningAlg, SigningKey
from chalicelib.services.signing_keys import PUBLISHED_BEFORE_USE, SigningKeys
from chalicelib.settings import SettingsError, settings_of
from chalicelib.wiring.aws import AwsAdapters
from chalicelib.wiring.container import Container

_ABOUT = """\
Shows the keys that sign tokens and changes them, with the AWS credentials of this shell. Every
change is recorded.

A rotation is two steps: `add` publishes the next key, and `promote` lets it sign once every client
can know it. The key before verifies for another week, as long as a token of it may live; then
`forget` takes it out of the key set. The first key of an algorithm signs at once: `add RS256` is
for applications whose clients cannot read ES256.
"""
_NOBODY = "https://nobody.invalid"  # the settings want an address; nothing here is reached by one


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; answers its exit status."""
    options = _options(arguments)
    try:
        settings = settings_of({"SECUREFLOWS_STAGE": options.stage, "SECUREFLOWS_ORIGIN": _NOBODY})
        _run(Container(settings, AwsAdapters(settings)).upkeep.signing_keys, options)
    except (DomainError, SettingsError, LookupError, BotoCoreError, ClientError) as error:
        print(f"scripts/signing-keys: {error}", file=sys.stderr)
        return 1
    return 0


def _run(keys: SigningKeys, options: argparse.Namespace) -> None:
    match options.step:
        case "add":
            made = keys.add(options.alg)
            told = "signs from now on"
            if made.state is KeyState.NEXT:
                told = f"is published; promote it in {PUBLISHED_BEFORE_USE // 60} minutes or later"
            print(f"{made.kid} {told}.")
        case "promote":
            print(f"{keys.promote(options.kid).kid} signs from now on.")
        case "forget":
            forgotten = keys.forget(options.kid)
            print(f"{forgotten.kid} is out of the key set. Its key pair is yours to delete:")
            print(f"  {forgotten.arn}")
    for key in keys.all():
        print(_line(key))


def _line(key: SigningKey) -> str:
    until = "" if key.not_after is None else f", verifies until {_time(key.not_after)}"
    since = f", published {_time(key.published_at)}" if key.published_at else ""
    return f"  {key.kid}  {key.alg}  {key.state}{since}{until}"


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/signing-keys",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", required=True, help="the deployment")
    steps = parser.add_subparsers(dest="step", required=True, metavar="list|add|promote|forget")
    steps.add_parser("list", help="show every key")
    add = steps.add_parser("add", help="make and publish the next key of an algorithm")
    add.add_argument("alg", type=SigningAlg, choices=list(SigningAlg))
    for name, about in (
        ("promote", "let the next key sign"),
        ("forget", "take a retired key out of the key set"),
    ):
        steps.add_parser(name, help=about).add_argument("kid", help="the key's id")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
