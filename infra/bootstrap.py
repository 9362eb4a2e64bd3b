"""The operator's command that makes an empty deployment ready, with its first operator."""

import argparse
import getpass
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import DomainError, InvalidInput
from chalicelib.settings import SettingsError, settings_of
from chalicelib.wiring.aws import AwsAdapters
from chalicelib.wiring.container import Container

_ABOUT = """\
Publishes the token-signing key, makes the reserved workspace `console`, and makes the first
operator in it, with the AWS credentials of this shell. It may be repeated: what is there stays.

The password is asked for, or read from standard input when that is not a terminal.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; answers its exit status."""
    options = _options(arguments)
    try:
        settings = settings_of(
            {"SECUREFLOWS_STAGE": options.stage, "SECUREFLOWS_ORIGIN": options.origin}
        )
        deployment = Container(settings, AwsAdapters(settings)).deployment
        console = deployment.prepare()
        print("The signing key is published and the workspace `console` is there.")
        if options.email:
            operator = deployment.person(
                console, email=options.email, password=_password(), name=options.name
            )
            print(f"{options.email} may sign in to the console ({operator}).")
    except InvalidInput as refused:
        details = "; ".join(fault.detail for fault in refused.faults)
        return _fail(f"{refused.detail} {details}".strip())
    except (DomainError, SettingsError, LookupError, BotoCoreError, ClientError) as error:
        return _fail(str(error))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bootstrap",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", required=True, help="the deployment")
    parser.add_argument("--origin", required=True, help="its address, like https://flows.example")
    parser.add_argument("--email", help="the first operator's address")
    parser.add_argument("--name", default="", help="the first operator's name")
    return parser.parse_args(arguments)


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password (15 characters or more): ")
    if getpass.getpass("Once more: ") != password:
        raise InvalidInput("The two passwords differ. Nobody was made.")
    return password


def _fail(message: str) -> int:
    print(f"scripts/bootstrap: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
