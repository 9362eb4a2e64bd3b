from collections.abc import Mapping
from functools import partial

import jwt
import pytest

from chalicelib.domain.ids import RESERVED_SLUGS
from chalicelib.domain.workspaces import Gate, GateStatus
from tests.api.desk import (
    ALL,
    APPLICATIONS,
    BY_IDENTITY,
    BY_MEMBER,
    FORMS,
    MEMBER_TOKEN,
    MINE,
    OF_MEMBERS,
    WORKSPACES,
    Desk,
    desk_on,
)
from tests.api.platform import OWN_ORIGIN, PAGE, Platform, Tenant, send


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return desk_on(platform)


@pytest.mark.parametrize(("method", "path", "body"), ALL)
def test_without_a_token_nobody_is_known(desk: Desk, method: str, path: str, body: object) -> None:
    answer = desk.unchanged(lambda: send(method, path, body=body))
    assert (answer.status, answer.code) == (401, "token_missing")
    assert answer.headers["www-authenticate"] == 'Bearer realm="secureflows"'


@pytest.mark.parametrize(("method", "path", "body"), ALL)
def test_an_expired_token_is_refused_to_the_second(
    desk: Desk, method: str, path: str, body: object
) -> None:
    token = desk.credential(method, path)
    lifetime = 600 if (method, path) in OF_MEMBERS else 300
    desk.platform.adapters.clock.pause(lifetime)
    answer = desk.unchanged(lambda: send(method, path, body=body, token=token))
    assert (answer.status, answer.code) == (401, "token_expired")
    desk.platform.adapters.clock.pause(-1)
    assert send(method, path, body=body, token=token).status in {200, 201}


@pytest.mark.parametrize(("method", "path", "body"), ALL)
def test_a_token_of_another_kind_is_refused(
    desk: Desk, method: str, path: str, body: object
) -> None:
    good = desk.credential(method, path)
    session = desk.platform.token(desk.tenant)
    of_members = (method, path) in OF_MEMBERS
    others = [session, "x.y.z", good[:-6] + "AAAAAA"]
    others += [desk.id_token()] if of_members else [desk.token()]
    for other in others:
        answer = desk.unchanged(partial(send, method, path, body=body, token=other))
        assert (answer.status, answer.code) == (401, "token_invalid")


@pytest.mark.parametrize(("method", "path", "body"), BY_IDENTITY)
def test_only_people_of_the_console_are_operators(
    desk: Desk, method: str, path: str, body: object
) -> None:
    customer = desk.platform.id_token(desk.tenant)
    answer = desk.unchanged(lambda: send(method, path, body=body, token=customer))
    assert (answer.status, answer.code) == (401, "token_invalid")


@pytest.mark.parametrize(("method", "path", "body"), ALL)
def test_a_page_elsewhere_is_refused(desk: Desk, method: str, path: str, body: object) -> None:
    token = desk.credential(method, path)
    for page in (PAGE, "https://evil.example", "null", f"{OWN_ORIGIN}.evil.example"):
        answer = desk.unchanged(
            partial(send, method, path, body=body, token=token, headers={"origin": page})
        )
        assert (answer.status, answer.code) == (403, "origin_not_allowed"), page
    own = {"origin": OWN_ORIGIN}
    assert send(method, path, body=body, token=token, headers=own).status in {200, 201}


@pytest.mark.parametrize(
    ("method", "path"), [(method, path) for method, path, body in ALL if body is not None]
)
@pytest.mark.parametrize(
    ("raw", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "invalid_json"),
        (b"", "application/json", 400, "invalid_json"),
        (b"null", "application/json", 400, "invalid_input"),
        (b"[]", "application/json", 400, "invalid_input"),
        (b"{}", "application/json", 400, "invalid_input"),
        (b'{"role": "owner"}', "application/json", 400, "invalid_input"),
        (b'{"workspaceName": "a", "workspaceName": "b"}', "application/json", 400, "invalid_json"),
        (b'{"workspaceName": "acme"}', "text/plain", 415, "unsupported_media_type"),
    ],
)
def test_bad_bodies_get_a_clear_answer_and_change_nothing(
    desk: Desk, method: str, path: str, raw: bytes, content_type: str, status: int, code: str
) -> None:
    token = desk.credential(method, path)
    headers = {"content-type": content_type}
    answer = desk.unchanged(lambda: send(method, path, raw=raw, token=token, headers=headers))
    assert (answer.status, answer.code) == (status, code)


def test_an_operator_chooses_a_workspace_and_gets_a_token_for_it(desk: Desk) -> None:
    count = len(desk.platform.events)
    answer = send("POST", MEMBER_TOKEN, token=desk.id_token(), body={"workspaceName": "acme"})
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json().pop("memberToken")
    assert answer.json() | {"memberToken": ""} == {
        "memberToken": "",
        "workspaceName": "acme",
        "role": "owner",
        "expiresIn": 600,
    }
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["wid"], claims["sub"]) == (desk.workspace.id, str(desk.operator))
    assert claims["exp"] - claims["iat"] == 600
    assert send("GET", WORKSPACES, token=token).json()["workspaceName"] == "acme"
    assert desk.platform.actions_since(count) == []


def test_a_workspace_of_others_and_one_that_is_none_have_one_answer(desk: Desk) -> None:
    desk.platform.tenant("globex")
    answers = [
        desk.unchanged(
            partial(send, "POST", MEMBER_TOKEN, token=desk.id_token(), body={"workspaceName": slug})
        )
        for slug in ("globex", "nowhere", "console")
    ]
    assert {(answer.status, answer.code) for answer in answers} == {(403, "forbidden")}
    assert len({answer.body for answer in answers}) == 1


def test_who_is_no_member_any_more_is_refused_at_the_next_request(desk: Desk) -> None:
    body = {"workspaceName": "acme"}
    token = send("POST", MEMBER_TOKEN, token=desk.id_token(), body=body).json()["memberToken"]
    members = desk.platform.adapters.members
    kept = members.get(desk.workspace.id, desk.operator)
    assert kept is not None
    members._members.pop((desk.workspace.id, desk.operator))  # noqa: SLF001 - no route removes yet
    for method, path, sent in BY_MEMBER:
        answer = desk.unchanged(partial(send, method, path, token=token, body=sent))
        assert (answer.status, answer.code) == (403, "forbidden")
    answer = desk.unchanged(lambda: send("POST", MEMBER_TOKEN, token=desk.id_token(), body=body))
    assert (answer.status, answer.code) == (403, "forbidden")


def test_a_member_of_a_sealed_workspace_reaches_nothing(desk: Desk) -> None:
    token = desk.token()
    gates = desk.platform.adapters.workspaces.gates
    gates[desk.workspace.id] = Gate(GateStatus.SEALED, version=2)
    desk.platform.adapters.clock.pause(6)
    for method, path, body in BY_MEMBER:
        answer = desk.unchanged(partial(send, method, path, token=token, body=body))
        assert (answer.status, answer.code) == (423, "workspace_sealed")


@pytest.mark.parametrize(("method", "path", "body"), ALL)
def test_nobody_works_in_a_console_that_is_sealed(
    desk: Desk, method: str, path: str, body: object
) -> None:
    token = desk.credential(method, path)
    desk.platform.adapters.workspaces.gates[desk.console.id] = Gate(GateStatus.SEALED, version=2)
    desk.platform.adapters.clock.pause(6)
    answer = desk.unchanged(lambda: send(method, path, token=token, body=body))
    assert (answer.status, answer.code) == (423, "workspace_sealed")


@pytest.mark.parametrize(("method", "path", "body"), BY_IDENTITY)
def test_an_operator_who_signed_out_everywhere_gets_no_more_by_an_older_id_token(
    desk: Desk, method: str, path: str, body: object
) -> None:
    person = Tenant(desk.console, desk.manager, desk.operator, "olivia@acme.example")
    head, issued = desk.platform.session(person)
    id_token = desk.platform.id_token(person, sid=head.ref.sid)
    desk.platform.adapters.clock.pause(1)
    logout = send("POST", "/api/v1/auth/logout?everywhere=true", token=issued.text)
    assert logout.status == 200
    answer = desk.unchanged(lambda: send(method, path, token=id_token, body=body))
    assert (answer.status, answer.code) == (401, "token_superseded")


def test_an_operator_creates_a_workspace_and_owns_it(desk: Desk) -> None:
    count = len(desk.platform.events)
    answer = send("POST", WORKSPACES, token=desk.id_token(), body=MINE)
    assert answer.status == 201
    made = answer.json()
    assert made == {
        "workspaceId": made["workspaceId"],
        "workspaceName": "mine",
        "displayName": "Mine",
        "openSignup": True,
        "requireMfa": False,
        "requireSso": False,
        "breakGlass": [],
        "createdAt": desk.platform.adapters.clock.now(),
    }
    events = desk.platform.events[count:]
    assert [event.action for event in events] == [
        "workspace.created",
        "key.created",
        "member.added",
    ]
    assert {event.workspace for event in events} == {made["workspaceId"]}
    assert {event.actor.uid for event in events} == {desk.operator}
    body = {"workspaceName": "mine"}
    chosen = send("POST", MEMBER_TOKEN, token=desk.id_token(), body=body).json()
    assert chosen["role"] == "owner"
    assert send("POST", APPLICATIONS, token=chosen["memberToken"], body=FORMS).status == 201


def test_a_workspace_may_be_closed_to_newcomers(desk: Desk) -> None:
    body = {**MINE, "openSignup": False}
    answer = send("POST", WORKSPACES, token=desk.id_token(), body=body)
    assert answer.json()["openSignup"] is False


@pytest.mark.parametrize("slug", ["acme", "console"])
def test_a_workspace_name_that_is_taken_is_refused(desk: Desk, slug: str) -> None:
    body = {**MINE, "workspaceName": slug}
    answer = desk.unchanged(lambda: send("POST", WORKSPACES, token=desk.id_token(), body=body))
    expected = (409, "duplicate") if slug == "acme" else (400, "invalid_input")
    assert (answer.status, answer.code) == expected


@pytest.mark.parametrize("slug", sorted(RESERVED_SLUGS))
def test_a_reserved_workspace_name_is_refused(desk: Desk, slug: str) -> None:
    body = {**MINE, "workspaceName": slug}
    answer = desk.unchanged(lambda: send("POST", WORKSPACES, token=desk.id_token(), body=body))
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert answer.json()["errors"][0]["pointer"] == "/workspaceName"


@pytest.mark.parametrize(
    "slug",
    [
        *("", "ab", "a" * 40, "1abc", "-abc", "Abc", "aBc", "a_bc", "a.bc", "a bc", " abc", "abc "),
        *(
            "abc\n",
            "abc\u0000",
            "a#b",
            "a/b",
            "a%2Fb",
            "ａｂｃ",
            "аbс",
            "日本語",
            "abc\u200b",
            "*bc",
        ),
    ],
)
def test_a_workspace_name_that_is_none_is_refused(desk: Desk, slug: str) -> None:
    body = {**MINE, "workspaceName": slug}
    answer = desk.unchanged(lambda: send("POST", WORKSPACES, token=desk.id_token(), body=body))
    assert (answer.status, answer.code) == (400, "invalid_input")


@pytest.mark.parametrize("slug", ["abc", "a" * 39, "a-1", "a--", "x" + "9" * 38])
def test_a_workspace_name_within_the_rules_is_accepted(desk: Desk, slug: str) -> None:
    body = {**MINE, "workspaceName": slug}
    assert send("POST", WORKSPACES, token=desk.id_token(), body=body).status == 201


@pytest.mark.parametrize(
    "changes",
    [
        {"displayName": ""},
        {"displayName": "x" * 81},
        {"displayName": None},
        {"displayName": 7},
        {"openSignup": "yes"},
        {"openSignup": 1},
        {"owner": 7},
    ],
)
def test_a_workspace_with_a_wrong_field_is_refused(
    desk: Desk, changes: Mapping[str, object]
) -> None:
    answer = desk.unchanged(
        lambda: send("POST", WORKSPACES, token=desk.id_token(), body={**MINE, **changes})
    )
    assert (answer.status, answer.code) == (400, "invalid_input")
    (name,) = changes
    assert answer.json()["errors"][0]["pointer"] == f"/{name}"
