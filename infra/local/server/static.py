"""The static site with the headers that the CDN sends in production."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from infra.local.server.messages import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.local.server.messages import Request

HEADERS: Mapping[str, Mapping[str, str]] = json.loads(
    Path(__file__).with_name("security_headers.json").read_text("utf-8")
)

# Written out, because the standard library's table depends on files of the machine.
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_FOREVER = "public, max-age=31536000, immutable"
_NOT_FOUND = (
    b'<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
    b'<meta name="color-scheme" content="light dark"><title>Not found</title>'
    b"<h1>There is no such page</h1>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    body: bytes
    etag: str
    stamp: tuple[int, int]


class StaticSite:
    """Serves one folder; nothing outside it and nothing hidden can be reached."""

    def __init__(self, root: Path, *, headers: Mapping[str, str], sdk: Mapping[str, str]) -> None:
        self._root = root.resolve()
        self._headers = dict(headers)
        self._sdk = dict(sdk)
        self._read: dict[Path, _File] = {}

    def answer(self, request: Request) -> Answer:
        """Answer GET and HEAD; a folder is answered by its index.html."""
        if request.method not in {"GET", "HEAD"}:
            return self._answer(405, {"allow": "GET, HEAD", "cache-control": "no-store"})
        path = self._locate(request.path)
        if path is None:
            missing = self._locate("/404.html")
            body = self._load(missing).body if missing else _NOT_FOUND
            page = {"content-type": _MEDIA_TYPES[".html"], "cache-control": "no-store"}
            return self._answer(404, page, body)
        file = self._load(path)
        own = {"cache-control": self._caching(path), "etag": file.etag}
        if request.path.startswith("/sdk/"):
            own |= self._sdk
        if file.etag in map(str.strip, request.header("if-none-match").split(",")):
            return self._answer(304, own)
        own["content-type"] = _MEDIA_TYPES.get(path.suffix, "application/octet-stream")
        return self._answer(200, own, file.body)

    def _locate(self, raw_path: str) -> Path | None:
        try:
            decoded = unquote_to_bytes(raw_path).decode("utf-8")
        except UnicodeDecodeError:
            return None
        segments = decoded.removeprefix("/").removesuffix("/").split("/")
        if segments == [""]:
            segments = []
        # `..`, `.git`, an empty segment, a Windows separator or a NUL never name a page.
        if any(not s or s.startswith(".") or "\\" in s or "\0" in s for s in segments):
            return None
        path = self._root.joinpath(*segments)
        for candidate in (path, path / "index.html"):
            # Resolved again, so that a symbolic link cannot lead out either.
            if _is_file(candidate) and candidate.resolve().is_relative_to(self._root):
                return candidate
        return None

    def _load(self, path: Path) -> _File:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._read.get(path)
        if known is None or known.stamp != stamp:
            body = path.read_bytes()
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            known = self._read[path] = _File(body=body, etag=etag, stamp=stamp)
        return known

    def _caching(self, path: Path) -> str:
        if path.suffix == ".html":
            return "no-store"
        # Names below /assets carry a digest of their content; all else is asked for again.
        within = path.relative_to(self._root).parts
        return _FOREVER if within[0] == "assets" else "no-cache"

    def _answer(self, status: int, own: Mapping[str, str], body: bytes = b"") -> Answer:
        merged = {name.lower(): value for name, value in self._headers.items()}
        merged |= {name.lower(): value for name, value in own.items()}
        return Answer(status=status, headers=tuple(merged.items()), body=body)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # A name longer than the file system allows.
        return False
