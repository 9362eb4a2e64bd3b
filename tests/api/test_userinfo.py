from urllib.parse import urlencode

import pytest

from chalicelib.domain.users import UserStatus
from tests.api.platform import PAGE, Answer, Platform, Tenant, send
from tests.api.visitor import Visitor, account

PATH = "/oidc/acme/userinfo"


@pytest.fixture
def visitor(platform: Platform) -> Visitor:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return Visitor(platform, tenant)


def token(visitor: Visitor, scope: str = "openid email profile") -> str:
    answer = visitor.exchange(visitor.code(scope=scope))
    return str(answer.json()["access_token"])


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("openid", set()),
        ("openid email", {"email", "email_verified"}),
        ("openid profile", {"name"}),
        ("openid email profile", {"email", "email_verified", "name"}),
    ],
)
def test_the_scope_decides_what_is_told(
    visitor: Visitor, method: str, scope: str, claims: set[str]
) -> None:
    answer = send(method, PATH, token=token(visitor, scope))
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    everything = {
        "sub": str(visitor.tenant.user),
        "email": visitor.tenant.email,
        "email_verified": True,
        "name": "Mira",
    }
    assert answer.json() == {name: everything[name] for name in {"sub", *claims}}


def refused(answer: Answer, code: str) -> None:
    assert (answer.status, answer.code) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_without_a_token_nothing_is_told(visitor: Visitor) -> None:
    given = token(visitor)
    refused(send("GET", PATH), "token_missing")
    refused(send("GET", f"{PATH}?{urlencode({'access_token': given})}"), "token_missing")
    refused(send("GET", PATH, headers={"authorization": f"Basic {given}"}), "token_missing")


@pytest.mark.parametrize("kind", ["id token", "member token", "garbage", "forged"])
def test_a_token_of_another_kind_tells_nothing(
    platform: Platform, visitor: Visitor, kind: str
) -> None:
    head, body, _ = token(visitor).split(".")
    other = {
        "id token": platform.id_token(visitor.tenant),
        "member token": platform.member_token(visitor.tenant.workspace),
        "garbage": "a.b.c",
        "forged": f"{head}.{body}.{'A' * 86}",
    }[kind]
    refused(send("GET", PATH, token=other), "token_invalid")


def test_a_token_of_one_workspace_is_nothing_at_another(
    platform: Platform, visitor: Visitor
) -> None:
    neighbour = platform.tenant("globex")
    refused(send("GET", "/oidc/globex/userinfo", token=token(visitor)), "token_invalid")
    refused(send("GET", PATH, token=platform.token(neighbour)), "token_invalid")
    assert send("GET", "/oidc/nowhere/userinfo", token=token(visitor)).status == 401


def test_an_end_is_an_end_here_too(platform: Platform, visitor: Visitor) -> None:
    given = token(visitor)
    assert send("POST", "/api/v1/auth/logout", token=given).status == 200
    refused(send("GET", PATH, token=given), "token_superseded")
    other = token(visitor)
    assert send("POST", "/api/v1/sessions/revoke", token=other).status == 200
    assert send("GET", PATH, token=other).code == "session_ended"
    last = token(visitor)
    platform.adapters.clock.pause(900)
    refused(send("GET", PATH, token=last), "token_expired")


def test_who_may_not_sign_in_is_told_of_no_more(platform: Platform, visitor: Visitor) -> None:
    tenant = visitor.tenant
    barred = account(
        platform, tenant.workspace, "ben@acme.example", status=UserStatus.SUSPENDED
    ).person.user
    other = Tenant(tenant.workspace, tenant.application, barred, "ben@acme.example")
    refused(send("GET", PATH, token=platform.token(other)), "token_superseded")


def test_only_a_registered_page_reads_it(visitor: Visitor) -> None:
    given = token(visitor)
    answer = send("GET", PATH, token=given, headers={"origin": PAGE})
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["vary"] == "Origin"
    foreign = send("GET", PATH, token=given, headers={"origin": "https://evil.example"})
    assert (foreign.status, foreign.code) == (403, "origin_not_allowed")
    assert visitor.tenant.email not in foreign.body


def test_asking_changes_nothing(platform: Platform, visitor: Visitor) -> None:
    given = token(visitor)
    before = len(platform.events)
    send("GET", PATH, token=given)
    assert platform.actions_since(before) == []
