"""Promise 1: identity comes from the verified token alone, on every route that there is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from app import app
from chalicelib.api.endpoint import declared
from chalicelib.domain.ids import new_user_id
from tests.api.platform import OWN_ORIGIN, Answer, Platform, Tenant, send

SECRET = "what globex keeps to itself"
ROUTES = [
    pytest.param(path, method, declared[entry.view_function].caller, id=f"{method} {path}")
    for path, methods in sorted(app.routes.items())
    for method, entry in sorted(methods.items())
    if entry.view_function in declared
]
WITH_BODY = [route for route in ROUTES if route.values[1] != "GET"]


@dataclass(frozen=True)
class Scene:
    """One's own tenant, a neighbour with data, and every name by which the neighbour is known."""

    platform: Platform
    mine: Tenant
    theirs: Tenant
    names: Mapping[str, Any]

    def credential(self, caller: str) -> str | None:
        if caller == "session":
            return self.platform.token(self.mine, {"a": 1})
        if caller == "identity":
            return self.platform.id_token(self.mine)
        if caller == "person":
            return self.platform.person_token(self.platform.newcomer(self.mine))
        if caller == "member":
            return self.platform.member_token(self.mine.workspace)
        return None

    def of_theirs(self) -> list[object]:
        """Everything that is stored of the neighbour."""
        wid, adapters = self.theirs.workspace.id, self.platform.adapters
        return [
            {ref: head for ref, head in adapters.sessions.heads.items() if _of(ref, wid)},
            {ref: row for ref, row in adapters.sessions.payloads.items() if _of(ref, wid)},
            adapters.workspaces.get(wid),
            adapters.workspaces.gate(wid),
            adapters.applications.of(wid),
            adapters.members.get(wid, self.theirs.user),
            adapters.keys.of_workspace(wid),
            [event for event in adapters.audit.events if event.workspace == wid],
        ]


def _of(ref: Any, wid: str) -> bool:
    return bool(ref.partition.workspace == wid)


@pytest.fixture
def scene(platform: Platform) -> Iterator[Scene]:
    mine, theirs = platform.tenant("acme"), platform.tenant("globex")
    head, issued = platform.session(theirs, {"secret": SECRET})
    assert send("PUT", "/api/v1/sessions", token=issued.text, body={"secret": SECRET}).status == 200
    yield Scene(
        platform,
        mine,
        theirs,
        {
            "workspace": "globex",
            "workspaceName": "globex",
            "workspace_name": "globex",
            "workspaceId": theirs.workspace.id,
            "wid": theirs.workspace.id,
            "app_id": theirs.application.id,
            "appId": theirs.application.id,
            "client_id": theirs.application.client_id,
            "clientId": theirs.application.client_id,
            "user": theirs.user,
            "userId": theirs.user,
            "user_id": theirs.user,
            "sub": str(theirs.user),
            "uid": theirs.user,
            "email": theirs.email,
            "sid": head.ref.sid,
            "sessionId": head.ref.sid,
            "session": head.ref.sid,
            "sessionToken": issued.text,
            "session_token": issued.text,
            "access_token": issued.text,
            "operator": theirs.user,
            "owner": theirs.user,
            "role": "owner",
        },
    )
    read = send("GET", "/api/v1/sessions", token=issued.text)
    assert read.json() == {"secret": SECRET}


def test_every_route_is_in_the_table() -> None:
    assert len(ROUTES) == sum(len(methods) for methods in app.routes.values())
    assert len(ROUTES) > 20


@pytest.mark.parametrize(("path", "method", "caller"), ROUTES)
def test_foreign_names_in_path_query_and_headers_change_nothing(
    scene: Scene, path: str, method: str, caller: str
) -> None:
    for name in ("globex", scene.names["sid"], str(scene.theirs.user), scene.theirs.workspace.id):
        named = "/".join(name if step.startswith("{") else step for step in path.split("/"))
        # A parameter of the path that names a workspace stands for it; that is what it is for.
        _nothing_leaks(scene, caller, method, f"{named}?{urlencode(scene.names)}", None)


@pytest.mark.parametrize(("path", "method", "caller"), WITH_BODY)
def test_foreign_names_in_a_body_change_nothing(
    scene: Scene, path: str, method: str, caller: str
) -> None:
    at = path.replace("{workspace}", "acme").replace("{key}", "a")
    bodies: list[Any] = [dict(scene.names), {"request": dict(scene.names), **scene.names}]
    bodies += [{name: value} for name, value in scene.names.items()]
    for body in bodies:
        _nothing_leaks(scene, caller, method, at, body)


def _nothing_leaks(scene: Scene, caller: str, method: str, path: str, body: Any) -> None:
    before = scene.of_theirs()
    answer = send(
        method,
        path,
        token=scene.credential(caller),
        body=body,
        headers={
            **_page(caller),
            "x-user-id": str(scene.theirs.user),
            "x-workspace": "globex",
            "x-forwarded-user": scene.theirs.email,
            "x-amzn-oidc-identity": str(scene.theirs.user),
        },
    )
    assert answer.status < 500, answer
    assert SECRET not in _whole(answer)
    assert str(scene.theirs.user) not in _echoless(answer, body)
    assert scene.of_theirs() == before


def _page(caller: str) -> dict[str, str]:
    return {"origin": OWN_ORIGIN, "x-secureflows": "1"} if caller == "own_page" else {}


def _whole(answer: Answer) -> str:
    return f"{answer.headers} {answer.cookies} {answer.body}"


def _echoless(answer: Answer, body: Any) -> str:
    # A caller's own payload says what the caller wrote, whatever it says.
    return "" if body is not None and answer.status == 200 else answer.body


def test_a_token_with_more_rights_in_its_body_has_none(scene: Scene) -> None:
    stranger = new_user_id()
    answer = send(
        "POST",
        "/api/v1/sessions",
        token=scene.platform.id_token(scene.mine, user=stranger),
        body={"workspaceName": "acme", "payload": {"userId": scene.mine.user}},
    )
    # Nobody of this number exists here: there is no key under which anything could be sealed.
    assert answer.status in {401, 403, 404, 503}, answer
