from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.ids import new_ulid
from chalicelib.domain.workspaces import Gate, GateStatus
from tests.api.exchange import (
    ALL,
    BEGINNINGS,
    RENEW,
    body_for,
    post,
    unchanged,
)
from tests.api.platform import PAGE, Platform, Tenant, send


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


@pytest.mark.parametrize("path", ALL)
def test_without_a_token_nobody_is_known(platform: Platform, tenant: Tenant, path: str) -> None:
    body = body_for(platform, tenant, path)
    answer = unchanged(platform, lambda: send("POST", path, body=body))
    assert (answer.status, answer.code) == (401, "token_missing")
    assert answer.headers["www-authenticate"] == 'Bearer realm="secureflows"'


@pytest.mark.parametrize("path", ALL)
def test_an_id_token_is_good_for_five_minutes_to_the_second(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    body, id_token = body_for(platform, tenant, path), platform.id_token(tenant)
    platform.adapters.clock.pause(299)
    assert send("POST", path, token=id_token, body=body).status == 200
    platform.adapters.clock.pause(1)
    body = body_for(platform, tenant, path)
    answer = unchanged(platform, lambda: send("POST", path, token=id_token, body=body))
    assert (answer.status, answer.code) == (401, "token_expired")


@pytest.mark.parametrize("path", ALL)
def test_a_token_of_another_kind_is_refused(platform: Platform, tenant: Tenant, path: str) -> None:
    body = body_for(platform, tenant, path)
    for other in (
        platform.token(tenant),
        platform.member_token(tenant.workspace),
        "x.y.z",
        platform.id_token(tenant)[:-6] + "AAAAAA",
    ):
        answer = unchanged(platform, partial(send, "POST", path, token=other, body=body))
        assert (answer.status, answer.code) == (401, "token_invalid")


@pytest.mark.parametrize("path", BEGINNINGS)
@pytest.mark.parametrize(
    "names",
    [
        {"workspaceName": "globex"},
        {"workspaceName": "nowhere"},
        {"workspaceName": "Acme"},
        {"workspaceName": "acme "},
        {"workspaceName": ""},
        {"workspaceName": "acme", "app_id": "forms"},
        {"workspaceName": "acme", "app_id": "nothing"},
        {"workspaceName": "acme", "app_id": ""},
        {"workspaceName": "acme", "app_id": "Notes"},
        {"workspaceName": "globex", "app_id": "notes"},
    ],
)
def test_names_that_differ_from_what_the_token_proves_are_refused(
    platform: Platform, tenant: Tenant, path: str, names: Mapping[str, str]
) -> None:
    platform.tenant("globex")
    platform.application(tenant.workspace, tenant.user, "forms")
    answer = unchanged(platform, lambda: post(platform, tenant, path, names))
    assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.parametrize("path", ALL)
@pytest.mark.parametrize(
    ("raw", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "invalid_json"),
        (b"", "application/json", 400, "invalid_json"),
        (b"null", "application/json", 400, "invalid_input"),
        (b"[]", "application/json", 400, "invalid_input"),
        (b"{}", "application/json", 400, "invalid_input"),
        (b'{"workspaceName": 1}', "application/json", 400, "invalid_input"),
        (b'{"workspaceName": "acme", "app_id": 1}', "application/json", 400, "invalid_input"),
        (b'{"workspaceName": "acme", "payload": []}', "application/json", 400, "invalid_input"),
        (b'{"workspaceName": "acme", "payload": 1}', "application/json", 400, "invalid_input"),
        (b'{"workspaceName": "acme", "userId": 1}', "application/json", 400, "invalid_input"),
        (b'{"sessionToken": null}', "application/json", 400, "invalid_input"),
        (b'{"sessionToken": "a", "payload": {}}', "application/json", 400, "invalid_input"),
        (b'{"workspaceName": "acme"}', "text/plain", 415, "unsupported_media_type"),
    ],
)
def test_bad_bodies_get_a_clear_answer_and_change_nothing(
    platform: Platform,
    tenant: Tenant,
    path: str,
    raw: bytes,
    content_type: str,
    status: int,
    code: str,
) -> None:
    answer = unchanged(
        platform,
        lambda: send(
            "POST",
            path,
            token=platform.id_token(tenant),
            raw=raw,
            headers={"content-type": content_type},
        ),
    )
    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize("path", BEGINNINGS)
@pytest.mark.parametrize(
    ("payload", "status", "code"),
    [
        ({"a" * 201: 1}, 400, "invalid_input"),
        ({"": 1}, 400, "invalid_input"),
        ({"a\u0000": 1}, 400, "invalid_input"),
        ({"..": 1}, 400, "invalid_input"),
        ({"a": "x" * 262_144}, 413, "payload_too_large"),
    ],
)
def test_a_payload_that_could_not_be_written_begins_no_session(
    platform: Platform,
    tenant: Tenant,
    path: str,
    payload: Mapping[str, Any],
    status: int,
    code: str,
) -> None:
    body = {"workspaceName": "acme", "payload": payload}
    answer = unchanged(platform, lambda: post(platform, tenant, path, body))
    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize("path", ALL)
def test_an_id_token_of_another_workspace_reaches_nothing_here(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    neighbour = platform.tenant("globex")
    body = body_for(platform, tenant, path)
    answer = unchanged(platform, lambda: post(platform, neighbour, path, body))
    assert answer.status == 403
    assert answer.code == ("not_owner" if path == RENEW else "forbidden")


@pytest.mark.parametrize("path", ALL)
def test_an_id_token_for_a_client_that_is_not_of_its_workspace_is_refused(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    neighbour = platform.tenant("globex")
    body = body_for(platform, tenant, path)
    mixed = platform.id_token(tenant, client_id=neighbour.application.client_id)
    answer = unchanged(platform, lambda: send("POST", path, token=mixed, body=body))
    assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.parametrize("path", ALL)
def test_a_page_of_another_origin_is_refused_and_a_registered_one_is_named(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    body = body_for(platform, tenant, path)
    for page in ("https://evil.example", "null", f"{PAGE}.evil.example"):
        answer = unchanged(
            platform,
            partial(post, platform, tenant, path, body, headers={"origin": page}),
        )
        assert (answer.status, answer.code) == (403, "origin_not_allowed")
    answer = post(platform, tenant, path, body, headers={"origin": PAGE})
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("path", ALL)
def test_a_sealed_workspace_begins_and_renews_nothing(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    body, id_token = body_for(platform, tenant, path), platform.id_token(tenant)
    gates = platform.adapters.workspaces.gates
    gates[tenant.workspace.id] = Gate(GateStatus.SEALED, version=2)
    platform.adapters.clock.pause(6)
    answer = unchanged(platform, lambda: send("POST", path, token=id_token, body=body))
    assert (answer.status, answer.code) == (423, "workspace_sealed")


@pytest.mark.parametrize("path", BEGINNINGS)
def test_a_session_of_a_person_who_is_gone_does_not_begin(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    stranger = platform.id_token(tenant, user=tenant.user + 1, sid=new_ulid(1))
    body = {"workspaceName": "acme"}
    answer = unchanged(platform, lambda: send("POST", path, token=stranger, body=body))
    assert answer.status in {401, 403, 404, 410, 503}, answer
