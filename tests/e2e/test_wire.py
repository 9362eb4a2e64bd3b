"""Requests as they come over the wire: too large, malformed, misrouted, oddly named."""

from collections.abc import Callable
from contextlib import closing
from urllib.parse import quote

import pytest

from tests.e2e.client import Answer, Client
from tests.e2e.launch import Run

pytestmark = pytest.mark.slow

BEFORE = {"a": 0, "kept": "as it is"}
PROBLEM = {"type", "title", "status", "detail", "code", "error", "requestId"}


@pytest.fixture(scope="module")
def client(run: Run) -> Client:
    return run.client


@pytest.fixture(scope="module")
def token(run: Run) -> str:
    return run.token("sena@demo.example", "forms")


@pytest.fixture
def unchanged(client: Client, token: str) -> Callable[[Answer, int, str], None]:
    """Holds an answer against what was expected, and shows that the session is as before."""
    before = client.send("PUT", "/api/v1/sessions", token=token, body=BEFORE)
    assert before.status == 200, before

    def check(answer: Answer, status: int, code: str) -> None:
        assert (answer.status, answer.code) == (status, code), answer
        problem = answer.json()
        assert problem.keys() >= PROBLEM
        assert problem["status"] == status
        assert problem["type"].endswith(f"/problems/{code}")
        after = client.send("GET", "/api/v1/sessions", token=token)
        assert (after.json(), after.headers["etag"]) == (BEFORE, before.headers["etag"])

    return check


Unchanged = Callable[[Answer, int, str], None]
WRITES = [
    ("PUT", "/api/v1/sessions"),
    ("PATCH", "/api/v1/sessions"),
    ("POST", "/api/v1/sessions/set/a"),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_eleven_megabytes_are_too_much(
    client: Client, token: str, unchanged: Unchanged, method: str, path: str
) -> None:
    raw = b'{"a":"' + b"x" * (11 * 1024 * 1024) + b'"}'
    unchanged(client.send(method, path, token=token, raw=raw), 413, "payload_too_large")


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("megabytes", [1, 5, 7, 9])
def test_what_the_gateway_lets_through_is_measured_behind_it(
    client: Client, token: str, unchanged: Unchanged, method: str, path: str, megabytes: int
) -> None:
    raw = b'{"a":"' + b"x" * (megabytes * 1024 * 1024) + b'"}'
    unchanged(client.send(method, path, token=token, raw=raw), 413, "payload_too_large")


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize(
    ("raw", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "invalid_json"),
        (b"", "application/json", 400, "invalid_json"),
        (b'{"a":NaN}', "application/json", 400, "invalid_json"),
        (b'{"a":1,"a":2}', "application/json", 400, "invalid_json"),
        (b'"\\ud800"', "application/json", 400, "invalid_json"),
        (b"[" * 100_000, "application/json", 400, "invalid_json"),
        (b'{"a":1}', "text/plain", 415, "unsupported_media_type"),
        (b'{"a":1}', "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b'{"a":1}', "application/jsonp", 415, "unsupported_media_type"),
    ],
)
def test_a_body_that_is_not_json_is_refused(
    client: Client,
    token: str,
    unchanged: Unchanged,
    method: str,
    path: str,
    raw: bytes,
    content_type: str,
    status: int,
    code: str,
) -> None:
    sent = {"content-type": content_type}
    unchanged(client.send(method, path, token=token, raw=raw, headers=sent), status, code)


def untyped(client: Client, method: str, path: str, **headers: str) -> int:
    """Send JSON without saying so; answers the status."""
    with closing(client.connection()) as connection:
        connection.request(method, path, body=b'{"a": 1}', headers=headers)
        return connection.getresponse().status


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_what_comes_with_a_token_and_no_type_is_read_as_json(
    client: Client, token: str, method: str, path: str
) -> None:
    assert untyped(client, method, path, authorization=f"Bearer {token}") == 200
    after = client.send("GET", "/api/v1/sessions", token=token).json()
    assert after["a"] == ({"a": 1} if path.endswith("/a") else 1)


@pytest.mark.parametrize(
    "path", ["/api/v1/login/context", "/api/v1/applications/validate-redirect"]
)
def test_what_comes_with_neither_is_refused(run: Run, path: str) -> None:
    assert untyped(run.client, "POST", path, origin=run.origin, **{"x-secureflows": "1"}) == 415


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_bytes_that_are_not_utf8_are_refused_and_never_replaced(
    client: Client, token: str, unchanged: Unchanged, method: str, path: str
) -> None:
    raw = b'{"a":"\xff"}'
    unchanged(client.send(method, path, token=token, raw=raw), 400, "invalid_json")


@pytest.mark.parametrize(
    "encoded",
    ["a" * 201, quote("ü" * 201), "%00", "%0D%0A", "a%0Ab", "%7F", "%C2%85", ".", "..", "%FF"],
)
@pytest.mark.parametrize(
    ("method", "route"), [("GET", "get"), ("POST", "set"), ("DELETE", "delete")]
)
def test_key_names_that_cannot_be_used_are_refused(
    client: Client, token: str, unchanged: Unchanged, method: str, route: str, encoded: str
) -> None:
    body = {"value": 1} if method == "POST" else None
    path = f"/api/v1/sessions/{route}/{encoded}"
    unchanged(client.send(method, path, token=token, body=body), 400, "invalid_input")


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        ("a%2Fb", "a/b"),
        ("a%2fb", "a/b"),
        ("%2F", "/"),
        ("%252F", "%2F"),
        ("%25252F", "%252F"),
        ("gr%C3%BC%C3%9Fe", "grüße"),
        ("%E6%97%A5%E6%9C%AC", "日本"),
        ("%F0%9F%94%91", "🔑"),
        ("e%CC%81", "e\u0301"),
        ("a" * 200, "a" * 200),
        (quote("🔑" * 200), "🔑" * 200),
        ("%20", " "),
        ("a+b", "a+b"),
        ("a%3Fb%23c", "a?b#c"),
        ("a;b=c,d", "a;b=c,d"),
        ("%22%5C%3C", '"\\<'),
        ("...", "..."),
        ("%E2%80%AE", "\u202e"),
    ],
)
def test_a_key_name_reads_back_byte_for_byte(
    client: Client, token: str, encoded: str, name: str
) -> None:
    client.send("PUT", "/api/v1/sessions", token=token, body={})
    at = "/api/v1/sessions"
    written = client.send("POST", f"{at}/set/{encoded}", token=token, body={"value": [name]})
    assert written.json() == {name: [name]}
    read = client.send("GET", f"{at}/get/{encoded}", token=token)
    assert read.json() == {"key": name, "value": [name]}
    deleted = client.send("DELETE", f"{at}/delete/{encoded}", token=token)
    assert deleted.body == b"true"
    assert client.send("GET", at, token=token).json() == {}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nothing",
        "/api/v2/sessions",
        "/api/v1/sessions/get/",
        "/api/v1/sessions/get/a/b",
        "/api/v1/sessions/set/a/b",
        "/api/v1//sessions",
        "/api/v1/sessions/../sessions",
        "/oidc/demo/nothing",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_route_that_does_not_exist_is_not_found(
    client: Client, token: str, unchanged: Unchanged, method: str, path: str
) -> None:
    body = None if method == "GET" else {"value": 1}
    unchanged(client.send(method, path, token=token, body=body), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/api/v1/sessions"),
        ("POST", "/api/v1/sessions/get/a"),
        ("GET", "/api/v1/sessions/set/a"),
        ("PUT", "/api/v1/sessions/set/a"),
        ("GET", "/api/v1/sessions/revoke"),
        ("POST", "/api/v1/sessions/identity"),
        ("PATCH", "/api/v1/sessions/identity"),
        ("GET", "/oidc/demo/token"),
        ("GET", "/api/v1/login/sign-in"),
        ("POST", "/api/v1/health"),
    ],
)
def test_a_method_that_a_route_does_not_have_is_refused(
    client: Client, token: str, unchanged: Unchanged, method: str, path: str
) -> None:
    # API Gateway cannot tell a missing method from a missing resource: both are its 403
    # MISSING_AUTHENTICATION_TOKEN, which the template turns into this.
    body = None if method == "GET" else {"value": 1}
    unchanged(client.send(method, path, token=token, body=body), 404, "not_found")


def test_a_head_request_has_no_body(client: Client, token: str) -> None:
    for path in ("/api/v1/sessions", "/api/v1/nothing", "/app/sessions/login", "/api/v1/health"):
        answer = client.send("HEAD", path, token=token)
        assert answer.status in {200, 404, 405}, path
        assert answer.body == b""


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/v1/sessions", "PUT"),
        ("/api/v1/sessions/set/a", "POST"),
        ("/api/v1/sessions/delete/a", "DELETE"),
        ("/api/v1/sessions/renew", "POST"),
        ("/oidc/demo/token", "POST"),
    ],
)
def test_a_preflight_from_anywhere_is_answered_without_credentials(
    client: Client, path: str, method: str
) -> None:
    answer = client.send(
        "OPTIONS",
        path,
        headers={
            "origin": "https://notes.example",
            "access-control-request-method": method,
            "access-control-request-headers": "authorization,content-type,if-match",
        },
    )
    assert answer.status in {200, 204}
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert method in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "if-match"))


@pytest.mark.parametrize("step", ["context", "sign-in", "sign-up", "sign-up/verify", "continue"])
def test_the_login_has_no_preflight_that_lets_another_page_in(client: Client, step: str) -> None:
    answer = client.send(
        "OPTIONS",
        f"/api/v1/login/{step}",
        headers={"origin": "https://evil.example", "access-control-request-method": "POST"},
    )
    assert "access-control-allow-origin" not in answer.headers or answer.status >= 400


def test_repeated_lines_of_a_header_are_one_list_and_two_keys_are_refused(
    client: Client, token: str
) -> None:
    first = client.send("PUT", "/api/v1/sessions", token=token, body=BEFORE)
    assert first.status == 200, first

    def sent(method: str, name: str, *values: str) -> int:
        connection = client.connection()
        connection.putrequest(method, "/api/v1/sessions")
        connection.putheader("authorization", f"Bearer {token}")
        connection.putheader("content-type", "application/json")
        connection.putheader("content-length", "2")
        for value in values:
            connection.putheader(name, value)
        connection.endheaders(b"{}")
        with closing(connection):
            return connection.getresponse().status

    etag = first.headers["etag"]
    assert sent("GET", "If-None-Match", etag, '"999"') == 304
    assert sent("PUT", "Idempotency-Key", "one", "two") == 400
    assert sent("PUT", "If-Match", etag, '"999"') == 200
    assert sent("PUT", "If-Match", etag, '"999"') == 412


def test_what_the_gateway_itself_refuses_can_be_read_by_a_page(client: Client) -> None:
    page = {"origin": "https://notes.example"}
    for method, path in (("GET", "/api/v1/nothing"), ("DELETE", "/api/v1/sessions")):
        answer = client.send(method, path, headers=page)
        assert answer.status in {404, 405}
        assert answer.headers["access-control-allow-origin"] == "*"
