"""Which resource a path belongs to."""

from __future__ import annotations

import pytest

from infra.local.server.resources import Match, Resources

RESOURCES = Resources(["/", "/api/keys", "/api/keys/{key}", "/api/keys/all", "/api/{kind}/all"])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", Match("/", {})),
        ("/api/keys", Match("/api/keys", {})),
        ("/api/keys/", Match("/api/keys", {})),
        ("/api/keys/one", Match("/api/keys/{key}", {"key": "one"})),
        ("/api/keys/all", Match("/api/keys/all", {})),
        ("/api/other/all", Match("/api/{kind}/all", {"kind": "other"})),
        ("/api/keys/a%2Fb", Match("/api/keys/{key}", {"key": "a%2Fb"})),
        ("/api/keys/%252F", Match("/api/keys/{key}", {"key": "%252F"})),
        ("/api/keys/..", Match("/api/keys/{key}", {"key": ".."})),
        ("/api/keys//", None),
        ("/api//all", None),
        ("/api/keys/a/b", None),
        ("/API/keys", None),
        ("/api/k%65ys", None),
        ("", None),
    ],
)
def test_a_path_names_the_resource_that_api_gateway_would_choose(
    path: str, expected: Match | None
) -> None:
    assert RESOURCES.match(path) == expected
