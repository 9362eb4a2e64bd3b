import json
from collections.abc import Mapping
from functools import partial

import pytest

from chalicelib.domain.limits import MAX_ANSWER_BYTES, MAX_PAYLOAD_BYTES
from chalicelib.domain.workspaces import Role
from tests.api.desk import APPLICATIONS, FORMS, WORKSPACES, Desk, desk_on
from tests.api.platform import Platform, send
from tests.domain.tricks import MALFORMED, STRANGERS


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return desk_on(platform)


def test_a_member_reads_their_own_workspace_and_its_applications(desk: Desk) -> None:
    desk.platform.tenant("globex", "diaries")
    for role in Role:
        token = desk.token(role)
        assert send("GET", WORKSPACES, token=token).json()["workspaceName"] == "acme"
        answer = send("GET", APPLICATIONS, token=token)
        assert [each["appId"] for each in answer.json()["items"]] == ["notes"]
        assert answer.json()["nextCursor"] is None
        assert "globex" not in answer.body
        assert "diaries" not in answer.body


def test_an_application_is_registered_as_it_was_described(desk: Desk) -> None:
    body = {
        **FORMS,
        "redirectUris": ["https://forms.example/", "http://127.0.0.1:8001/", "https://f.example/b"],
        "postLogoutRedirectUris": ["https://forms.example/bye"],
        "color": "#c2552d",
        "tokenLifetime": 3_600,
        "payloadLifetime": 86_400,
        "payloadLimit": MAX_PAYLOAD_BYTES,
        "requiresIfMatch": True,
        "requestsPerMinute": 600,
        "returnFlow": "token",
    }
    count = len(desk.platform.events)
    answer = send("POST", APPLICATIONS, token=desk.token(), body=body)
    assert answer.status == 201
    made = answer.json()
    assert {name: made[name] for name in body} == body
    assert made["clientId"].startswith("c")
    (event,) = desk.platform.events[count:]
    assert (event.action, event.app, event.workspace) == (
        "application.created",
        "forms",
        desk.workspace.id,
    )
    listed = send("GET", APPLICATIONS, token=desk.token()).json()["items"]
    assert any(each.items() <= made.items() for each in listed)


def test_applications_of_any_number_and_size_are_read_by_pages(desk: Desk) -> None:
    addresses = [f"https://forms.example/{n:02d}{'x' * 1_970}" for n in range(50)]
    body = {**FORMS, "redirectUris": addresses, "postLogoutRedirectUris": addresses}
    names = [f"forms-{n:02d}" for n in range(41)]
    for name in names:
        made = send("POST", APPLICATIONS, token=desk.token(), body={**body, "appId": name})
        assert made.status == 201
    seen: list[str] = []
    path = APPLICATIONS
    for _ in range(3):
        answer = send("GET", path, token=desk.token())
        assert len(json.dumps(answer.body)) < MAX_ANSWER_BYTES
        seen += [each["appId"] for each in answer.json()["items"]]
        path = f"{APPLICATIONS}?cursor={answer.json()['nextCursor']}"
    assert answer.json()["nextCursor"] is None
    assert seen == sorted([*names, "notes"])


@pytest.mark.parametrize("cursor", ["", "x", "é", "bm90ZXM=", "bm90ZXN", "I0FQUA", "A" * 5_000])
def test_a_cursor_that_nobody_was_given_is_refused(desk: Desk, cursor: str) -> None:
    answer = send("GET", f"{APPLICATIONS}?cursor={cursor}", token=desk.token())
    assert (answer.status, answer.code) == (400, "invalid_input")


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_owners_and_admins_register_applications(desk: Desk, role: Role) -> None:
    assert send("POST", APPLICATIONS, token=desk.token(role), body=FORMS).status == 201


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SUPPORT])
def test_a_smaller_role_registers_nothing(desk: Desk, role: Role) -> None:
    token = desk.token(role)
    answer = desk.unchanged(lambda: send("POST", APPLICATIONS, token=token, body=FORMS))
    assert (answer.status, answer.code) == (403, "forbidden")


def test_an_application_id_is_taken_in_one_workspace_only(desk: Desk) -> None:
    body = {**FORMS, "appId": "notes"}
    answer = desk.unchanged(lambda: send("POST", APPLICATIONS, token=desk.token(), body=body))
    assert (answer.status, answer.code) == (409, "duplicate")
    other = desk.platform.tenant("globex", "other")
    token = desk.platform.member_token(other.workspace)
    assert send("POST", APPLICATIONS, token=token, body=body).status == 201


def test_an_application_is_registered_in_the_workspace_of_the_token_only(desk: Desk) -> None:
    other = desk.platform.tenant("globex")
    for names in ({"workspaceName": "globex"}, {"workspaceId": other.workspace.id}):
        answer = desk.unchanged(
            partial(send, "POST", APPLICATIONS, token=desk.token(), body={**FORMS, **names})
        )
        assert (answer.status, answer.code) == (400, "invalid_input")
    path = f"{APPLICATIONS}?workspaceName=globex"
    assert send("POST", path, token=desk.token(), body=FORMS).status == 201
    assert len(desk.platform.adapters.applications.of(other.workspace.id)) == 1


@pytest.mark.parametrize("field", ["redirectUris", "postLogoutRedirectUris"])
@pytest.mark.parametrize("trick", MALFORMED)
def test_an_address_that_could_be_read_in_two_ways_is_not_registered(
    desk: Desk, field: str, trick: str
) -> None:
    body = {**FORMS, field: ["https://forms.example/", trick]}
    answer = desk.unchanged(lambda: send("POST", APPLICATIONS, token=desk.token(), body=body))
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert answer.json()["errors"][0]["pointer"] == f"/{field}/1"


@pytest.mark.parametrize("stranger", STRANGERS)
def test_an_address_is_registered_character_by_character(desk: Desk, stranger: str) -> None:
    body = {**FORMS, "redirectUris": [stranger]}
    answer = send("POST", APPLICATIONS, token=desk.token(), body=body)
    assert answer.status == 201
    assert answer.json()["redirectUris"] == [stranger]


@pytest.mark.parametrize(
    "changes",
    [
        {"appId": ""},
        {"appId": "ab"},
        {"appId": "a" * 41},
        {"appId": "Forms"},
        {"appId": "1forms"},
        {"appId": "fo#rms"},
        {"appId": "fo/rms"},
        {"appId": "forms\n"},
        {"appId": None},
        {"displayName": ""},
        {"displayName": "x" * 81},
        {"displayName": "   "},
        {"displayName": "Notes\nType your password"},
        {"displayName": "Notes\u0000"},
        {"displayName": "\u202eseton"},
        {"redirectUris": []},
        {"redirectUris": "https://forms.example/"},
        {"redirectUris": [None]},
        {"redirectUris": [f"https://forms.example/{n}" for n in range(51)]},
        {"postLogoutRedirectUris": [f"https://forms.example/{n}" for n in range(51)]},
        {"color": "red"},
        {"color": "#c2552d;"},
        {"color": "#C2552D"},
        {"tokenLifetime": 59},
        {"tokenLifetime": 7 * 86_400 + 1},
        {"tokenLifetime": "900"},
        {"tokenLifetime": 900.5},
        {"tokenLifetime": True},
        {"payloadLifetime": -1},
        {"payloadLifetime": 1},
        {"payloadLifetime": 59},
        {"payloadLifetime": 10**12},
        {"payloadLimit": 1_023},
        {"payloadLimit": MAX_PAYLOAD_BYTES + 1},
        {"requiresIfMatch": "true"},
        {"requestsPerMinute": 59},
        {"requestsPerMinute": 60_001},
        {"requestsPerMinute": "60"},
        {"returnFlow": "implicit"},
        {"clientId": "c" + "a" * 26},
    ],
)
def test_an_application_with_a_wrong_field_is_refused(
    desk: Desk, changes: Mapping[str, object]
) -> None:
    answer = desk.unchanged(
        lambda: send("POST", APPLICATIONS, token=desk.token(), body={**FORMS, **changes})
    )
    assert (answer.status, answer.code) == (400, "invalid_input")
    (name,) = changes
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{name}")


def test_an_address_that_is_named_twice_is_kept_once(desk: Desk) -> None:
    body = {**FORMS, "redirectUris": ["https://forms.example/"] * 3}
    answer = send("POST", APPLICATIONS, token=desk.token(), body=body)
    assert answer.json()["redirectUris"] == ["https://forms.example/"]
