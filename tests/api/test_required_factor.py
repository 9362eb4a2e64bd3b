from typing import Any

import jwt
import pytest

from chalicelib.domain.workspaces import Role
from tests.api.authenticator import Authenticator, enrolled
from tests.api.own import home_at
from tests.api.platform import Answer, Platform, Tenant, send
from tests.api.visitor import Visitor, account, code_of

WORKSPACES = "/api/v1/workspaces"


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant)


def demand(platform: Platform, tenant: Tenant, *, wanted: bool = True) -> Answer:
    token = platform.member_token(tenant.workspace)
    return send("PATCH", WORKSPACES, token=token, body={"requireMfa": wanted})


def step_of(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer
    assert answer.cookies == []
    step: dict[str, Any] = answer.json()["step"]
    return step


def confirmed(visitor: Visitor, step: dict[str, Any], code: str, **more: Any) -> Answer:
    return visitor.step("steps/enrolment", challenge=step["challenge"], code=code, **more)


def test_operators_demand_a_second_factor(platform: Platform, tenant: Tenant) -> None:
    token = platform.member_token(tenant.workspace)
    assert send("GET", WORKSPACES, token=token).json()["requireMfa"] is False
    before = len(platform.events)
    assert demand(platform, tenant).json()["requireMfa"] is True
    assert platform.actions_since(before) == ["workspace.settings_changed"]
    assert send("PATCH", WORKSPACES, token=token, body={}).json()["requireMfa"] is True
    assert platform.events[-1].meta == {"requireMfa": 1, "requireMfaBefore": 0}
    assert send("GET", WORKSPACES, token=token).json()["requireMfa"] is True
    assert demand(platform, tenant).status == 200
    assert platform.actions_since(before) == ["workspace.settings_changed"]
    assert demand(platform, tenant, wanted=False).json()["requireMfa"] is False


@pytest.mark.parametrize("role", Role)
def test_owners_and_admins_decide(platform: Platform, tenant: Tenant, role: Role) -> None:
    token = platform.member_token(tenant.workspace, role)
    before = len(platform.events)
    answer = send("PATCH", WORKSPACES, token=token, body={"requireMfa": True})
    decides = role in {Role.OWNER, Role.ADMIN}
    assert answer.status == (200 if decides else 403)
    assert platform.actions_since(before) == ["workspace.settings_changed"] * decides


@pytest.mark.parametrize("kind", ["none", "session", "identity", "person", "another workspace"])
def test_nobody_else_decides(platform: Platform, tenant: Tenant, kind: str) -> None:
    tokens: dict[str, str | None] = {
        "none": None,
        "session": platform.token(tenant),
        "identity": platform.id_token(tenant),
        "person": platform.person_token(tenant),
        "another workspace": platform.member_token(platform.tenant("globex").workspace),
    }
    token = tokens[kind]
    answer = send("PATCH", WORKSPACES, token=token, body={"requireMfa": True})
    assert answer.status == (200 if kind == "another workspace" else 401)
    stored = platform.adapters.workspaces.get(tenant.workspace.id)
    assert stored is not None
    assert not stored.require_mfa


@pytest.mark.parametrize("body", [{"requireMfa": "yes"}, {"openSignup": 1}, {"slug": "x"}, []])
def test_what_is_no_setting_is_refused(platform: Platform, tenant: Tenant, body: Any) -> None:
    token = platform.member_token(tenant.workspace)
    assert send("PATCH", WORKSPACES, token=token, body=body).code == "invalid_input"


def test_whoever_has_none_sets_one_up_during_the_sign_in(
    platform: Platform, visitor: Visitor, tenant: Tenant
) -> None:
    demand(platform, tenant)
    before = len(platform.events)
    step = step_of(visitor.sign_in())
    assert (step["kind"], set(step)) == ("enrolment", {"kind", "challenge", "setup"})
    assert step["setup"]["qr"]["path"].startswith("M0 0h1")
    authenticator = Authenticator(platform, step["setup"]["secret"])
    kept = step_of(confirmed(visitor, step, authenticator.code()))
    assert (kept["kind"], len(kept["recoveryCodes"])) == ("recovery_codes", 10)
    assert platform.actions_since(before) == ["factor.added"]
    answer = visitor.step("steps/recovery-codes", challenge=kept["challenge"])
    assert platform.actions_since(before) == ["factor.added", "signin.succeeded"]
    tokens = visitor.exchange(code_of(answer.json()["redirectTo"])).json()
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (claims["acr"], claims["amr"]) == ("sf:2", ["pwd", "otp", "mfa"])
    assert visitor.step("continue").status == 200
    again = visitor.step("steps/recovery-codes", challenge=kept["challenge"])
    assert again.code == "challenge_ended"
    assert step_of(Visitor(platform, tenant).sign_in())["kind"] == "totp"


def test_a_new_account_sets_one_up_too(
    platform: Platform, visitor: Visitor, tenant: Tenant
) -> None:
    demand(platform, tenant)
    challenge = visitor.sign_up("new@acme.example").json()["challenge"]
    verified = visitor.step("sign-up/verify", challenge=challenge, code=visitor.typed_code())
    step = step_of(verified)
    assert step["kind"] == "enrolment"
    code = Authenticator(platform, step["setup"]["secret"]).code()
    kept = step_of(confirmed(visitor, step, code))
    assert visitor.step("steps/recovery-codes", challenge=kept["challenge"]).status == 200
    assert platform.events[-1].meta["method"] == "sign_up"


def test_whoever_has_one_is_asked_for_it_alone(
    platform: Platform, visitor: Visitor, tenant: Tenant
) -> None:
    authenticator = enrolled(platform, tenant)
    demand(platform, tenant)
    step = step_of(visitor.sign_in())
    assert step["kind"] == "totp"
    done = visitor.step("steps/totp", challenge=step["challenge"], code=authenticator.code())
    assert "redirectTo" in done.json()


def test_a_sign_in_by_one_factor_is_not_continued(
    platform: Platform, visitor: Visitor, tenant: Tenant
) -> None:
    visitor.sign_in()
    demand(platform, tenant)
    platform.adapters.clock.pause(5)
    assert visitor.step("continue").code == "token_missing"
    assert visitor.step("context").json()["person"] is None
    assert "error=login_required" in visitor.authorize(prompt="none").headers["location"]
    demand(platform, tenant, wanted=False)
    platform.adapters.clock.pause(5)
    assert visitor.step("continue").status == 200


def test_the_last_factor_stays(platform: Platform, visitor: Visitor, tenant: Tenant) -> None:
    home = home_at(platform, tenant)
    authenticator = enrolled(platform, tenant)
    demand(platform, tenant)
    step = step_of(visitor.sign_in())
    visitor.step("steps/totp", challenge=step["challenge"], code=authenticator.code())
    home.visitor = visitor
    home.post("/member-token")
    assert home.ask("DELETE", "/totp").code == "forbidden"
    assert home.ask("POST", "/totp").status == 200


def test_one_factor_is_enough_to_set_the_second_up_at_home(
    platform: Platform, tenant: Tenant
) -> None:
    home = home_at(platform, tenant)
    demand(platform, tenant)
    platform.adapters.clock.pause(700)
    home.step_up()
    assert home.ask("POST", "/totp").status == 200


def test_a_set_up_that_was_begun_earlier_replaces_no_factor(
    platform: Platform, visitor: Visitor, tenant: Tenant
) -> None:
    demand(platform, tenant)
    thief = Visitor(platform, tenant)
    stolen = step_of(thief.sign_in())
    step = step_of(visitor.sign_in())
    mine = Authenticator(platform, step["setup"]["secret"])
    assert confirmed(visitor, step, mine.code()).status == 200
    before = len(platform.events)
    answer = confirmed(thief, stolen, Authenticator(platform, stolen["setup"]["secret"]).code())
    assert (answer.status, answer.code) == (410, "challenge_ended")
    assert platform.actions_since(before) == []
    platform.adapters.clock.pause(60)
    asked = step_of(visitor.sign_in())
    done = visitor.step("steps/totp", challenge=asked["challenge"], code=mine.code())
    assert done.status == 200


@pytest.mark.parametrize("kind", ["steps/enrolment", "steps/recovery-codes"])
def test_a_step_belongs_to_its_request_and_its_kind(
    platform: Platform, visitor: Visitor, tenant: Tenant, kind: str
) -> None:
    demand(platform, tenant)
    step = step_of(visitor.sign_in())
    code = Authenticator(platform, step["setup"]["secret"]).code()
    given: dict[str, Any] = {"challenge": step["challenge"], "code": code}
    if kind == "steps/recovery-codes":
        # Not before the authenticator was proven.
        assert visitor.step(kind, challenge=step["challenge"]).code == "challenge_ended"
        given = {"challenge": step_of(confirmed(visitor, step, code))["challenge"]}
    other = {"workspace_name": "acme", **visitor.params(state="another")}
    assert visitor.step(kind, request=other, **given).code == "challenge_ended"
    neighbour = Visitor(platform, platform.tenant("globex"))
    assert neighbour.step(kind, **given).code == "challenge_ended"
    assert visitor.step(kind, **given).status == 200


def test_five_wrong_codes_end_a_set_up(
    platform: Platform, visitor: Visitor, tenant: Tenant
) -> None:
    demand(platform, tenant)
    step = step_of(visitor.sign_in())
    authenticator = Authenticator(platform, step["setup"]["secret"])
    wrong = [confirmed(visitor, step, authenticator.wrong_code()) for _ in range(5)]
    assert [answer.json()["triesLeft"] for answer in wrong] == [4, 3, 2, 1, 0]
    assert confirmed(visitor, step, authenticator.code()).code == "challenge_ended"
