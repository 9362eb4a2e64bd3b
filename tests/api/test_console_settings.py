from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.limits import MAX_REDIRECT_URIS, SETTINGS_AGE
from chalicelib.domain.workspaces import Role
from chalicelib.services.applications import Applications
from chalicelib.services.audit import Trail
from tests.api.desk import APPLICATIONS, FORMS, WORKSPACES, Desk, desk_on
from tests.api.platform import PAGE, Platform, send
from tests.contracts.directory import at_once
from tests.domain.tricks import MALFORMED

NOTES = f"{APPLICATIONS}/notes"
URIS = f"{NOTES}/redirect-uris"
MORE = {"redirectUri": "https://more.example/"}
SETTINGS = {
    "displayName": "Letters",
    "redirectUris": ["https://letters.example/", "http://127.0.0.1:8001/"],
    "postLogoutRedirectUris": ["https://letters.example/bye"],
    "color": "#c2552d",
    "tokenLifetime": 3_600,
    "payloadLifetime": 86_400,
    "payloadLimit": 2_048,
    "requiresIfMatch": True,
    "requestsPerMinute": 600,
    "returnFlow": "token",
    "kind": "native",
    "dpop": "off",
}
ROUTES: list[tuple[str, str, Any]] = [
    ("GET", NOTES, None),
    ("PATCH", NOTES, {"displayName": "Letters"}),
    ("POST", URIS, MORE),
]


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return desk_on(platform)


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_only_a_member_token_of_now_opens_the_settings(
    desk: Desk, method: str, path: str, body: object
) -> None:
    answer = desk.unchanged(lambda: send(method, path, body=body))
    assert (answer.status, answer.code) == (401, "token_missing")
    for other in (desk.platform.token(desk.tenant), desk.id_token(), "x.y.z"):
        answer = desk.unchanged(partial(send, method, path, body=body, token=other))
        assert (answer.status, answer.code) == (401, "token_invalid")
    token = desk.token()
    desk.platform.adapters.clock.pause(600)
    answer = desk.unchanged(lambda: send(method, path, body=body, token=token))
    assert (answer.status, answer.code) == (401, "token_expired")
    headers = {"origin": PAGE}
    token = desk.token()
    answer = desk.unchanged(lambda: send(method, path, body=body, token=token, headers=headers))
    assert (answer.status, answer.code) == (403, "origin_not_allowed")


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_an_application_of_another_workspace_is_not_there(
    desk: Desk, method: str, path: str, body: object
) -> None:
    other = desk.platform.tenant("globex", "secrets")
    for app in ("secrets", "never", "no%23tes", "%00", "x" * 200):
        elsewhere = path.replace("notes", app)
        token = desk.token()
        answer = desk.unchanged(partial(send, method, elsewhere, body=body, token=token))
        assert (answer.status, answer.code) == (404, "not_found")
    (theirs,) = desk.platform.adapters.applications.of(other.workspace.id)
    assert theirs == other.application


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_every_member_reads_and_owners_and_admins_change(
    desk: Desk, method: str, path: str, body: object, role: Role
) -> None:
    token = desk.token(role)
    if method == "GET" or role in {Role.OWNER, Role.ADMIN}:
        assert send(method, path, body=body, token=token).status == 200
        return
    answer = desk.unchanged(lambda: send(method, path, body=body, token=token))
    assert (answer.status, answer.code) == (403, "forbidden")


def test_every_setting_is_changed_and_read_back_with_its_version(desk: Desk) -> None:
    first = send("GET", NOTES, token=desk.token())
    assert first.headers["etag"] == '"1"'
    count = len(desk.platform.events)
    answer = send("PATCH", NOTES, token=desk.token(), body=SETTINGS)
    assert (answer.status, answer.headers["etag"]) == (200, '"2"')
    assert {name: answer.json()[name] for name in SETTINGS} == SETTINGS
    fixed = ("appId", "clientId", "createdAt")
    assert {n: answer.json()[n] for n in fixed} == {n: first.json()[n] for n in fixed}
    again = send("GET", NOTES, token=desk.token())
    assert again.json() | {"schemaCheck": None} == answer.json()
    assert again.headers["etag"] == '"2"'
    (listed,) = send("GET", APPLICATIONS, token=desk.token()).json()["items"]
    assert listed.items() <= answer.json().items()
    (event,) = desk.platform.events[count:]
    assert (event.action, event.app) == ("application.updated", "notes")
    assert set(event.meta) == {"changed", "version"}
    assert "color" in str(event.meta["changed"])
    assert "Letters" not in str(event.meta)


def test_what_a_patch_does_not_name_stays_and_null_is_the_default_again(desk: Desk) -> None:
    changed = send("PATCH", NOTES, token=desk.token(), body=SETTINGS).json()
    answer = send("PATCH", NOTES, token=desk.token(), body={"color": "#000000"}).json()
    assert answer == changed | {"color": "#000000"}
    names = ("color", "tokenLifetime", "payloadLifetime", "requiresIfMatch", "requestsPerMinute")
    nulls = dict.fromkeys((*names, "postLogoutRedirectUris"))
    answer = send("PATCH", NOTES, token=desk.token(), body=nulls).json()
    assert {name: answer[name] for name in names} == {
        "color": None,
        "tokenLifetime": 900,
        "payloadLifetime": 0,
        "requiresIfMatch": False,
        "requestsPerMinute": None,
    }
    assert answer["postLogoutRedirectUris"] == []
    assert answer["displayName"] == "Letters"


@pytest.mark.parametrize("body", [{}, {"displayName": "Notes", "tokenLifetime": 900}])
def test_a_patch_that_changes_nothing_is_no_change(desk: Desk, body: object) -> None:
    answer = desk.unchanged(lambda: send("PATCH", NOTES, token=desk.token(), body=body))
    assert (answer.status, answer.headers["etag"]) == (200, '"1"')


@pytest.mark.parametrize(
    "body",
    [
        {"appId": "forms"},
        {"appId": "notes"},
        {"clientId": "c" + "a" * 26},
        {"createdAt": 1},
        {"displayName": None},
        {"displayName": ""},
        {"redirectUris": None},
        {"redirectUris": []},
        {"redirectUris": [f"https://forms.example/{n}" for n in range(51)]},
        {"postLogoutRedirectUris": [7]},
        {"color": "red"},
        {"tokenLifetime": 59},
        {"tokenLifetime": {"seconds": 60}},
        {"payloadLifetime": 59},
        {"payloadLimit": 1_023},
        {"requiresIfMatch": "true"},
        {"requestsPerMinute": 0},
        {"returnFlow": "implicit"},
        {"workspaceId": "w" + "a" * 20},
        {"version": 7},
        {"colour": None},
    ],
)
def test_a_wrong_or_immutable_setting_is_refused(desk: Desk, body: Mapping[str, object]) -> None:
    answer = desk.unchanged(lambda: send("PATCH", NOTES, token=desk.token(), body=body))
    assert (answer.status, answer.code) == (400, "invalid_input")
    (name,) = body
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{name}")


@pytest.mark.parametrize(
    ("raw", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "invalid_json"),
        (b"[]", "application/json", 400, "invalid_input"),
        (b"null", "application/json", 400, "invalid_input"),
        (b'{"color": null, "color": null}', "application/json", 400, "invalid_json"),
        (b"{}", "text/plain", 415, "unsupported_media_type"),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("PATCH", NOTES), ("POST", URIS)])
def test_a_bad_body_changes_nothing(
    desk: Desk, method: str, path: str, raw: bytes, content_type: str, status: int, code: str
) -> None:
    headers = {"content-type": content_type}
    token = desk.token()
    answer = desk.unchanged(lambda: send(method, path, token=token, raw=raw, headers=headers))
    assert (answer.status, answer.code) == (status, code)


def test_a_change_of_another_version_is_refused(desk: Desk) -> None:
    body = {"color": "#000000"}
    patch = partial(send, "PATCH", NOTES, token=desk.token(), body=body)
    for other in ('"2"', '"0"', '"x"', 'W/"1"'):
        headers = {"if-match": other}
        answer = desk.unchanged(partial(patch, headers=headers))
        assert (answer.status, answer.code) == (412, "version_mismatch")
    assert patch(headers={"if-match": '"7", "1"'}).status == 200
    assert patch(headers={"if-match": "*"}).headers["etag"] == '"2"'


def test_settings_that_are_known_are_not_sent_again(desk: Desk) -> None:
    headers = {"if-none-match": '"1"'}
    answer = send("GET", NOTES, token=desk.token(), headers=headers)
    assert (answer.status, answer.body) == (304, "")
    send("PATCH", NOTES, token=desk.token(), body={"color": "#000000"})
    assert send("GET", NOTES, token=desk.token(), headers=headers).status == 200


def test_those_who_change_different_settings_at_once_all_do(desk: Desk) -> None:
    token = desk.token()
    wishes = [{name: value} for name, value in SETTINGS.items()]
    answers = at_once([partial(send, "PATCH", NOTES, token=token, body=wish) for wish in wishes])
    assert {answer.status for answer in answers} == {200}
    after = send("GET", NOTES, token=token)
    assert {name: after.json()[name] for name in SETTINGS} == SETTINGS
    assert after.headers["etag"] == f'"{1 + len(wishes)}"'


def test_a_change_acts_at_once_here_and_elsewhere_within_its_seconds(desk: Desk) -> None:
    platform, tenant = desk.platform, desk.tenant
    elsewhere = Applications(
        clock=platform.adapters.clock,
        store=platform.adapters.applications,
        schemas=platform.services.schemas,
        tokens=platform.services.tokens,
        trail=Trail(platform.adapters.clock),
    )
    place = (tenant.workspace.id, tenant.application.id)
    token = platform.token(tenant)
    assert send("PUT", "/api/v1/sessions", token=token, body={}).status == 200
    assert elsewhere.get(*place).requires_if_match is False
    send("PATCH", NOTES, token=desk.token(), body={"requiresIfMatch": True})
    answer = send("PUT", "/api/v1/sessions", token=token, body={})
    assert (answer.status, answer.code) == (428, "if_match_required")
    platform.adapters.clock.pause(SETTINGS_AGE)
    assert elsewhere.get(*place).requires_if_match is True


def test_what_is_older_does_not_take_the_place_of_a_change(desk: Desk) -> None:
    before = desk.tenant.application
    send("PATCH", NOTES, token=desk.token(), body={"requiresIfMatch": True})
    # A read that began before the change ends after it.
    desk.platform.services.applications.learn(before)
    assert desk.platform.services.applications.get(before.workspace, before.id).requires_if_match
    client = desk.platform.services.applications.client(before.workspace, before.client_id)
    assert client.requires_if_match


def test_a_redirect_uri_is_added_once(desk: Desk) -> None:
    count = len(desk.platform.events)
    first = send("POST", URIS, token=desk.token(), body=MORE)
    assert (first.status, first.headers["etag"]) == (200, '"2"')
    assert first.json()["redirectUris"] == [f"{PAGE}/", MORE["redirectUri"]]
    (event,) = desk.platform.events[count:]
    assert (event.action, event.app) == ("application.redirect_added", "notes")
    assert "more.example" not in str(event.meta)
    again = desk.unchanged(lambda: send("POST", URIS, token=desk.token(), body=MORE))
    assert (again.status, again.json()) == (200, first.json())


def test_redirect_uris_added_at_once_are_all_there_and_no_more_than_fit(desk: Desk) -> None:
    token = desk.token()
    uris = [f"https://more.example/{n}" for n in range(MAX_REDIRECT_URIS - 1)]
    sends = [partial(send, "POST", URIS, token=token, body={"redirectUri": u}) for u in uris]
    answers = [answer for n in range(0, len(sends), 7) for answer in at_once(sends[n : n + 7])]
    assert {answer.status for answer in answers} == {200}
    there = send("GET", NOTES, token=token).json()["redirectUris"]
    assert sorted(there) == sorted([f"{PAGE}/", *uris])
    full = desk.unchanged(lambda: send("POST", URIS, token=token, body=MORE))
    assert (full.status, full.code) == (400, "invalid_input")
    assert full.json()["errors"][0]["pointer"] == "/redirectUri"


@pytest.mark.parametrize("trick", MALFORMED)
def test_an_address_that_could_be_read_in_two_ways_is_not_added(desk: Desk, trick: str) -> None:
    body = {"redirectUri": trick}
    answer = desk.unchanged(lambda: send("POST", URIS, token=desk.token(), body=body))
    assert (answer.status, answer.code) == (400, "invalid_input")


def test_an_id_that_is_a_path_of_its_own_is_reserved(desk: Desk) -> None:
    body = {**FORMS, "appId": "validate-redirect"}
    answer = desk.unchanged(lambda: send("POST", APPLICATIONS, token=desk.token(), body=body))
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert send("GET", WORKSPACES, token=desk.token()).status == 200
