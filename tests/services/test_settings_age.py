from dataclasses import replace

from chalicelib.domain.limits import SETTINGS_AGE, WORKSPACE_KEY_AGE
from chalicelib.domain.workspaces import Gate, GateStatus
from tests.api.platform import Platform, send
from tests.api.visitor import Visitor

SEALED = Gate(GateStatus.SEALED, 2)


def test_a_seal_acts_within_its_seconds_on_a_session_that_is_read_all_the_while(
    platform: Platform,
) -> None:
    tenant = platform.tenant()
    token = platform.token(tenant)
    assert send("GET", "/api/v1/sessions", token=token).status == 200
    platform.adapters.workspaces.gates[tenant.workspace.id] = SEALED
    statuses = []
    for _ in range(int(SETTINGS_AGE)):
        platform.adapters.clock.pause(1)
        statuses.append(send("GET", "/api/v1/sessions", token=token).status)
    assert statuses[-1] == 423


def test_a_seal_acts_within_its_seconds_on_a_login_that_is_used_all_the_while(
    platform: Platform,
) -> None:
    visitor = Visitor(platform, platform.tenant())
    assert visitor.authorize().status == 302
    platform.adapters.workspaces.gates[visitor.tenant.workspace.id] = SEALED
    for _ in range(int(SETTINGS_AGE)):
        platform.adapters.clock.pause(1)
        answer = visitor.authorize()
    assert answer.code == "workspace_sealed"


def test_changed_settings_of_an_application_act_within_their_seconds(platform: Platform) -> None:
    tenant = platform.tenant()
    visitor, token = Visitor(platform, tenant), platform.token(tenant)
    assert visitor.authorize().status == 302
    assert send("PUT", "/api/v1/sessions", token=token, body={}).status == 200
    platform.adapters.applications.put(
        replace(tenant.application, redirect_uris=("https://other.example/",), payload_bytes=1)
    )
    for _ in range(int(SETTINGS_AGE)):
        platform.adapters.clock.pause(1)
        redirect = visitor.authorize()
        write = send("PUT", "/api/v1/sessions", token=token, body={})
    assert redirect.status == 400
    assert write.status == 413


def test_a_disabled_root_key_acts_within_its_seconds_on_a_session_that_is_read_all_the_while(
    platform: Platform,
) -> None:
    tenant = platform.tenant(token_seconds=3_600)
    token = platform.token(tenant)
    assert send("GET", "/api/v1/sessions", token=token).status == 200
    platform.adapters.root_key.is_enabled = False
    for _ in range(int(WORKSPACE_KEY_AGE / 4)):
        platform.adapters.clock.pause(4)
        answer = send("GET", "/api/v1/sessions", token=token)
    assert answer.code == "key_unavailable"
