"""AWS in this process, for the contracts of adapters that need one of its services."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import moto
from botocore.config import Config

from infra.local.cloud import keystates

keystates.install()


@contextmanager
def client(service: str, **options: Any) -> Iterator[Any]:
    """Answer a client to an empty account."""
    with moto.mock_aws():
        yield _made(service, **options)


@contextmanager
def unreachable(service: str) -> Iterator[Any]:
    """Answer a client to a port at which nobody listens."""
    yield _made(
        service,
        endpoint_url="http://127.0.0.1:9",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=1),
    )


def _made(service: str, **options: Any) -> Any:
    return boto3.client(
        service,
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        **options,
    )
