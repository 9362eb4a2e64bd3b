"""Rescues: the way back in for those whose account a stranger has fitted with other factors."""

from dataclasses import dataclass

import pytest

from chalicelib.domain.ids import new_user_id
from chalicelib.domain.sessions import Person
from chalicelib.domain.visitors import VisitorUse
from chalicelib.domain.workspaces import Member, Role
from tests.api.authenticator import Authenticator
from tests.api.desk import desk_on
from tests.api.devices import asked, handed, shown
from tests.api.own import Home, home_at, home_of
from tests.api.platform import Answer, Platform, Tenant, send
from tests.api.test_devices import owner_resets_the_password
from tests.api.test_own_factors import later, set_up
from tests.api.test_own_passkeys import added
from tests.api.visitor import PASSWORD, Visitor, code_of
from tests.device import Device

OTHER = PASSWORD + "!"


@dataclass(frozen=True)
class Taken:
    """An account in which a thief, who knew the password, made themselves at home."""

    thief: Home
    owner: Visitor
    authenticator: Authenticator
    device: Device

    @property
    def tenant(self) -> Tenant:
        return self.owner.tenant

    @property
    def person(self) -> Person:
        return Person(self.tenant.workspace.id, self.tenant.user)


@pytest.fixture
def taken(platform: Platform) -> Taken:
    platform.services.deployment.prepare()
    thief, device = home_of(platform), Device()
    authenticator = set_up(thief)
    later(thief, authenticator)
    assert added(thief, device).status == 201
    owner = Visitor(platform, thief.tenant, ip="198.51.100.1")
    return Taken(thief, owner, authenticator, device)


def rescued(platform: Platform, tenant: Tenant, role: Role = Role.OWNER) -> Answer:
    token = platform.member_token(tenant.workspace, role)
    return send("POST", f"/api/v1/users/{tenant.user}/remove-factors", token=token)


def test_a_new_password_alone_does_not_get_the_owner_in(taken: Taken) -> None:
    owner_resets_the_password(taken.owner)
    assert set(taken.owner.sign_in(password=OTHER).json()) == {"step"}


@pytest.mark.parametrize("role", Role)
def test_an_administrator_gives_the_account_back(
    platform: Platform, taken: Taken, role: Role
) -> None:
    owner_resets_the_password(taken.owner)
    before = len(platform.events)
    platform.adapters.mailer.sent.clear()
    answer = rescued(platform, taken.tenant, role)
    if role not in {Role.OWNER, Role.ADMIN}:
        assert (answer.status, answer.code) == (403, "forbidden")
        assert (platform.events[before:], platform.adapters.mailer.sent) == ([], [])
        assert set(taken.owner.sign_in(password=OTHER).json()) == {"step"}
        return
    assert (answer.status, answer.json()) == (200, {"removed": 2, "userId": taken.tenant.user})
    events = [e for e in platform.events[before:] if e.action.value == "factor.removed"]
    assert [event.meta["kind"] for event in events] == ["totp", "passkey"]
    assert {(e.subject, e.actor.kind.value) for e in events} == {(taken.tenant.user, "operator")}
    (mail,) = platform.adapters.mailer.sent
    assert (mail.to, "were removed" in mail.subject) == (taken.tenant.email, True)
    assert "redirectTo" in taken.owner.sign_in(password=OTHER).json()
    factors = platform.adapters.factors.of(taken.person)
    assert (factors.totp, factors.recovery) == (None, None)
    assert shown(Visitor(platform, taken.tenant), taken.device).code == "signin_refused"


def test_whatever_was_begun_before_is_over(platform: Platform, taken: Taken) -> None:
    elsewhere = Visitor(platform, taken.tenant)
    platform.adapters.clock.pause(60)
    challenge = elsewhere.sign_in().json()["step"]["challenge"]
    ceremony = asked(elsewhere)
    step = {"challenge": challenge, "code": taken.authenticator.code()}
    thief = taken.thief.visitor
    code = code_of(thief.step("continue").json()["redirectTo"])
    words = thief.exchange(code_of(thief.step("continue").json()["redirectTo"])).json()
    before = len(platform.events)
    assert rescued(platform, taken.tenant).status == 200
    assert elsewhere.step("steps/totp", **step).code == "challenge_ended"
    said = taken.device.show(ceremony["options"])
    assert handed(elsewhere, ceremony["challenge"], said).code == "signin_refused"
    assert thief.step("continue").code == "token_missing"
    assert thief.exchange(code).status == 400
    session = send("GET", "/api/v1/sessions", token=words["access_token"])
    assert session.code == "token_superseded"
    assert taken.thief.ask("GET", "/factors").code == "token_superseded"
    ended = [e for e in platform.events[before:] if e.action.value == "session.logged_out"]
    assert {event.actor.kind.value for event in ended} == {"operator"}


def test_where_a_second_factor_is_demanded_another_one_is_set_up(
    platform: Platform, taken: Taken
) -> None:
    token = platform.member_token(taken.tenant.workspace)
    send("PATCH", "/api/v1/workspaces", token=token, body={"requireMfa": True})
    assert rescued(platform, taken.tenant).status == 200
    step = taken.owner.sign_in().json()["step"]
    assert step["kind"] == "enrolment"
    assert step["setup"]["secret"] != taken.authenticator.secret


def test_whoever_has_no_factors_is_signed_out_all_the_same(platform: Platform) -> None:
    home = home_of(platform)
    for _ in range(2):
        assert rescued(platform, home.tenant).json()["removed"] == 0
        assert home.ask("GET", "/factors").code == "token_superseded"
        home = home_at(platform, home.tenant)


def test_neighbours_and_others_keep_their_factors(platform: Platform, taken: Taken) -> None:
    other = home_of(platform, "globex")
    set_up(other)
    before = len(platform.events)
    for tenant, user in (
        (other.tenant, str(taken.tenant.user)),
        (taken.tenant, str(new_user_id())),
        (taken.tenant, "0"),
        (taken.tenant, "9" * 40),
        (taken.tenant, "x"),
        (taken.tenant, "%C2%B2"),
    ):
        token = platform.member_token(tenant.workspace)
        answer = send("POST", f"/api/v1/users/{user}/remove-factors", token=token)
        assert (answer.status, answer.code) == (404, "not_found")
    assert platform.actions_since(before) == []
    assert taken.thief.ask("GET", "/factors").json()["totp"] is not None
    assert rescued(platform, taken.tenant).status == 200
    assert other.ask("GET", "/factors").json()["totp"] is not None


def test_a_visitor_without_an_account_loses_nothing(platform: Platform) -> None:
    tenant = platform.tenant(visitors=VisitorUse.ALLOWED)
    visitor = Visitor(platform, tenant)
    tokens = visitor.exchange(code_of(visitor.step("visit").json()["redirectTo"])).json()
    said = send("GET", "/api/v1/sessions/identity", token=tokens["access_token"]).json()
    tenant.user = said["userId"]
    answer = rescued(platform, tenant)
    assert (answer.status, answer.code) == (404, "not_found")
    assert send("GET", "/api/v1/sessions", token=tokens["access_token"]).status == 200


def test_operators_do_not_rid_themselves_of_their_own(platform: Platform) -> None:
    desk = desk_on(platform)
    for user in (desk.operator, platform.user(desk.console, "oscar@acme.example")):
        member = Member(workspace=desk.console.id, operator=user, role=Role.OWNER, since=0)
        platform.adapters.members.put(member)
    token = send(
        "POST",
        "/api/v1/auth/member-token",
        token=desk.id_token(),
        body={"workspaceName": "console"},
    ).json()["memberToken"]
    own = send("POST", f"/api/v1/users/{desk.operator}/remove-factors", token=token)
    assert (own.status, own.code) == (403, "forbidden")
    other = send("POST", f"/api/v1/users/{user}/remove-factors", token=token)
    assert other.json() == {"removed": 0, "userId": user}


@pytest.mark.parametrize(
    ("token", "code"),
    [(None, "token_missing"), ("x.y.z", "token_invalid"), ("session", "token_invalid")],
)
def test_nobody_else_removes_them(
    platform: Platform, taken: Taken, token: str | None, code: str
) -> None:
    text = platform.token(taken.tenant) if token == "session" else token
    path = f"/api/v1/users/{taken.tenant.user}/remove-factors"
    answer = send("POST", path, token=text)
    assert (answer.status, answer.code) == (401, code)
    own = send("POST", path, token=taken.thief.token)
    assert (own.status, own.code) == (401, "token_invalid")
