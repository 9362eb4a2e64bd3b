"""Every route names its caller and its plane, and a plane can be routed to by method and path."""

import ast
from collections.abc import Iterator
from itertools import combinations

import pytest
from chalice.app import RouteEntry

from app import app
from chalicelib.api import callers
from chalicelib.api.callers import CallerKind
from chalicelib.api.doors import DOORS
from chalicelib.api.endpoint import Plane, declared
from tests.architecture.house import modules

EVERY = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})

# What stands in front of the functions can send a request to its plane by these rules alone.
# `*` is one segment of a path, `**` whatever follows.
RULES: tuple[tuple[frozenset[str], str, Plane], ...] = (
    (frozenset({"GET", "PUT", "PATCH"}), "/api/v1/sessions", Plane.DATA),
    (EVERY, "/api/v1/sessions/get/*", Plane.DATA),
    (EVERY, "/api/v1/sessions/keys", Plane.DATA),
    (EVERY, "/api/v1/sessions/set/*", Plane.DATA),
    (EVERY, "/api/v1/sessions/delete/*", Plane.DATA),
    (EVERY, "/api/v1/sessions/identity", Plane.DATA),
    (EVERY, "/api/v1/sessions/revoke", Plane.DATA),
    (frozenset({"POST"}), "/api/v1/sessions", Plane.EXCHANGE),
    (EVERY, "/api/v1/sessions/get-or-create", Plane.EXCHANGE),
    (EVERY, "/api/v1/sessions/renew", Plane.EXCHANGE),
    (EVERY, "/api/v1/sessions/renew/*", Plane.EXCHANGE),
    (EVERY, "/api/v1/sessions/copies", Plane.EXCHANGE),
    (EVERY, "/oidc/**", Plane.IDENTITY),
    (EVERY, "/.well-known/oauth-authorization-server/**", Plane.IDENTITY),
    (EVERY, "/api/v1/login/**", Plane.IDENTITY),
    (EVERY, "/api/v1/auth/logout", Plane.IDENTITY),
    (EVERY, "/api/v1/self", Plane.IDENTITY),
    (EVERY, "/api/v1/self/**", Plane.IDENTITY),
    (frozenset({"POST"}), "/api/v1/applications/validate-redirect", Plane.IDENTITY),
    (EVERY, "/api/v1/health", Plane.IDENTITY),
    (EVERY, "/api/v1/openapi.json", Plane.IDENTITY),
    (EVERY, "/api/v1/auth/member-token", Plane.OPERATORS),
    (EVERY, "/api/v1/workspaces", Plane.OPERATORS),
    (EVERY, "/api/v1/applications", Plane.OPERATORS),
    (frozenset({"GET", "PATCH"}), "/api/v1/applications/*", Plane.OPERATORS),
    (EVERY, "/api/v1/applications/*/redirect-uris", Plane.OPERATORS),
    (EVERY, "/api/v1/applications/*/schema-checks", Plane.OPERATORS),
    (EVERY, "/api/v1/applications/*/secrets", Plane.OPERATORS),
    (EVERY, "/api/v1/applications/*/secrets/*", Plane.OPERATORS),
    (EVERY, "/api/v1/invites", Plane.OPERATORS),
    (EVERY, "/api/v1/invites/*", Plane.OPERATORS),
    (EVERY, "/api/v1/identity-providers", Plane.OPERATORS),
    (EVERY, "/api/v1/identity-providers/*", Plane.OPERATORS),
    (EVERY, "/api/v1/audit/**", Plane.OPERATORS),
    (EVERY, "/api/v1/users/*/remove-factors", Plane.OPERATORS),
    (EVERY, "/api/v1/users/*/unlock", Plane.OPERATORS),
    (EVERY, "/api/v1/sessions/admin/**", Plane.OPERATORS),
)
CALLERS = {kind.name for kind in vars(callers).values() if isinstance(kind, CallerKind)}


def entries() -> Iterator[tuple[str, str, RouteEntry]]:
    for path, methods in app.routes.items():
        for method, entry in methods.items():
            yield method, path, entry


ROUTES = [pytest.param(*route, id=f"{route[0]} {route[1]}") for route in entries()]


@pytest.mark.parametrize(("method", "path", "entry"), ROUTES)
def test_every_route_declares_its_caller_and_its_plane(
    method: str, path: str, entry: RouteEntry
) -> None:
    assert entry.view_function in declared, f"{method} {path} has no @endpoint"
    declaration = declared[entry.view_function]
    assert declaration.caller in CALLERS
    assert isinstance(declaration.plane, Plane)


def test_nothing_of_a_developer_s_machine_is_among_the_routes() -> None:
    assert [path for path in app.routes if path.startswith("/dev") or "outbox" in path] == []


@pytest.mark.parametrize(("method", "path", "entry"), ROUTES)
def test_exactly_one_rule_leads_to_a_route_and_to_its_plane(
    method: str, path: str, entry: RouteEntry
) -> None:
    leading = [
        plane
        for methods, pattern, plane in RULES
        if method in methods and meet(segments(pattern), segments(path))
    ]
    assert leading == [declared[entry.view_function].plane]


def test_no_request_fits_two_rules() -> None:
    clashes = [
        (first, second)
        for (methods, first, _), (others, second, _) in combinations(RULES, 2)
        if methods & others and meet(segments(first), segments(second))
    ]
    assert clashes == []


def test_no_rule_leads_nowhere() -> None:
    known = [(method, segments(path)) for method, path, _ in entries()]
    unused = [
        pattern
        for methods, pattern, _ in RULES
        if not any(method in methods and meet(segments(pattern), path) for method, path in known)
    ]
    assert unused == []


def test_every_plane_serves_something() -> None:
    assert {declared[entry.view_function].plane for _, _, entry in entries()} == set(Plane)


def test_every_door_is_registered() -> None:
    doors = {
        module.path.removeprefix("chalicelib/api/").removesuffix(".py").replace("/", ".")
        for module in modules("chalicelib/api")
        if "routes = Blueprint(__name__)" in module.text
    }
    assert doors == set(DOORS)


def test_a_path_is_found_by_searching_for_it() -> None:
    written = [
        call.args[0].value
        for module in modules("chalicelib/api")
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "route"
        and isinstance(call.args[0], ast.Constant)
    ]
    assert set(written) == set(app.routes)


def test_two_patterns_meet_only_where_one_path_fits_both() -> None:
    assert meet(["a", "*"], ["a", "b"])
    assert meet(["a", "{b}"], ["a", "c"])
    assert meet(["a", "**"], ["a", "b", "c"])
    assert not meet(["a", "*"], ["a"])
    assert not meet(["a", "*"], ["a", "b", "c"])
    assert not meet(["a", "**"], ["b", "c"])


def segments(path: str) -> list[str]:
    return path.strip("/").split("/")


def meet(first: list[str], second: list[str]) -> bool:
    """Tell whether some path fits both patterns."""
    for one, other in zip(first, second, strict=False):
        if "**" in {one, other}:
            return True
        if one != other and not (is_any(one) or is_any(other)):
            return False
    return len(first) == len(second)


def is_any(segment: str) -> bool:
    return segment == "*" or segment.startswith("{")
