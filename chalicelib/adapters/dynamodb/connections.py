"""Connections: pynamodb's, over botocore's whole client or over the short transport."""

from collections.abc import Callable

from pynamodb.connection.base import Connection

from chalicelib.adapters.clients import Clients
from chalicelib.adapters.dynamodb.transport import (
    ATTEMPTS,
    CONNECT_SECONDS,
    READ_SECONDS,
    Transport,
)


def plain(clients: Clients) -> Connection:
    """Answer a connection over botocore's client: the reference, and the way through a proxy."""
    # An endpoint other than AWS is botocore's own business: AWS_ENDPOINT_URL_DYNAMODB.
    return Connection(
        region=clients.region,
        connect_timeout_seconds=CONNECT_SECONDS,
        read_timeout_seconds=READ_SECONDS,
        retry_configuration={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        max_pool_connections=32,
    )


def short(clients: Clients, *, pause: Callable[[float], None]) -> Connection:
    """Answer a connection over the short transport, or the plain one where a proxy stands."""
    if clients.is_behind_a_proxy("dynamodb"):
        return plain(clients)
    return _Short(clients, pause=pause)


class _Short(Connection):
    def __init__(self, clients: Clients, *, pause: Callable[[float], None]) -> None:
        super().__init__(region=clients.region)
        self._transport = Transport(clients, pause=pause)

    @property
    def client(self) -> Transport:  # type: ignore[override]  # it answers what is called of it
        return self._transport
