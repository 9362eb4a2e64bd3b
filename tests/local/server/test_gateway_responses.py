"""What the gateway answers by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.server.gateway_responses import GatewayResponses, Refusal
from tests.local.server.wire import request_of

if TYPE_CHECKING:
    from infra.local.server.messages import Answer


def rendered(customised: dict[str, Any], refusal: Refusal, accept: str = "*/*") -> Answer:
    request = request_of("GET", "/api/x", "", ("accept", accept), ("host", "h:1"))
    return GatewayResponses(customised).render(refusal, request=request, request_id="r-1")


@pytest.mark.parametrize(
    ("refusal", "status", "message"),
    [
        (Refusal.MISSING_AUTHENTICATION_TOKEN, 403, "Missing Authentication Token"),
        (Refusal.REQUEST_TOO_LARGE, 413, "Request Too Long"),
        (Refusal.INTEGRATION_TIMEOUT, 504, "Endpoint request timed out"),
        (Refusal.DEFAULT_5XX, 502, "Internal server error"),
    ],
)
def test_an_uncustomised_refusal_is_what_aws_says(
    refusal: Refusal, status: int, message: str
) -> None:
    answer = rendered({}, refusal)
    assert answer.status == status
    assert json.loads(answer.body) == {"message": message}
    assert dict(answer.headers)["x-amzn-requestid"] == "r-1"


def test_a_refusal_without_its_own_entry_follows_its_family() -> None:
    customised = {"DEFAULT_4XX": {"StatusCode": 400}, "DEFAULT_5XX": {"StatusCode": "503"}}
    assert rendered(customised, Refusal.REQUEST_TOO_LARGE).status == 400
    assert rendered(customised, Refusal.INTEGRATION_TIMEOUT).status == 503
    customised["REQUEST_TOO_LARGE"] = {"StatusCode": 414}
    assert rendered(customised, Refusal.REQUEST_TOO_LARGE).status == 414


def test_a_template_is_filled_and_headers_are_set() -> None:
    template = '{"id":"$context.requestId","say":$context.error.messageString,"x":"$context.no"}'
    customised = {
        "MISSING_AUTHENTICATION_TOKEN": {
            "StatusCode": "404",
            "ResponseParameters": {
                "Headers": {
                    "Content-Type": "'application/problem+json'",
                    "X-Request": "context.requestId",
                }
            },
            "ResponseTemplates": {"application/json": template},
        }
    }
    answer = rendered(customised, Refusal.MISSING_AUTHENTICATION_TOKEN)
    assert answer.status == 404
    assert json.loads(answer.body) == {"id": "r-1", "say": "Missing Authentication Token", "x": ""}
    headers = dict(answer.headers)
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-request"] == "r-1"


def test_the_template_is_chosen_by_what_the_client_accepts() -> None:
    entry = {"ResponseTemplates": {"application/json": "{}", "text/plain": "plain"}}
    customised = {"DEFAULT_4XX": entry}
    refusal = Refusal.MISSING_AUTHENTICATION_TOKEN
    assert rendered(customised, refusal, "text/plain;q=1, */*").body == b"plain"
    assert rendered(customised, refusal, "image/png").body == b"{}"


@pytest.mark.parametrize("refusal", list(Refusal))
def test_the_template_that_aws_gets_answers_every_refusal_as_a_problem(refusal: Refusal) -> None:
    responses = GatewayResponses.of_template(origin="http://localhost:8000")
    answer = responses.render(refusal, request=request_of(), request_id="r-1")
    problem = json.loads(answer.body)
    assert problem["type"] == f"http://localhost:8000/problems/{problem['code']}"
    assert problem["status"] == answer.status
    assert problem["requestId"] == "r-1"
    headers = dict(answer.headers)
    assert headers["content-type"] == "application/problem+json"
    assert headers["access-control-allow-origin"] == "*"
