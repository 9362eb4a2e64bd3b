"""From an HTTP request to the event that Lambda receives."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.server.events import event_of, is_binary
from infra.local.server.resources import Match
from tests.local.server.wire import request_of

if TYPE_CHECKING:
    from infra.local.server.messages import Request

BINARY = ["application/octet-stream", "image/png"]


def event(request: Request, **parameters: str) -> dict[str, Any]:
    match = Match("/keys/{key}" if parameters else "/keys", parameters)
    return event_of(
        request, match, request_id="r-1", epoch_ms=1_500_000_000_123, binary_types=BINARY
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", None),
        ("&&", None),
        ("a", {"a": [""]}),
        ("a=", {"a": [""]}),
        ("a=1&b=2", {"a": ["1"], "b": ["2"]}),
        ("a=1&a=2&a=", {"a": ["1", "2", ""]}),
        ("a=x+y", {"a": ["x y"]}),
        ("a=x%2By", {"a": ["x+y"]}),
        ("a=%252F", {"a": ["%2F"]}),
        ("a=%26b%3D1", {"a": ["&b=1"]}),
        ("a=1;b=2", {"a": ["1;b=2"]}),
        ("a%5B%5D=1", {"a[]": ["1"]}),
        ("a=%C3%A9", {"a": ["é"]}),
        ("a=%FF", {"a": ["\ufffd"]}),
        ("a=b=c", {"a": ["b=c"]}),
    ],
)
def test_a_query_arrives_decoded_once(query: str, expected: dict[str, list[str]] | None) -> None:
    made = event(request_of(query=query))
    assert made["multiValueQueryStringParameters"] == expected
    last = None if expected is None else {name: values[-1] for name, values in expected.items()}
    assert made["queryStringParameters"] == last


@pytest.mark.parametrize("key", ["a%2Fb", "%252F", "%C3%A9", "a+b", "a%20b", "%00", "x" * 200])
def test_a_path_variable_arrives_as_it_was_sent(key: str) -> None:
    made = event(request_of(path=f"/keys/{key}"), key=key)
    assert made["pathParameters"] == {"key": key}
    assert made["path"] == made["requestContext"]["path"] == f"/keys/{key}"
    assert made["resource"] == made["requestContext"]["resourcePath"] == "/keys/{key}"


def test_a_path_without_variables_has_no_parameters() -> None:
    assert event(request_of(path="/keys"))["pathParameters"] is None


def test_of_a_repeated_header_the_last_value_is_single_and_all_are_multiple() -> None:
    made = event(request_of("GET", "/keys", "", ("x-a", "1"), ("x-b", "é"), ("x-a", "2")))
    assert made["headers"] == {"x-a": "2", "x-b": "é"}
    assert made["multiValueHeaders"] == {"x-a": ["1", "2"], "x-b": ["é"]}


@pytest.mark.parametrize(
    ("content_type", "body", "expected", "is_base64"),
    [
        ("application/json", b"", None, False),
        ("application/json", '{"é":1}'.encode(), '{"é":1}', False),
        ("application/json", b"\xff", "\ufffd", False),
        ("", b"text", "text", False),
        ("application/octet-stream", b"", None, False),
        ("application/octet-stream", b"\x00\xff", base64.b64encode(b"\x00\xff").decode(), True),
        ("Image/PNG; q=1", b"\x89", base64.b64encode(b"\x89").decode(), True),
    ],
)
def test_a_body_is_text_unless_its_type_is_binary(
    content_type: str, body: bytes, *, expected: str | None, is_base64: bool
) -> None:
    made = event(request_of("PUT", "/keys", "", ("content-type", content_type), body=body))
    assert (made["body"], made["isBase64Encoded"]) == (expected, is_base64)


def test_everything_is_binary_where_the_api_says_so() -> None:
    assert is_binary("text/plain", ["*/*"])
    assert not is_binary("*/*", ["image/png"])


def test_the_context_says_who_asked_and_when() -> None:
    context = event(request_of("PUT", "/keys", "", ("user-agent", "wget")))["requestContext"]
    assert context["identity"] == {"sourceIp": "127.0.0.1", "userAgent": "wget"}
    assert context["requestId"] == "r-1"
    assert context["requestTimeEpoch"] == 1_500_000_000_123
    assert context["requestTime"] == "14/Jul/2017:02:40:00 +0000"
    assert context["httpMethod"] == "PUT"
