"""How many requests a session may make, and what every answer says of it."""

import pytest

from app import app
from tests.api.exchange import ALL, CREATE, body_for, post
from tests.api.platform import PAGE, Platform, Tenant, send
from tests.api.test_session import ROUTES

PATH = "/api/v1/sessions"
NAMES = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "ratelimit-policy")


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant(requests_per_minute=60)


def left(headers: object) -> tuple[str, ...]:
    assert isinstance(headers, dict)
    return tuple(headers[name] for name in NAMES)


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_every_answer_to_a_session_says_what_is_left(
    platform: Platform, tenant: Tenant, method: str, path: str, body: object
) -> None:
    token = platform.token(tenant, {"a": 1})
    for used in (1, 2):
        answer = send(method, path, token=token, body=body)
        assert left(answer.headers) == ("60", str(60 - used), str(used), "60;w=60"), answer


@pytest.mark.parametrize("path", ALL)
def test_every_answer_to_an_id_token_says_what_is_left(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    answer = post(platform, tenant, path, body_for(platform, tenant, path))
    assert answer.status == 200
    assert left(answer.headers) == ("60", "59", "1", "60;w=60")


def test_an_error_says_what_is_left_as_well(platform: Platform, tenant: Tenant) -> None:
    token = platform.token(tenant)
    send("GET", PATH, token=token)
    missing = send("GET", f"{PATH}/get/never", token=token)
    assert (missing.status, left(missing.headers)[1]) == (404, "58")
    broken = send("PUT", PATH, token=token, raw=b"{")
    assert (broken.status, left(broken.headers)[1]) == (400, "57")


def test_who_is_not_known_is_told_of_no_limit(platform: Platform, tenant: Tenant) -> None:
    assert platform.token(tenant)
    for token in (None, "x.y.z"):
        assert not set(NAMES) & set(send("GET", PATH, token=token).headers)


def test_without_a_wish_of_the_application_the_limit_is_out_of_an_honest_clients_reach(
    platform: Platform,
) -> None:
    token = platform.token(platform.tenant())
    assert left(send("GET", PATH, token=token).headers) == ("60000", "59999", "1", "60000;w=60")


def test_beyond_the_limit_a_request_is_refused_and_does_nothing(
    platform: Platform, tenant: Tenant
) -> None:
    token = platform.token(tenant)
    for n in range(60):
        assert send("PUT", PATH, token=token, body={"n": n}).status == 200
    count = len(platform.events)
    for method, path, body in ROUTES:
        answer = send(method, path, token=token, body=body, headers={"origin": PAGE})
        assert (answer.status, answer.code) == (429, "rate_limited")
        assert answer.headers["retry-after"] == "1"
        assert left(answer.headers) == ("60", "0", "60", "60;w=60")
        assert answer.json()["title"] == "Too many requests"
    assert platform.actions_since(count) == []
    platform.adapters.clock.pause(1)
    assert send("GET", PATH, token=token).json() == {"n": 59}
    assert send("GET", PATH, token=token).status == 429


def test_what_was_refused_is_not_counted_again(platform: Platform, tenant: Tenant) -> None:
    token = platform.token(tenant)
    for _ in range(200):
        send("GET", PATH, token=token)
    platform.adapters.clock.pause(10)
    statuses = [send("GET", PATH, token=token).status for _ in range(11)]
    assert statuses == [200] * 10 + [429]


def test_one_session_uses_up_nothing_of_another(platform: Platform, tenant: Tenant) -> None:
    token, other = (
        post(platform, tenant, CREATE, {"workspaceName": "acme"}).json()["sessionToken"]
        for _ in range(2)
    )
    for _ in range(61):
        refused = send("GET", PATH, token=token)
    assert refused.status == 429
    assert left(send("GET", PATH, token=other).headers)[1] == "59"


def test_two_tokens_of_one_session_share_its_limit(platform: Platform, tenant: Tenant) -> None:
    first, second = platform.token(tenant), platform.token(tenant)
    send("GET", PATH, token=first)
    assert left(send("GET", PATH, token=second).headers)[1] == "58"


def test_a_person_at_the_door_is_refused_beyond_the_limit(
    platform: Platform, tenant: Tenant
) -> None:
    body = {"workspaceName": "acme"}
    for _ in range(60):
        assert post(platform, tenant, "/api/v1/sessions/get-or-create", body).status == 200
    answer = post(platform, tenant, CREATE, body)
    assert (answer.status, answer.code) == (429, "rate_limited")


def test_a_browser_may_read_what_is_left() -> None:
    (methods,) = [each for path, each in app.routes.items() if path == PATH]
    exposed = methods["GET"].cors.get_access_control_headers()["Access-Control-Expose-Headers"]
    assert set(NAMES) <= set(exposed.lower().split(","))
