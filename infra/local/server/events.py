"""From an HTTP request to the API Gateway REST (v1) proxy event that Lambda receives."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from infra.local.template import resources

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.local.server.messages import Request
    from infra.local.server.resources import Match

Event = dict[str, object]

STAGE = "local"
API_ID = "localapi00"
ACCOUNT = "000000000000"


def event_of(
    request: Request,
    match: Match,
    *,
    request_id: str,
    epoch_ms: int,
    binary_types: Iterable[str],
) -> Event:
    """Build the event.

    The query arrives decoded once, path variables as they were sent: that is what a REST API does
    (an HTTP API would decode them), and it keeps `a%2Fb` one segment and `%252F` apart from `%2F`.
    """
    multi_headers = _gathered(request.headers)
    multi_query = _gathered(parse_qsl(request.query, keep_blank_values=True, errors="replace"))
    body, is_base64 = _body(request, binary_types)
    return {
        "resource": match.resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in multi_headers.items()},
        "multiValueHeaders": multi_headers,
        "queryStringParameters": {k: v[-1] for k, v in multi_query.items()} or None,
        "multiValueQueryStringParameters": multi_query or None,
        "pathParameters": match.parameters or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": request.header("host"),
            "extendedRequestId": request_id,
            "httpMethod": request.method,
            "identity": {
                "sourceIp": request.source_ip,
                "userAgent": request.header("user-agent") or None,
            },
            # Behind a custom domain the path carries no stage, and AWS here is always behind one.
            "path": request.path,
            "protocol": "HTTP/1.1",
            "requestId": request_id,
            "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(epoch_ms / 1000)),
            "requestTimeEpoch": epoch_ms,
            "resourceId": "local",
            "resourcePath": match.resource,
            "stage": STAGE,
        },
        "body": body,
        "isBase64Encoded": is_base64,
    }


def binary_types_of_template() -> tuple[str, ...]:
    """The media types whose bodies a deployment passes on byte for byte."""
    (api,) = resources(kind="AWS::Serverless::Api", variables={})
    return tuple(api.properties["DefinitionBody"]["x-amazon-apigateway-binary-media-types"])


def is_binary(media_type: str, binary_types: Iterable[str]) -> bool:
    """Whether API Gateway treats a media type as binary; `*/*` makes everything so."""
    bare = media_type.partition(";")[0].strip().lower()
    return any(known in {bare, "*/*"} for known in map(str.lower, binary_types))


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return gathered


def _body(request: Request, binary_types: Iterable[str]) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    if is_binary(request.header("content-type"), binary_types):
        return base64.b64encode(request.body).decode("ascii"), True
    # API Gateway passes text on as UTF-8; what is not, is replaced before any code of ours sees it.
    return request.body.decode("utf-8", "replace"), False
