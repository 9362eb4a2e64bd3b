"""The whole server over a real socket."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from infra.local.server.gateway import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local.server.conftest import Live


@pytest.fixture(scope="module")
def live(serve: Callable[..., Live]) -> Live:
    return serve()


@pytest.mark.parametrize("key", ["a%2Fb", "%252F", "%25", "%C3%A9", "a+b", "..", "x" * 200])
def test_a_key_reaches_the_view_byte_for_byte(live: Live, key: str) -> None:
    assert live.json(f"GET /api/v1/event/{key} HTTP/1.1")["key"] == key


def test_bytes_that_no_url_may_contain_arrive_encoded_or_are_refused(live: Live) -> None:
    status, _, body = live.exchange("GET /api/v1/event/é HTTP/1.1")
    assert status == 400 or json.loads(body)["key"] == "%C3%A9"


def test_the_event_tells_where_the_request_came_from(live: Live) -> None:
    head = "GET /api/v1/event/k?a=1&a=2 HTTP/1.1\nuser-agent: test\nx-forwarded-for: 10.0.0.9"
    event = live.json(head)["event"]
    assert event["requestContext"]["identity"] == {"sourceIp": "127.0.0.1", "userAgent": "test"}
    assert event["headers"]["x-forwarded-for"] == "10.0.0.9, 127.0.0.1"
    assert event["headers"]["x-forwarded-proto"] == "http"
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}


def test_both_doors_of_the_api_are_reached(live: Live) -> None:
    assert live.json("GET /oidc/demo/jwks.json HTTP/1.1") == {"workspace": "demo"}


@pytest.mark.parametrize(
    "head",
    [
        "GET /api/v1/nothing HTTP/1.1",
        "DELETE /api/v1/length HTTP/1.1",
        "OPTIONS /api/v1/cookies HTTP/1.1",
        "GET /oidc/ HTTP/1.1",
        "GET /problems/not_found HTTP/1.1",
        "GET /.well-known/oauth-authorization-server/demo HTTP/1.1",
    ],
)
def test_what_no_route_serves_is_not_found_as_a_problem(live: Live, head: str) -> None:
    status, headers, body = live.exchange(head)
    assert (status, headers["content-type"]) == (404, "application/problem+json")
    assert json.loads(body)["code"] == "not_found"


def test_a_preflight_is_answered_without_the_function(live: Live) -> None:
    status, headers, body = live.exchange("OPTIONS /api/v1/length HTTP/1.1\norigin: http://x")
    assert (status, body) == (200, b"")
    assert headers["access-control-allow-origin"] == "*"
    assert headers["access-control-allow-methods"] == "PUT,OPTIONS"
    assert "DPoP" in headers["access-control-allow-headers"]
    assert headers["access-control-max-age"] == "600"


def test_a_binary_body_comes_and_goes_unharmed(live: Live) -> None:
    head = "PUT /api/v1/length HTTP/1.1\ncontent-type: application/octet-stream"
    assert live.json(head, bytes(range(256)) * 4) == {"length": 1024}
    head = "GET /api/v1/bytes HTTP/1.1\naccept: application/octet-stream"
    assert live.exchange(head)[2] == b"\x00\xff"


def test_repeated_headers_stay_apart_and_the_servers_own_are_not_taken(live: Live) -> None:
    _, headers, _ = live.exchange("GET /api/v1/cookies HTTP/1.1")
    assert headers["all-cookies"] == "a=1; Path=/|b=2; Path=/"
    assert headers.get("server") != "mine"


@pytest.mark.parametrize(
    ("status", "media_type"), [(200, "application/json"), (204, ""), (304, "")]
)
def test_what_has_no_body_has_neither_type_nor_length(
    live: Live, status: int, media_type: str
) -> None:
    answered, headers, body = live.exchange(f"GET /api/v1/known/{status} HTTP/1.1")
    assert (answered, body, headers["etag"]) == (status, b"", '"1"')
    assert headers.get("content-type", "") == media_type
    assert ("content-length" in headers) == (status == 200)


def test_a_body_beyond_ten_mebibytes_is_refused_and_the_sender_hears_it(live: Live) -> None:
    head = "PUT /api/v1/length HTTP/1.1\ncontent-type: text/plain"
    status, _, body = live.exchange(head, b"x" * 11_000_000)
    assert (status, json.loads(body)["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize(("count", "status"), [(4_710_000, 200), (4_718_592, 413)])
def test_an_event_beyond_lambdas_limit_is_refused(live: Live, count: int, status: int) -> None:
    head = "PUT /api/v1/length HTTP/1.1\ncontent-type: text/plain"
    assert live.exchange(head, b"x" * count)[0] == status


def test_base64_counts_towards_the_limit(live: Live) -> None:
    head = "PUT /api/v1/length HTTP/1.1\ncontent-type: application/octet-stream"
    assert live.exchange(head, b"x" * 4_700_000)[0] == 200
    assert live.exchange(head, b"x" * 4_720_000)[0] == 413


@pytest.mark.parametrize(("size", "status"), [(6_290_000, 200), (6_291_456, 503)])
def test_an_answer_beyond_lambdas_limit_is_an_error(live: Live, size: int, status: int) -> None:
    assert live.exchange(f"GET /api/v1/answer/{size} HTTP/1.1")[0] == status


def test_an_answer_that_lambda_could_not_serialise_tells_the_caller_nothing(live: Live) -> None:
    status, headers, body = live.exchange("GET /api/v1/unreadable HTTP/1.1")
    assert (status, headers["content-type"]) == (503, "application/problem+json")
    assert b"claim" not in body


def test_requests_overlap_and_each_sees_only_itself(live: Live) -> None:
    answers: list[dict[str, object]] = []

    def ask(name: str) -> None:
        answers.append(live.json(f"GET /api/v1/together/{name} HTTP/1.1"))

    threads = [threading.Thread(target=ask, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({str(answer["id"]) for answer in answers}) == 3
    for answer in answers:
        assert answer["seen"] == [{"name": answer["name"]}] * 2


def test_a_function_that_takes_too_long_is_given_up(serve: Callable[..., Live]) -> None:
    status, _, body = serve(Limits(wait_s=0.1)).exchange("GET /api/v1/slow/a HTTP/1.1")
    assert status == 503
    assert json.loads(body)["status"] == 503


def test_the_site_has_every_other_path(live: Live) -> None:
    status, headers, body = live.exchange("GET /app/login?app=x HTTP/1.1")
    assert (status, body) == (200, b"<h1>sign in</h1>")
    assert headers["x-content-type-options"] == "nosniff"
    assert live.exchange("GET /app/../../../etc/passwd HTTP/1.1")[0] == 404


def test_head_says_how_long_a_page_is_and_sends_none_of_it(live: Live) -> None:
    status, headers, body = live.exchange("HEAD / HTTP/1.1")
    assert (status, headers["content-length"], body) == (200, "13", b"")
