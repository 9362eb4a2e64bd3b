"""The answers that API Gateway gives by itself, rendered from the template that AWS gets."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from infra.local.server.events import API_ID, STAGE
from infra.local.server.messages import Answer
from infra.local.template import resources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.local.server.messages import Request

_VARIABLE = re.compile(r"\$?context\.[A-Za-z.]*[A-Za-z]")


class _Native(NamedTuple):
    status: int
    message: str
    error: str


class Refusal(Enum):
    """What API Gateway calls the response type, with what it says when nobody changed it."""

    MISSING_AUTHENTICATION_TOKEN = _Native(
        403, "Missing Authentication Token", "MissingAuthenticationTokenException"
    )
    REQUEST_TOO_LARGE = _Native(413, "Request Too Long", "RequestTooLargeException")
    INTEGRATION_TIMEOUT = _Native(504, "Endpoint request timed out", "InternalServerErrorException")
    # A Lambda proxy that crashed, or answered what API Gateway cannot read, is a bare 502.
    DEFAULT_5XX = _Native(502, "Internal server error", "InternalServerErrorException")

    @property
    def family(self) -> str:
        """The response type whose settings apply when this one has none of its own."""
        return "DEFAULT_4XX" if self.value.status < 500 else "DEFAULT_5XX"  # noqa: PLR2004


@dataclass(frozen=True, slots=True, kw_only=True)
class _Customised:
    status: int | None
    headers: tuple[tuple[str, str], ...]
    templates: Mapping[str, str]


_NATIVE = _Customised(
    status=None,
    headers=(),
    templates={"application/json": '{"message":$context.error.messageString}'},
)


class GatewayResponses:
    """Renders refusals as the `GatewayResponses` of the template's REST API say."""

    def __init__(self, customised: Mapping[str, Any]) -> None:
        self._customised = {kind: _read_one(entry) for kind, entry in customised.items()}

    @classmethod
    def of_template(cls, *, origin: str) -> GatewayResponses:
        """Those that a deployment with this origin would get."""
        (api,) = resources(kind="AWS::Serverless::Api", variables={"Origin": origin})
        return cls(api.properties["GatewayResponses"])

    def render(
        self, refusal: Refusal, *, request: Request, request_id: str, resource: str = ""
    ) -> Answer:
        """The answer for one refused request."""
        entry = self._customised.get(refusal.name) or self._customised.get(refusal.family, _NATIVE)
        variables = _variables(refusal, request=request, request_id=request_id, resource=resource)
        media_type = _chosen(entry.templates, accept=request.header("accept"))
        body = _filled(entry.templates[media_type], variables)
        headers = {
            "content-type": media_type,
            "x-amzn-requestid": request_id,
            "x-amzn-errortype": refusal.value.error,
        }
        for name, value in entry.headers:
            headers[name.lower()] = value[1:-1] if value[:1] == "'" else _filled(value, variables)
        return Answer(
            status=entry.status or refusal.value.status,
            headers=tuple(headers.items()),
            body=body.encode(),
        )


def _variables(
    refusal: Refusal, *, request: Request, request_id: str, resource: str
) -> dict[str, str]:
    return {
        "requestId": request_id,
        "extendedRequestId": request_id,
        "error.message": refusal.value.message,
        "error.messageString": json.dumps(refusal.value.message),
        "error.responseType": refusal.name,
        "httpMethod": request.method,
        "path": request.path,
        "resourcePath": resource,
        "domainName": request.header("host"),
        "identity.sourceIp": request.source_ip,
        "protocol": "HTTP/1.1",
        "stage": STAGE,
        "apiId": API_ID,
    }


def _filled(text: str, variables: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return variables.get(found[0].partition("context.")[2], "")

    return _VARIABLE.sub(value, text)


def _chosen(templates: Mapping[str, str], *, accept: str) -> str:
    wanted = [part.partition(";")[0].strip() for part in accept.split(",")]
    for media_type in (*wanted, "application/json"):
        if media_type in templates:
            return media_type
    return next(iter(templates))


def _read_one(entry: Mapping[str, Any]) -> _Customised:
    status = entry.get("StatusCode")
    headers = (entry.get("ResponseParameters") or {}).get("Headers") or {}
    return _Customised(
        status=int(status) if status else None,
        headers=tuple((name, str(value)) for name, value in headers.items()),
        templates=entry.get("ResponseTemplates") or _NATIVE.templates,
    )
