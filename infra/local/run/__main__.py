"""Starts everything on this machine, says where to look, and ends everything."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from infra.local.dynamodb_local import available
from infra.local.run.children import ChildFailedError, Children
from infra.local.run.environment import STAGE, for_children, given_endpoint, inherited
from infra.local.run.ports import Port, complaints
from infra.local.run.state import State, StateInUseError

_ROOT = Path(__file__).resolve().parents[3]
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_START_S = 60.0
_STOP_S = 20.0
_FETCH_S = 600.0


class _Stop(BaseException):
    """A signal asked this run to end."""


def main() -> int:
    """Run until a signal or a failure; 0 only after a signal."""
    # What is written below the state folder is for its owner alone.
    os.umask(0o077)
    given = _arguments()
    environment = inherited()
    endpoint = given_endpoint(environment)
    cloud_port = None if endpoint else given.cloud_port
    dynamodb_port = given.dynamodb_port if given.dynamodb_local else None
    if given.dynamodb_local and (reason := available()):
        return _fail(reason)
    wanted = _ports(given, cloud_port=cloud_port, dynamodb_port=dynamodb_port)
    try:
        state = State(given.state.resolve())
    except StateInUseError as error:
        return _fail(*complaints(wanted), str(error))
    # The children of a killed run notice within seconds and let go of their ports.
    if occupied := complaints(wanted, patience_s=10.0 if state.was_killed else 0.0):
        state.release()
        return _fail(*occupied)
    if endpoint:
        print(f"AWS_ENDPOINT_URL is {endpoint}: it is used, and no cloud is started", flush=True)
    children = Children(
        environment=for_children(
            environment,
            origin=f"http://localhost:{given.port}",
            sample_origin=f"http://127.0.0.1:{given.sample_port}",
            state=state.folder,
            cloud_port=cloud_port,
            dynamodb_port=dynamodb_port,
        )
    )
    for number in _ENDING:
        signal.signal(number, _raise_stop)
    try:
        _start(given, children, state.folder, cloud_port=cloud_port, dynamodb_port=dynamodb_port)
        print(_where_to_look(given, state.folder), flush=True)
        children.watch()
    except _Stop:
        failure = None
    except ChildFailedError as error:
        failure = str(error)
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    children.stop(patience_s=_STOP_S)
    state.release()
    return _fail(failure) if failure else 0


def _start(
    given: argparse.Namespace,
    children: Children,
    state: Path,
    *,
    cloud_port: int | None,
    dynamodb_port: int | None,
) -> None:
    if cloud_port is not None:
        snapshot = str(state / "cloud.snapshot")
        children.start(
            "the cloud", "infra.local.cloud", "--port", str(cloud_port), "--state", snapshot
        )
    if dynamodb_port is not None:
        database = str(state / "dynamodb")
        children.start(
            "DynamoDB Local",
            "infra.local.run.database",
            "--port",
            str(dynamodb_port),
            "--state",
            database,
        )
        # GET means nothing to it, and saying so is a sign of life. The first start fetches it.
        children.await_answer(
            "DynamoDB Local", port=dynamodb_port, path="/", patience_s=_FETCH_S, status=400
        )
    if cloud_port is not None:
        children.await_answer(
            "the cloud", port=cloud_port, path="/_localstack/health", patience_s=_START_S
        )
    children.complete("provisioning", "infra.local.provision", "--stage", STAGE, quiet=True)
    children.complete("seeding", "infra.local.seed")
    children.start(
        "the sample application",
        "infra.local.server.sample",
        "--port",
        str(given.sample_port),
        "--platform",
        f"http://localhost:{given.port}",
        "--config",
        str(state / "sample.json"),
    )
    logging = ["--log-requests"] if given.log_requests else []
    # What Lambda would send to CloudWatch: a line of JSON for each request, and errors.
    log = state / "server.log"
    log.unlink(missing_ok=True)
    children.start("the server", "infra.local.server", "--port", str(given.port), *logging, log=log)
    children.await_answer("the server", port=given.port, path="/api/v1/health", patience_s=_START_S)
    children.await_answer(
        "the sample application", port=given.sample_port, path="/", patience_s=_START_S
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./scripts/run", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="of the platform")
    parser.add_argument("--sample-port", type=int, default=8001, help="of the sample application")
    parser.add_argument("--cloud-port", type=int, default=4566, help="of the embedded cloud")
    parser.add_argument("--dynamodb-port", type=int, default=4567, help="of DynamoDB Local")
    parser.add_argument(
        "--dynamodb-local", action="store_true", help="use AWS's own engine; needs Java and Maven"
    )
    parser.add_argument("--state", type=Path, default=_ROOT / ".local", help="folder for state")
    parser.add_argument("--log-requests", action="store_true", help="one line for each request")
    return parser.parse_args()


def _ports(
    given: argparse.Namespace, *, cloud_port: int | None, dynamodb_port: int | None
) -> list[Port]:
    ports = [
        Port(given.port, "the platform", "--port"),
        Port(given.sample_port, "the sample application", "--sample-port"),
    ]
    if cloud_port is not None:
        ports.append(Port(cloud_port, "the embedded cloud", "--cloud-port"))
    if dynamodb_port is not None:
        ports.append(Port(dynamodb_port, "DynamoDB Local", "--dynamodb-port"))
    return ports


def _where_to_look(given: argparse.Namespace, state: Path) -> str:
    platform = f"http://localhost:{given.port}"
    folder = state.relative_to(_ROOT) if state.is_relative_to(_ROOT) else state
    return f"""
secureFlows runs, for this machine only.

  Sample application  http://127.0.0.1:{given.sample_port}
  Platform            {platform}
  Account             {platform}/app/self?workspace=demo
  Mails               {platform}/dev/outbox
  Health              {platform}/api/v1/health
  Passwords           {folder}/credentials.json
  Log                 {folder}/server.log

Ctrl-C ends everything.
"""


def _raise_stop(*_: object) -> None:
    raise _Stop


def _fail(*messages: str) -> int:
    for message in messages:
        print(f"scripts/run: {message}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
