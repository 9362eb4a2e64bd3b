"""Requests for tests that need no socket."""

from __future__ import annotations

from infra.local.server.messages import Request


def request_of(
    method: str = "GET",
    path: str = "/",
    query: str = "",
    *headers: tuple[str, str],
    body: bytes = b"",
) -> Request:
    return Request(
        method=method, path=path, query=query, headers=headers, body=body, source_ip="127.0.0.1"
    )
