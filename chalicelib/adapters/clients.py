"""Clients of AWS services, from one botocore session: loading its data twice would cost more."""

from typing import Any

from botocore.config import Config
from botocore.session import Session

_CONFIG = Config(
    connect_timeout=1,
    read_timeout=5,
    retries={"total_max_attempts": 3, "mode": "standard"},
)


class Clients:
    """Makes clients; region, credentials and endpoints come from the environment as everywhere."""

    def __init__(self) -> None:
        """Begin a session; nothing is connected yet."""
        self._session = Session()

    @property
    def region(self) -> str:
        """Answer the region of the deployment; raises `LookupError` when there is none."""
        region = self._session.get_config_variable("region")
        if not region:
            raise LookupError("Set AWS_DEFAULT_REGION.")
        return str(region)

    def client(self, service: str) -> Any:  # noqa: ANN401 - botocore carries no types
        """Answer a client with short waits: a function has 29 seconds in all."""
        return self._session.create_client(service, config=_CONFIG)
