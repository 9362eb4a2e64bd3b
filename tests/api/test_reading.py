"""Reading again and reading in pages: conditional requests, and the list of keys."""

from urllib.parse import quote

import pytest

from tests.api.platform import PAGE, Platform, Tenant, send

PATH = "/api/v1/sessions"
READS = [PATH, f"{PATH}/get/a", f"{PATH}/keys"]


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


@pytest.fixture
def token(platform: Platform, tenant: Tenant) -> str:
    return platform.token(tenant, {"a": 1})


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("tags", ['"1"', 'W/"1"', "*", '"7", W/"1"', '"x","1"', ' "1" '])
def test_what_the_reader_has_already_is_not_sent_again(token: str, path: str, tags: str) -> None:
    answer = send("GET", path, token=token, headers={"if-none-match": tags, "origin": PAGE})
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, "", '"1"')
    assert "content-type" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("tags", ['"2"', 'W/"2"', "1", '"01x"', "", '"*"', '*, "2"', "w/1", "\x00"])
def test_what_the_reader_does_not_have_is_sent(token: str, path: str, tags: str) -> None:
    answer = send("GET", path, token=token, headers={"if-none-match": tags})
    assert (answer.status, answer.headers["etag"]) == (200, '"1"')
    assert answer.body


@pytest.mark.parametrize("names", [("if-none-match",) * 2, ("If-None-Match", "if-none-match")])
@pytest.mark.parametrize("tags", [('"1"', '"7"'), ('"7"', '"1", "8"')])
def test_what_the_reader_has_may_come_in_several_lines(
    token: str, names: tuple[str, str], tags: tuple[str, str]
) -> None:
    lines = list(zip(names, tags, strict=True))
    assert send("GET", PATH, token=token, lines=lines).status == 304


def test_any_version_beside_another_is_no_list_of_tags(token: str) -> None:
    lines = [("if-none-match", "*"), ("if-none-match", '"7"')]
    assert send("GET", PATH, token=token, lines=lines).status == 200


@pytest.mark.parametrize("tags", [('"1"', '"7"'), ('"7"', '"1"')])
def test_the_versions_that_a_writer_expects_may_come_in_several_lines(
    token: str, tags: tuple[str, str]
) -> None:
    lines = [("if-match", tag) for tag in tags]
    assert send("PUT", PATH, token=token, body={"a": 2}, lines=lines).status == 200
    refused = send("PUT", PATH, token=token, body={"a": 3}, lines=lines)
    assert (refused.status, refused.code) == (412, "version_mismatch")


def test_a_payload_is_read_byte_for_byte_as_the_write_answered_it(token: str) -> None:
    body = {"b": [1.0, 1e3, 10**30, None, True], "a": {"ü\u2028": 'q"\\\n', "empty": {}}}
    written = send("PUT", PATH, token=token, body=body)
    assert written.json() == body
    assert send("GET", PATH, token=token).body == written.body


def test_after_a_write_the_old_version_is_no_longer_known(token: str) -> None:
    written = send("PUT", PATH, token=token, body={"a": 2})
    for tag, status in (('"1"', 200), (written.headers["etag"], 304)):
        assert send("GET", PATH, token=token, headers={"if-none-match": tag}).status == status


def test_an_absent_key_and_an_ended_session_are_told_whatever_the_reader_has(token: str) -> None:
    any_version = {"if-none-match": "*"}
    assert send("GET", f"{PATH}/get/b", token=token, headers=any_version).status == 404
    assert send("POST", f"{PATH}/revoke", token=token).status == 200
    for path in READS:
        assert send("GET", path, token=token, headers=any_version).status == 410


def test_keys_come_sorted_with_their_sizes_and_the_version(token: str) -> None:
    put = send("PUT", PATH, token=token, body={"b": "ü", "a/b": [1, 2], "ä": None})
    answer = send("GET", f"{PATH}/keys", token=token)
    assert answer.json() == {
        "items": [
            {"key": "a/b", "size": 5},
            {"key": "b", "size": 4},
            {"key": "ä", "size": 4},
        ],
        "nextCursor": None,
    }
    assert answer.headers["etag"] == put.headers["etag"]


def test_keys_of_an_empty_payload_are_none(platform: Platform, tenant: Tenant) -> None:
    answer = send("GET", f"{PATH}/keys", token=platform.token(tenant))
    assert answer.json() == {"items": [], "nextCursor": None}


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("", ["a", "a/1", "a/2", "b", "🔑"]),
        ("a/", ["a/1", "a/2"]),
        ("a/1", ["a/1"]),
        ("🔑", ["🔑"]),
        ("A", []),
        ("x" * 5_000, []),
    ],
)
def test_a_prefix_chooses_keys_as_it_is_written(token: str, prefix: str, found: list[str]) -> None:
    send("PUT", PATH, token=token, body=dict.fromkeys(["b", "a/2", "a", "🔑", "a/1"], 0))
    answer = send("GET", f"{PATH}/keys?prefix={quote(prefix, safe='')}", token=token)
    assert [item["key"] for item in answer.json()["items"]] == found


def test_pages_go_on_behind_the_last_key_even_when_it_was_deleted(token: str) -> None:
    send("PUT", PATH, token=token, body={f"k{n}": n for n in range(5)})
    first = send("GET", f"{PATH}/keys?limit=2&prefix=k", token=token).json()
    assert [item["key"] for item in first["items"]] == ["k0", "k1"]
    send("DELETE", f"{PATH}/delete/k1", token=token)
    rest = f"{PATH}/keys?limit=3&prefix=k&cursor={first['nextCursor']}"
    second = send("GET", rest, token=token).json()
    assert [item["key"] for item in second["items"]] == ["k2", "k3", "k4"]
    assert second["nextCursor"] is None


@pytest.mark.parametrize("cursor", ["", "a", "azA=", "%00", "_w", "azA%0A", "ü", "YR", "Li4"])
def test_a_cursor_that_is_not_one_of_ours_is_refused(token: str, cursor: str) -> None:
    answer = send("GET", f"{PATH}/keys?cursor={quote(cursor, safe='%')}", token=token)
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert answer.json()["errors"][0]["pointer"] == "/cursor"


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "1.0", "", "x", "٣", "9" * 5_000])
def test_a_limit_out_of_bounds_is_refused(token: str, limit: str) -> None:
    answer = send("GET", f"{PATH}/keys?limit={quote(limit)}", token=token)
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert answer.json()["errors"][0]["pointer"] == "/limit"
