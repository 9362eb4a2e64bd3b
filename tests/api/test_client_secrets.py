from functools import partial
from typing import Any

import pytest

from chalicelib.domain.clients import ClientKind
from chalicelib.domain.ids import digest
from chalicelib.domain.workspaces import Role
from tests.api.desk import APPLICATIONS, FORMS, Desk, desk_on
from tests.api.platform import PAGE, Platform, send
from tests.contracts.directory import at_once

SERVER = {**FORMS, "kind": "server"}
SECRETS = f"{APPLICATIONS}/forms/secrets"
NO_SECRET = f"{SECRETS}/s{'a' * 20}"
ROUTES = [("POST", SECRETS), ("DELETE", NO_SECRET)]


@pytest.fixture
def desk(platform: Platform) -> Desk:
    desk = desk_on(platform)
    assert send("POST", APPLICATIONS, token=desk.token(), body=SERVER).status == 201
    return desk


def settings(desk: Desk, app: str = "forms") -> Any:
    return send("GET", f"{APPLICATIONS}/{app}", token=desk.token()).json()


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_only_a_member_token_of_now_opens_the_secrets(desk: Desk, method: str, path: str) -> None:
    answer = desk.unchanged(lambda: send(method, path))
    assert (answer.status, answer.code) == (401, "token_missing")
    for other in (desk.platform.token(desk.tenant), desk.id_token(), "x.y.z"):
        answer = desk.unchanged(partial(send, method, path, token=other))
        assert (answer.status, answer.code) == (401, "token_invalid")
    token = desk.token()
    desk.platform.adapters.clock.pause(600)
    answer = desk.unchanged(lambda: send(method, path, token=token))
    assert (answer.status, answer.code) == (401, "token_expired")
    token = desk.token()
    answer = desk.unchanged(lambda: send(method, path, token=token, headers={"origin": PAGE}))
    assert (answer.status, answer.code) == (403, "origin_not_allowed")


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SUPPORT])
def test_a_smaller_role_makes_and_removes_none(
    desk: Desk, method: str, path: str, role: Role
) -> None:
    token = desk.token(role)
    answer = desk.unchanged(lambda: send(method, path, token=token))
    assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_next_door_there_is_no_such_application(desk: Desk, method: str, path: str) -> None:
    other = desk.platform.tenant("globex")
    token = desk.platform.member_token(other.workspace)
    answer = desk.unchanged(lambda: send(method, path, token=token))
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_secret_is_shown_once_and_only_its_digest_is_kept(desk: Desk) -> None:
    count = len(desk.platform.events)
    answer = send("POST", SECRETS, token=desk.token())
    assert answer.status == 201
    made = answer.json()
    assert set(made) == {"secretId", "createdAt", "secret"}
    assert made["secret"].startswith("sfs_")
    assert len(made["secret"]) == 47
    (event,) = desk.platform.events[count:]
    assert (event.action, event.app) == ("secret.created", "forms")
    assert event.meta == {"changed": "secrets", "version": 2, "secret": made["secretId"]}
    shown = settings(desk)
    assert shown["secrets"] == [{name: made[name] for name in ("secretId", "createdAt")}]
    stored = desk.platform.adapters.applications.find(shown["clientId"])
    assert stored is not None
    assert [each.digest for each in stored.secrets] == [digest(made["secret"])]
    assert made["secret"] not in repr(stored)
    assert stored.secrets[0].digest not in str(shown) + repr(stored)


def test_a_secret_is_removed_by_its_name(desk: Desk) -> None:
    first, second = (send("POST", SECRETS, token=desk.token()).json() for _ in range(2))
    count = len(desk.platform.events)
    answer = send("DELETE", f"{SECRETS}/{first['secretId']}", token=desk.token())
    assert answer.json() == {"removed": True, "secretId": first["secretId"]}
    (event,) = desk.platform.events[count:]
    assert (event.action, event.meta["secret"]) == ("secret.removed", first["secretId"])
    assert [each["secretId"] for each in settings(desk)["secrets"]] == [second["secretId"]]
    again = desk.unchanged(
        lambda: send("DELETE", f"{SECRETS}/{first['secretId']}", token=desk.token())
    )
    assert (again.status, again.code) == (404, "not_found")


@pytest.mark.parametrize("name", ["x", "%00", "é", "a%23b", "x" * 5_000])
def test_what_is_no_name_of_a_secret_is_not_there(desk: Desk, name: str) -> None:
    answer = desk.unchanged(lambda: send("DELETE", f"{SECRETS}/{name}", token=desk.token()))
    assert (answer.status, answer.code) == (404, "not_found")


def test_there_are_three_at_most(desk: Desk) -> None:
    token = desk.token()
    for _ in range(3):
        assert send("POST", SECRETS, token=token).status == 201
    answer = desk.unchanged(lambda: send("POST", SECRETS, token=token))
    assert (answer.status, answer.code) == (400, "invalid_input")


def test_of_eight_who_make_one_at_once_three_do(desk: Desk) -> None:
    token = desk.token()
    answers = at_once([partial(send, "POST", SECRETS, token=token)] * 8)
    assert sorted(answer.status for answer in answers) == [201] * 3 + [400] * 5
    assert len(settings(desk)["secrets"]) == 3


@pytest.mark.parametrize("kind", [ClientKind.BROWSER, ClientKind.NATIVE])
def test_only_a_server_has_secrets(desk: Desk, kind: ClientKind) -> None:
    path = f"{APPLICATIONS}/forms"
    token = desk.token()
    assert send("PATCH", path, token=token, body={"kind": kind.value}).json()["kind"] == kind
    answer = desk.unchanged(lambda: send("POST", SECRETS, token=token))
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert send("PATCH", path, token=token, body={"kind": "server"}).status == 200
    assert send("POST", SECRETS, token=token).status == 201
    answer = desk.unchanged(lambda: send("PATCH", path, token=token, body={"kind": kind.value}))
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert answer.json()["errors"][0]["pointer"] == "/kind"


@pytest.mark.parametrize(
    "patch",
    [
        {"secrets": []},
        {"kind": "mainframe"},
        {"dpop": "sometimes"},
        {"kind": 1},
        {"redirectUris": ["com.example.forms:/back"]},
        {"kind": "server", "redirectUris": ["com.example.forms:/back"]},
    ],
)
def test_a_patch_that_means_nothing_changes_nothing(desk: Desk, patch: dict[str, Any]) -> None:
    path = f"{APPLICATIONS}/forms"
    answer = desk.unchanged(lambda: send("PATCH", path, token=desk.token(), body=patch))
    assert (answer.status, answer.code) == (400, "invalid_input")


def test_a_native_application_registers_a_scheme_of_its_own(desk: Desk) -> None:
    path, uri = f"{APPLICATIONS}/forms", "com.example.forms:/back"
    more = {"redirectUri": uri}
    refused = desk.unchanged(
        lambda: send("POST", f"{path}/redirect-uris", token=desk.token(), body=more)
    )
    assert (refused.status, refused.code) == (400, "invalid_input")
    patch = {"kind": "native", "redirectUris": [uri], "postLogoutRedirectUris": [uri]}
    changed = send("PATCH", path, token=desk.token(), body=patch)
    assert changed.json()["redirectUris"] == [uri]
    more = {"redirectUri": "com.example.forms:/other"}
    answer = send("POST", f"{path}/redirect-uris", token=desk.token(), body=more)
    assert answer.json()["redirectUris"] == [uri, "com.example.forms:/other"]
    back = desk.unchanged(lambda: send("PATCH", path, token=desk.token(), body={"kind": "browser"}))
    assert (back.status, back.code) == (400, "invalid_input")


def test_what_was_not_said_has_its_default_again(desk: Desk) -> None:
    path = f"{APPLICATIONS}/forms"
    body = {"kind": None, "dpop": None}
    assert send("PATCH", path, token=desk.token(), body={"dpop": "required"}).status == 200
    changed = send("PATCH", path, token=desk.token(), body=body).json()
    assert (changed["kind"], changed["dpop"]) == ("browser", "allowed")
