"""The optional line for each request names a route, and nothing that a person wrote."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from infra.local.server.assembly import Setup, build
from tests.local.server.conftest import small_app


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/api/v1/event/my-diagnosis", "GET /api/v1/event/{key} 200"),
        ("/api/v1/nowhere/my-diagnosis", "GET (no such resource) 404"),
        ("/index.html", "GET /index.html 200"),
    ],
)
def test_a_line_tells_the_route_and_no_name_of_a_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str, line: str
) -> None:
    (tmp_path / "index.html").write_text("<h1>home</h1>")
    setup = Setup(
        origin="http://localhost:8000",
        endpoint="http://127.0.0.1:9",
        site=tmp_path,
        threads=1,
        log_requests=True,
    )
    scope: Any = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"state=secret",
        "headers": [(b"host", b"localhost:8000")],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 5000),
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def reply(_: object) -> None:
        return None

    asyncio.run(build(small_app(), setup)(scope, receive, reply))
    said = capsys.readouterr().err
    assert said == f"{line}\n"
