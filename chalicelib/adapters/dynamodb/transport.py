"""The transport: requests to DynamoDB, signed by botocore and sent on connections that are kept."""

import base64
import hashlib
import json
import random
import select
import ssl
import weakref
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
)

from chalicelib.adapters.clients import Clients
from chalicelib.adapters.dynamodb.attributes import Raw

CONNECT_SECONDS = 1.0
READ_SECONDS = 3.0
ATTEMPTS = 3

_SERVICE = "dynamodb"
_TARGET = "DynamoDB_20120810"
_PAUSE = 0.05
_OK = 200
_READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan"})
# Said before anything was done, so that even a single write may be sent again.
_THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)
_BUSY = 503
_TRANSIENT = frozenset({500, 502, 504})


class Transport:
    """Stands where pynamodb's connection has botocore's client, at a fraction of its price.

    It repeats what botocore's standard mode repeats, but for a single write that may have
    happened: sent again, its own condition would refuse it. Thread-safe.
    """

    def __init__(self, clients: Clients, *, pause: Callable[[float], None]) -> None:
        """Take the session and a way to wait; nothing is connected yet."""
        self._clients = clients
        self._pause = pause
        self._endpoint = clients.endpoint(_SERVICE)
        self._address = urlsplit(self._endpoint)
        self._path = self._address.path or "/"
        self._tls: ssl.SSLContext | None = None
        if self._address.scheme == "https":
            self._tls = ssl.create_default_context(cafile=clients.ca_bundle)
        self._kept: deque[HTTPConnection] = deque()
        weakref.finalize(self, _close_all, self._kept)

    def _make_api_call(self, operation: str, arguments: Raw) -> Raw:
        # pynamodb calls this one method. Bytes are no JSON, and become base64 on the way.
        body = json.dumps(arguments, default=_encoded, separators=(",", ":")).encode()
        may_repeat = operation in _READS or "ClientRequestToken" in arguments
        attempt = 1
        while True:
            try:
                return self._answered(operation, body, may_repeat=may_repeat)
            except (BotoCoreError, ClientError) as failure:
                if attempt == ATTEMPTS or not _is_passing(failure, may_repeat=may_repeat):
                    raise
            self._pause(_PAUSE * 2**attempt * random.random())  # noqa: S311 - full jitter
            attempt += 1

    def _answered(self, operation: str, body: bytes, *, may_repeat: bool) -> Raw:
        headers = self._signed(operation, body)
        kept = self._living()
        try:
            answer, content = self._exchanged(kept or self._fresh(), body, headers)
        except ConnectionClosedError as lost:
            if kept is None or not may_repeat or not isinstance(lost.__cause__, ConnectionError):
                raise
            # It died unnoticed, as connections do while a function is frozen.
            answer, content = self._exchanged(self._fresh(), body, headers)
        if answer.status != _OK:
            raise _refusal(operation, answer, content)
        found = _read(content)
        if found is None:
            # Somebody else answered; whether the store was asked is unknown.
            raise ConnectionClosedError(endpoint_url=self._endpoint)
        return found

    def _exchanged(
        self, connection: HTTPConnection, body: bytes, headers: Mapping[str, str]
    ) -> tuple[HTTPResponse, bytes]:
        try:
            connection.request("POST", self._path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException) as error:
            connection.close()
            raise ConnectionClosedError(endpoint_url=self._endpoint) from error
        if answer.will_close:
            connection.close()
        else:
            self._kept.append(connection)
        said = answer.headers.get("x-amz-crc32")
        if said is not None and said != str(zlib.crc32(content)):
            raise ConnectionClosedError(endpoint_url=self._endpoint)
        return answer, content

    def _living(self) -> HTTPConnection | None:
        # The last one first: the others may end in peace.
        while self._kept:
            try:
                connection = self._kept.pop()
            except IndexError:
                break
            if not _has_ended(connection):
                return connection
            connection.close()
        return None

    def _fresh(self) -> HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        connection = (
            HTTPConnection(host, port, timeout=CONNECT_SECONDS)
            if self._tls is None
            else HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=self._tls)
        )
        try:
            # The standard library's connections set TCP_NODELAY by themselves.
            connection.connect()
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=self._endpoint, error=error) from error
        connection.sock.settimeout(READ_SECONDS)
        return connection

    def _signed(self, operation: str, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"{_TARGET}.{operation}",
            "X-Amz-Content-SHA256": hashlib.sha256(body).hexdigest(),
        }
        request = AWSRequest("POST", self._endpoint, headers=headers, data=body)
        # Asked for each time: the session renews credentials that are about to expire.
        credentials = self._clients.credentials()
        SigV4Auth(credentials, _SERVICE, self._clients.region).add_auth(request)
        return dict(request.headers.items())


def _is_passing(failure: BotoCoreError | ClientError, *, may_repeat: bool) -> bool:
    if isinstance(failure, ClientError):
        status = failure.response["ResponseMetadata"]["HTTPStatusCode"]
        is_undone = failure.response["Error"]["Code"] in _THROTTLED or status == _BUSY
        return is_undone or (may_repeat and status in _TRANSIENT)
    if isinstance(failure, ConnectionClosedError):
        return may_repeat
    return isinstance(failure, EndpointConnectionError)


def _refusal(operation: str, answer: HTTPResponse, content: bytes) -> ClientError:
    said = _read(content) or {}
    code = str(said.pop("__type", answer.status)).rpartition("#")[2]
    message = said.pop("message", None) or said.pop("Message", "")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    metadata = {"HTTPStatusCode": answer.status, "HTTPHeaders": headers}
    return ClientError(
        {**said, "Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata},
        operation,
    )


def _read(content: bytes) -> Raw | None:
    try:
        said = json.loads(content, object_hook=_decoded)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _close_all(connections: deque[HTTPConnection]) -> None:
    for connection in connections:
        connection.close()


def _has_ended(connection: HTTPConnection) -> bool:
    # Between an answer and the next request there is nothing to read but the end.
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _encoded(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"JSON has no place for {type(value).__name__}")


def _decoded(value: dict[str, Any]) -> dict[str, Any]:
    # {"B": text} is a binary value; an attribute named B holds a value, which is never text.
    if len(value) == 1:
        binary = value.get("B")
        if isinstance(binary, str):
            return {"B": base64.b64decode(binary)}
        several = value.get("BS")
        if isinstance(several, list):
            return {"BS": [base64.b64decode(one) for one in several]}
    return value
