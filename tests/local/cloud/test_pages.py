"""No web page gets anything from an engine, whatever name it knows this machine by."""

import httpx
import pytest

from tests.engines import Engine

LIST_TABLES = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": "DynamoDB_20120810.ListTables",
    "authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request",
}


@pytest.mark.parametrize("path", ["/", "/_aws/ses", "/_localstack/health"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:8000"},
        {"host": "evil.example"},
        {"host": "localhost.evil.example:4566"},
        {"host": "127.0.0.1.evil.example"},
    ],
)
def test_a_page_gets_nothing_of_the_cloud(
    moto_cloud: Engine, path: str, headers: dict[str, str]
) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        answer = httpx.request(
            method, moto_cloud.endpoint + path, headers={**LIST_TABLES, **headers}
        )
        assert (answer.status_code, answer.text) == (403, "{}")
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("host", ["localhost", "localhost:4566", "127.0.0.1:4566", "[::1]:4566"])
def test_every_name_of_this_machine_is_served(moto_cloud: Engine, host: str) -> None:
    headers = {**LIST_TABLES, "host": host}
    answer = httpx.post(moto_cloud.endpoint, headers=headers, content="{}")
    assert "TableNames" in answer.json()


@pytest.mark.slow
def test_no_page_may_read_what_dynamodb_local_answers(dynamodb_local: Engine) -> None:
    headers = {**LIST_TABLES, "origin": "https://evil.example"}
    for method in ("POST", "OPTIONS"):
        answer = httpx.request(
            method, dynamodb_local.dynamodb_endpoint, headers=headers, content="{}"
        )
        allowed = answer.headers.get("access-control-allow-origin")
        assert allowed not in {"*", "https://evil.example"}
