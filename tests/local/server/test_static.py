"""The static site: what it serves, with which headers, and what it never serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.local.server.static import HEADERS, StaticSite
from tests.local.server.wire import request_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> StaticSite:
    root = tmp_path / "dist"
    for name, text in {
        "dist/index.html": "home",
        "dist/app/login/index.html": "login",
        "dist/assets/page-abc.js": "script",
        "dist/sdk/secureflows.js": "sdk",
        "dist/.stamp": "hidden",
        "dist/é.txt": "accent",
        "secret.txt": "secret",
        "dist-secret/x.txt": "secret",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "linked").symlink_to(tmp_path / "dist-secret")
    return StaticSite(root, headers=HEADERS["pages"], sdk=HEADERS["sdk"])


@pytest.mark.parametrize(
    ("path", "body", "media_type", "caching"),
    [
        ("/", "home", "text/html; charset=utf-8", "no-store"),
        ("/app/login", "login", "text/html; charset=utf-8", "no-store"),
        ("/app/login/", "login", "text/html; charset=utf-8", "no-store"),
        ("/%61pp/login", "login", "text/html; charset=utf-8", "no-store"),
        (
            "/assets/page-abc.js",
            "script",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        ("/sdk/secureflows.js", "sdk", "text/javascript; charset=utf-8", "no-cache"),
        ("/%C3%A9.txt", "accent", "text/plain; charset=utf-8", "no-cache"),
    ],
)
def test_a_page_is_served_with_its_type_and_caching(
    site: StaticSite, path: str, body: str, media_type: str, caching: str
) -> None:
    answer = site.answer(request_of(path=path))
    headers = dict(answer.headers)
    assert (answer.status, answer.body.decode()) == (200, body)
    assert (headers["content-type"], headers["cache-control"]) == (media_type, caching)


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/app/../../secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/%2e%2e%2f%2e%2e%2fetc/passwd",
        "/%252e%252e/secret.txt",
        "/../dist-secret/x.txt",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/link.txt",
        "/linked/x.txt",
        "/.stamp",
        "/./index.html",
        "/app//login",
        "/index.html%00.js",
        "/%ff",
        "/assets",
        "/" + "x" * 5000,
        "/nothing",
    ],
)
def test_nothing_outside_the_site_and_nothing_hidden_is_served(site: StaticSite, path: str) -> None:
    answer = site.answer(request_of(path=path))
    assert answer.status == 404
    assert b"secret" not in answer.body
    assert dict(answer.headers)["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/nothing", "/assets/page-abc.js"])
def test_every_answer_carries_the_security_headers(site: StaticSite, path: str) -> None:
    headers = dict(site.answer(request_of(path=path)).headers)
    for name, value in HEADERS["pages"].items():
        assert headers[name.lower()] == value


def test_the_policy_allows_nothing_unsafe() -> None:
    policy = HEADERS["pages"]["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    for rule in (
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "trusted-types 'none'",
        "require-trusted-types-for 'script'",
    ):
        assert rule in policy.split("; ")


def test_only_the_sdk_may_be_loaded_by_other_origins(site: StaticSite) -> None:
    sdk = dict(site.answer(request_of(path="/sdk/secureflows.js")).headers)
    assert sdk["cross-origin-resource-policy"] == "cross-origin"
    assert sdk["access-control-allow-origin"] == "*"
    page = dict(site.answer(request_of(path="/")).headers)
    assert page["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in page


def test_an_unchanged_file_is_not_sent_again(site: StaticSite, tmp_path: Path) -> None:
    path = "/assets/page-abc.js"
    etag = dict(site.answer(request_of(path=path)).headers)["etag"]
    again = request_of("GET", path, "", ("if-none-match", f'"other", {etag}'))
    assert (site.answer(again).status, site.answer(again).body) == (304, b"")
    (tmp_path / "dist" / "assets" / "page-abc.js").write_text("changed")
    assert site.answer(again).body == b"changed"


def test_the_site_is_only_read(site: StaticSite) -> None:
    answer = site.answer(request_of("POST", "/"))
    assert (answer.status, dict(answer.headers)["allow"]) == (405, "GET, HEAD")
