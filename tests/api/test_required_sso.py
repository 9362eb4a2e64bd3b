"""A workspace that wants a provider's word for everybody: who gets in, and who in an emergency."""

from functools import partial
from typing import Any

import pytest

from chalicelib.domain.clients import ClientKind
from chalicelib.domain.limits import SETTINGS_AGE
from chalicelib.domain.users import UserStatus
from chalicelib.domain.workspaces import Member, Role
from tests.api.authenticator import Authenticator, enrolled
from tests.api.desk import Desk, desk_on
from tests.api.devices import holding, shown
from tests.api.own import Home
from tests.api.platform import Answer, Tenant, send
from tests.api.server import basic, secret_of
from tests.api.test_identity_providers import ACME, CHOICE, chosen
from tests.api.test_sso import EMAIL, ISSUER, back, outcome, signed_in, vouched
from tests.api.visitor import PASSWORD, Visitor, account, post_form, query_of

OFFLINE = "openid email profile offline_access"
WORKSPACES = "/api/v1/workspaces"
REFUSED = (403, "signin_refused")


@pytest.fixture
def desk(platform: Any) -> Desk:
    platform.adapters.identity_providers.add(ISSUER)
    desk = desk_on(platform)
    chosen(desk)
    return desk


@pytest.fixture
def visitor(desk: Desk) -> Visitor:
    return Visitor(desk.platform, desk.tenant)


@pytest.fixture
def named(desk: Desk) -> Authenticator:
    """What the person holds who is named for emergencies, in a workspace that demands SSO."""
    authenticator = enrolled(desk.platform, desk.tenant)
    prove(desk)
    answer = demand(desk, breakGlass=[desk.tenant.user])
    assert answer.status == 200, answer.body
    return authenticator


def demand(desk: Desk, **words: Any) -> Answer:
    answer = send("PATCH", WORKSPACES, token=desk.token(), body={"requireSso": True, **words})
    desk.platform.adapters.clock.pause(SETTINGS_AGE)
    return answer


def prove(desk: Desk) -> None:
    assert signed_in(desk, Visitor(desk.platform, desk.tenant)).status == 200


def other(desk: Desk, email: str = "zoe@acme.example") -> Tenant:
    user = account(desk.platform, desk.workspace, email).person.user
    return Tenant(desk.workspace, desk.tenant.application, user, email)


def test_it_is_shown_changed_and_recorded(desk: Desk) -> None:
    enrolled(desk.platform, desk.tenant)
    prove(desk)
    count = len(desk.platform.events)
    shown_ = demand(desk, breakGlass=[desk.tenant.user]).json()
    assert (shown_["requireSso"], shown_["breakGlass"]) == (True, [desk.tenant.user])
    (event,) = desk.platform.events[count:]
    assert (event.action, event.actor.kind) == ("workspace.settings_changed", "operator")
    assert event.meta == {
        "requireSso": 1,
        "requireSsoBefore": 0,
        "breakGlass": 1,
        "breakGlassBefore": 0,
    }
    read = send("GET", WORKSPACES, token=desk.token()).json()
    assert read["requireSso"]
    changed = send("PATCH", WORKSPACES, token=desk.token(), body={"requireMfa": True}).json()
    assert (changed["requireSso"], changed["requireMfa"]) == (True, True)
    assert demand(desk, requireSso=False).json()["breakGlass"] == [desk.tenant.user]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SUPPORT])
def test_a_smaller_role_demands_nothing(desk: Desk, role: Role) -> None:
    body = {"requireSso": True}
    answer = desk.unchanged(lambda: send("PATCH", WORKSPACES, token=desk.token(role), body=body))
    assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"offered": False, "domains": []}, id="nobody finds it"),
        pytest.param({"enabled": False}, id="closed"),
        pytest.param({"clientId": "another"}, id="changed since"),
        pytest.param({"clientSecret": "another"}, id="with another secret since"),
        pytest.param(None, id="never used"),
    ],
)
def test_it_takes_a_provider_by_which_somebody_signed_in(
    desk: Desk, change: dict[str, Any] | None
) -> None:
    enrolled(desk.platform, desk.tenant)
    if change is not None:
        prove(desk)
        chosen(desk, **{"clientSecret": None, **change})
    answer = desk.unchanged(lambda: demand(desk, breakGlass=[desk.tenant.user]))
    assert (answer.status, answer.code) == (409, "not_ready")
    assert answer.json()["hint"].startswith("Sign in once")
    if change is None:
        prove(desk)
        # What says nothing of whether it works is no other provider.
        chosen(desk, clientSecret=None, displayName="Other", makesUsers=False)
        assert demand(desk, breakGlass=[desk.tenant.user]).status == 200


def test_it_takes_somebody_who_can_enter_without_one(desk: Desk) -> None:
    prove(desk)
    for people in ([], [desk.tenant.user]):
        answer = desk.unchanged(partial(demand, desk, breakGlass=people))
        assert (answer.status, answer.code) == (409, "not_ready")
        assert "breakGlass" in answer.json()["hint"]
    holding(desk.platform, desk.tenant)
    assert demand(desk, breakGlass=[desk.tenant.user]).status == 200
    answer = desk.unchanged(lambda: demand(desk, breakGlass=[]))
    assert (answer.status, answer.code) == (409, "not_ready")


@pytest.mark.parametrize("people", [[1], [0], [-1], ["x"], [True], [2**53], list(range(1, 7)), 7])
def test_only_people_of_the_workspace_are_named(desk: Desk, people: Any) -> None:
    body = {"breakGlass": people}
    answer = desk.unchanged(lambda: send("PATCH", WORKSPACES, token=desk.token(), body=body))
    assert (answer.status, answer.code) == (400, "invalid_input")


def test_nobody_of_next_door_and_nobody_suspended_is_named(desk: Desk) -> None:
    neighbour = desk.platform.tenant("globex").user
    gone = account(
        desk.platform, desk.workspace, "gone@acme.example", status=UserStatus.SUSPENDED
    ).person.user
    for user in (neighbour, gone):
        answer = desk.unchanged(partial(demand, desk, breakGlass=[desk.tenant.user, user]))
        assert (answer.status, answer.code) == (400, "invalid_input")
        assert len(answer.json()["errors"]) == 1


@pytest.mark.usefixtures("named")
def test_the_last_provider_stays(desk: Desk) -> None:
    for method, body in (
        ("DELETE", None),
        ("PUT", {**CHOICE, "enabled": False}),
        ("PUT", {**CHOICE, "offered": False, "domains": []}),
    ):
        answer = desk.unchanged(partial(send, method, ACME, token=desk.token(), body=body))
        assert (answer.status, answer.code) == (409, "not_ready")
    chosen(desk, "second", domains=[])
    assert send("DELETE", ACME, token=desk.token()).status == 200


@pytest.mark.usefixtures("named")
def test_whoever_the_provider_vouches_for_gets_in(desk: Desk, visitor: Visitor) -> None:
    assert signed_in(desk, visitor).status == 200
    assert visitor.step("continue").status == 200
    assert "code=" in visitor.authorize(prompt="none").headers["location"]


@pytest.mark.usefixtures("named")
def test_a_right_password_gets_the_answer_of_a_wrong_one(desk: Desk) -> None:
    zoe = other(desk)
    count = len(desk.platform.events)
    right = Visitor(desk.platform, zoe).sign_in()
    wrong = Visitor(desk.platform, zoe).sign_in(password="other words are long")
    unknown = Visitor(desk.platform, zoe).sign_in("nobody@acme.example")
    said = [{**answer.json(), "requestId": ""} for answer in (right, wrong, unknown)]
    assert [(each.status, each.code) for each in (right, wrong, unknown)] == [REFUSED] * 3
    assert [each.pop("triesLeft") for each in said] == [4, 3, 4]
    assert said[0] == said[1] == said[2]
    reasons = [event.meta["reason"] for event in desk.platform.events[count:]]
    assert reasons == ["sso", "password", "unknown"]


@pytest.mark.usefixtures("named")
def test_a_passkey_of_anybody_else_is_refused(desk: Desk) -> None:
    zoe = other(desk)
    device = holding(desk.platform, zoe)
    answer = shown(Visitor(desk.platform, zoe), device)
    assert (answer.status, answer.code, answer.cookies) == (403, "forbidden", [])


@pytest.mark.usefixtures("named")
def test_nobody_makes_an_account_here(desk: Desk, visitor: Visitor) -> None:
    answer = desk.unchanged(lambda: visitor.sign_up("new@acme.example"))
    assert (answer.status, answer.code) == (403, "forbidden")
    context = visitor.step("context").json()
    assert (context["requiresSso"], context["signUp"]) == (True, False)
    assert context["providers"] == [{"name": "acme", "displayName": "Acme"}]


def test_an_account_that_waits_for_its_code_is_not_made(desk: Desk, visitor: Visitor) -> None:
    enrolled(desk.platform, desk.tenant)
    prove(desk)
    challenge = visitor.sign_up("new@acme.example").json()["challenge"]
    code = visitor.typed_code()
    demand(desk, breakGlass=[desk.tenant.user])
    answer = desk.unchanged(lambda: visitor.step("sign-up/verify", challenge=challenge, code=code))
    assert (answer.status, answer.code) == (403, "forbidden")
    assert desk.platform.services.hosted.users.found(desk.workspace.id, "new@acme.example") is None


def test_a_second_factor_that_is_owed_since_before_lets_nobody_in(desk: Desk) -> None:
    zoe = other(desk)
    authenticator = enrolled(desk.platform, zoe)
    enrolled(desk.platform, desk.tenant)
    prove(desk)
    visitor = Visitor(desk.platform, zoe)
    step = visitor.sign_in().json()["step"]
    demand(desk, breakGlass=[desk.tenant.user])
    answer = visitor.step("steps/totp", challenge=step["challenge"], code=authenticator.code())
    assert (answer.status, answer.code, answer.cookies) == (403, "forbidden", [])


def test_who_is_named_enters_by_two_factors_and_all_are_told(
    desk: Desk, visitor: Visitor, named: Authenticator
) -> None:
    sent = desk.platform.adapters.mailer.sent
    before = len(desk.platform.events)
    step = visitor.sign_in().json()["step"]
    assert step["kind"] == "totp"
    assert desk.platform.actions_since(before) == []
    answer = visitor.step("steps/totp", challenge=step["challenge"], code=named.code())
    assert "redirectTo" in answer.json()
    (event,) = desk.platform.events[before:]
    assert event.action == "signin.succeeded"
    assert event.meta == {"method": "password", "device": "new", "reason": "break_glass"}
    assert sent[-1].subject == "Emergency sign-in to Notes"
    assert sent[-1].to == desk.tenant.email
    count = len(sent)
    # It is the platform that is repaired by it: nobody stays signed in.
    assert visitor.step("continue").code == "token_missing"
    assert "error=login_required" in visitor.authorize(prompt="none").headers["location"]
    assert visitor.step("context").json()["person"] is None
    assert Home(visitor).post("/member-token").code == "token_missing"
    assert len(sent) == count


@pytest.mark.usefixtures("named")
def test_a_passkey_of_who_is_named_is_enough_and_the_others_are_told(desk: Desk) -> None:
    zoe = other(desk)
    device = holding(desk.platform, zoe)
    demand(desk, breakGlass=[desk.tenant.user, zoe.user])
    sent = desk.platform.adapters.mailer.sent
    sent.clear()
    answer = shown(Visitor(desk.platform, zoe), device)
    assert "redirectTo" in answer.json()
    assert desk.platform.events[-1].meta["reason"] == "break_glass"
    assert {mail.to for mail in sent} == {desk.tenant.email, zoe.email}


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("wants_mfa", [False, True])
def test_who_is_named_and_has_no_second_factor_does_not_set_one_up_by_it(
    desk: Desk, *, wants_mfa: bool
) -> None:
    zoe = other(desk)
    demand(desk, breakGlass=[desk.tenant.user, zoe.user], requireMfa=wants_mfa)
    answer = Visitor(desk.platform, zoe).sign_in()
    assert (answer.status, answer.code) == REFUSED
    assert desk.platform.events[-1].meta["reason"] == "sso"


def test_who_is_named_keeps_the_second_factor(desk: Desk, named: Authenticator) -> None:
    home = Home(Visitor(desk.platform, desk.tenant))
    mira = {"subject": "u-5", "email": desk.tenant.email}
    assert "unlinked" in signed_in(desk, home.visitor, **mira).json()
    step = home.visitor.sign_in().json()["step"]
    home.visitor.step("steps/totp", challenge=step["challenge"], code=named.code())
    assert home.visitor.step("sso/link").status == 200
    home.token = home.post("/member-token", workspaceName="acme").json()["memberToken"]
    assert home.ask("DELETE", "/totp").code == "forbidden"


@pytest.mark.usefixtures("named")
def test_an_account_is_still_linked_by_what_it_asks_for(desk: Desk) -> None:
    zoe = other(desk)
    visitor = Visitor(desk.platform, zoe)
    assert "unlinked" in signed_in(desk, visitor, subject="u-2", email=zoe.email).json()
    answer = visitor.sign_in()
    assert "redirectTo" in answer.json()
    assert "reason" not in desk.platform.events[-1].meta
    assert visitor.step("sso/link").json() == {"linked": "Acme"}
    # Both were shown, so the browser stays signed in.
    assert visitor.step("continue").status == 200
    again = signed_in(desk, Visitor(desk.platform, zoe), subject="u-2", email=zoe.email)
    assert "redirectTo" in again.json()


@pytest.mark.usefixtures("named")
def test_a_word_for_one_opens_nobody_elses_account(desk: Desk) -> None:
    zoe, eve = other(desk), other(desk, "eve@acme.example")
    visitor = Visitor(desk.platform, zoe)
    assert "unlinked" in signed_in(desk, visitor, subject="u-3", email=eve.email).json()
    assert visitor.sign_in().code == "signin_refused"
    # Nor in another browser, for another request, or after it was used.
    assert Visitor(desk.platform, eve).sign_in().code == "signin_refused"
    own = {"workspace_name": "acme", "app_id": "notes", **visitor.params(state="s-2")}
    words: dict[str, Any] = {"email": eve.email, "password": "plain words are long"}
    assert visitor.step("sign-in", request=own, **words).code == "signin_refused"
    assert "redirectTo" in visitor.step("sign-in", **words).json()
    visitor.step("sso/link")
    assert visitor.step("sign-in", **words).code == "signin_refused"


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("words", [{"is_verified": False}, {"email": "eve@elsewhere.example"}])
def test_a_word_that_counts_for_no_address_links_nobody(desk: Desk, words: dict[str, Any]) -> None:
    eve = other(desk, words.get("email", "eve@other.example"))
    visitor = Visitor(desk.platform, eve)
    word = vouched(desk, **{"subject": "u-4", "email": eve.email, **words})
    assert outcome(back(desk, visitor, word)) == "back"
    assert visitor.sign_in().code == "signin_refused"


def test_sign_ins_of_before_are_not_continued_while_it_stands(desk: Desk) -> None:
    zoe = other(desk)
    visitor = Visitor(desk.platform, zoe)
    assert visitor.sign_in().status == 200
    enrolled(desk.platform, desk.tenant)
    prove(desk)
    demand(desk, breakGlass=[desk.tenant.user])
    assert visitor.step("continue").code == "token_missing"
    demand(desk, requireSso=False)
    assert visitor.step("continue").status == 200


def test_refresh_tokens_of_before_are_refused_while_it_stands(desk: Desk) -> None:
    platform = desk.platform
    tenant = platform.tenant("globex", kind=ClientKind.SERVER)
    other_desk = Desk(platform, desk.console, desk.manager, desk.operator, tenant)
    chosen(other_desk)
    owner = Member(tenant.workspace.id, desk.operator, Role.OWNER, since=0)
    platform.adapters.members.put(owner)
    headers = basic(tenant.application.client_id, secret_of(platform, tenant))
    authenticator = enrolled(platform, tenant)
    visitor = Visitor(platform, tenant)
    request = {"workspace_name": "globex", **visitor.params(scope=OFFLINE)}
    words: dict[str, Any] = {"email": tenant.email, "password": PASSWORD}
    step = visitor.step("sign-in", request=request, **words).json()["step"]
    shown_ = {"challenge": step["challenge"], "code": authenticator.code()}
    entered = visitor.step("steps/totp", request=request, **shown_).json()
    code = query_of(entered["redirectTo"])["code"]
    by_password = visitor.exchange(code, headers=headers, client_id=None)
    token = by_password.json()["refresh_token"]

    def refreshed(text: str) -> Answer:
        form = {"grant_type": "refresh_token", "refresh_token": text}
        return post_form("/oidc/globex/token", form, **headers)

    token = refreshed(token).json()["refresh_token"]
    prove(other_desk)
    assert demand(other_desk, breakGlass=[tenant.user]).status == 200
    answer = refreshed(token)
    assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")
    assert demand(other_desk, requireSso=False).status == 200
    assert "access_token" in refreshed(token).json()


def test_the_console_can_demand_it_too(desk: Desk) -> None:
    platform, console = desk.platform, desk.console
    tenant = Tenant(console, desk.manager, desk.operator, "olivia@acme.example")
    own = Desk(platform, console, desk.manager, desk.operator, tenant)
    chosen(own, domains=["ops.example"])
    enrolled(platform, tenant)
    word = {"email": "ops@ops.example"}
    visitor = Visitor(platform, tenant)
    assert signed_in(own, visitor, **word).status == 200
    assert demand(own, breakGlass=[desk.operator]).status == 200
    eve = Tenant(console, desk.manager, platform.user(console, "e@ops.example"), "e@ops.example")
    assert Visitor(platform, eve).sign_in().code == "signin_refused"
    assert Visitor(platform, tenant).sign_in().json()["step"]["kind"] == "totp"
    assert EMAIL not in {mail.to for mail in platform.adapters.mailer.sent}
