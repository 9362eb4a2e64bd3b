"""People who delete their account: what goes, who is refused, and what is told."""

import pytest

from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.backups import DEPLOYMENT
from chalicelib.domain.ids import CONSOLE, UserId
from chalicelib.domain.sessions import Person
from chalicelib.domain.workspaces import Member, Role
from tests.api.exchange import BEGINNINGS, RENEW
from tests.api.own import Home, home_at, home_of
from tests.api.platform import Answer, Platform, Tenant, send
from tests.api.visitor import PASSWORD, Visitor, account
from tests.builders import some_event

DAY = 86_400


@pytest.fixture
def home(platform: Platform) -> Home:
    return home_of(platform)


def erase(home: Home) -> Answer:
    return home.ask("DELETE", "")


def finish(platform: Platform) -> None:
    """What the job does, two minutes later."""
    platform.adapters.clock.pause(120)
    assert platform.services.erasing.remnants.finish(limit=9)["finished"] == 1


def person(home: Home) -> Person:
    return Person(home.tenant.workspace.id, home.tenant.user)


def test_an_account_is_deleted_with_a_certificate(platform: Platform, home: Home) -> None:
    application = Visitor(platform, home.tenant)
    application.exchange(application.code())
    before = len(platform.events)
    answer = erase(home)
    assert answer.status == 200
    now = platform.adapters.clock.now()
    body = answer.json()
    assert body == {
        "erased": True,
        "record": body["record"],
        "erasedAt": now,
        "keysGoneAt": now + 8 * DAY,
        "destroyed": {
            "sessions": 1,
            "signIns": 2,
            "refreshTokens": 0,
            "knownBrowsers": 2,
            "passkeys": 0,
            "authenticators": 0,
        },
    }
    assert platform.actions_since(before) == ["key.destroyed", "user.erased", "session.revoked"]
    for event in platform.events[before:]:
        assert event.actor == Actor(ActorKind.USER, home.tenant.user)
        assert event.subject == home.tenant.user


def test_the_browser_forgets_it(home: Home) -> None:
    (cookie,) = erase(home).cookies
    assert cookie.startswith("__Host-sf-")
    assert "Max-Age=0" in cookie


def test_nothing_of_before_is_let_in_at_the_next_request(platform: Platform, home: Home) -> None:
    other, application = home_at(platform, home.tenant), Visitor(platform, home.tenant)
    code = application.code()
    tokens = application.exchange(application.code()).json()
    assert erase(home).status == 200
    assert erase(home).code == "token_superseded"
    assert other.ask("GET", "").code == "token_superseded"
    assert other.post("/member-token").code == "token_missing"
    assert send("GET", "/api/v1/sessions", token=tokens["access_token"]).code == "session_ended"
    for path in BEGINNINGS:
        begun = send("POST", path, token=tokens["id_token"], body={"workspaceName": "acme"})
        assert begun.code == "token_superseded", path
    renewal = {"sessionToken": tokens["access_token"]}
    assert send("POST", RENEW, token=tokens["id_token"], body=renewal).code == "session_ended"
    assert send("GET", "/oidc/acme/userinfo", token=tokens["access_token"]).status == 410
    assert application.exchange(code).json()["error"] == "invalid_grant"
    assert other.visitor.step("continue").code == "token_missing"
    assert other.visitor.sign_in().code == "signin_refused"


def test_a_stale_sign_in_has_to_be_proven_anew(platform: Platform, home: Home) -> None:
    platform.adapters.clock.pause(660)
    assert home.post("/member-token").status == 200
    assert erase(home).code == "step_up_required"
    home.step_up()
    assert erase(home).status == 200


def test_the_address_is_told_and_free(platform: Platform, home: Home) -> None:
    platform.adapters.mailer.sent.clear()
    erase(home)
    (mail,) = platform.adapters.mailer.sent
    assert (mail.to, mail.subject) == (home.tenant.email, "Your account for Acme is deleted")
    again = account(platform, home.tenant.workspace, home.tenant.email)
    assert again.person.user != home.tenant.user
    home.tenant.user = again.person.user
    token = Visitor(platform, home.tenant)
    access = token.exchange(token.code()).json()["access_token"]
    assert send("GET", "/api/v1/sessions", token=access).json() == {}
    finish(platform)
    assert send("GET", "/api/v1/sessions", token=access).status == 200
    assert home_at(platform, home.tenant).ask("GET", "").status == 200


def test_two_minutes_later_the_person_is_no_more(platform: Platform, home: Home) -> None:
    erase(home)
    finish(platform)
    assert platform.adapters.users.get(person(home)) is None
    assert platform.adapters.sessions.of_person(person(home)) == []
    assert home.ask("GET", "").code == "token_superseded"


def test_a_held_account_stays_and_says_why(platform: Platform, home: Home) -> None:
    platform.adapters.erasures.hold(person(home))
    answer = erase(home)
    assert (answer.status, answer.code) == (409, "erasure_refused")
    assert "legal hold" in answer.json()["detail"]
    assert home.ask("GET", "").status == 200


def test_the_newest_backup_of_keys_says_when_the_last_copy_is_gone(
    platform: Platform, home: Home
) -> None:
    now = platform.adapters.clock.now()
    for name, at in (
        ("keys/20270114T220000Z-01J", now - 10 * 3600),
        ("keys/20270115T023000Z-01J", now - 5 * 3600),
        ("data/20270115T060000Z-01J", now - 2 * 3600),
    ):
        platform.adapters.audit.append(
            some_event(
                DEPLOYMENT, action=AuditAction.BACKUP_MADE, at=at * 1_000, meta={"backup": name}
            )
        )
    assert now == 1_800_000_000
    assert erase(home).json()["keysGoneAt"] == 1_799_980_200 + 8 * DAY


def operator(platform: Platform) -> Home:
    """An operator at their own account in the console's workspace."""
    console = platform.services.deployment.prepare()
    tenant = platform.tenant("acme")
    email = "olga@acme.example"
    user = account(platform, console, email).person.user
    own = Tenant(console, tenant.application, user, email)
    home = Home(Visitor(platform, own))
    home.token = platform.person_token(own)
    return home


def join(platform: Platform, home: Home, slug: str, role: Role, *owners: int) -> None:
    workspace = platform.services.workspaces.named(slug).id
    for former in platform.adapters.members.of(workspace):
        event = some_event(workspace)
        platform.adapters.members.remove(former, owner=None, event=event)
    for uid, held in ((home.tenant.user, role), *((UserId(uid), Role.OWNER) for uid in owners)):
        platform.adapters.members.put(Member(workspace, uid, held, since=0))


def test_the_last_owner_of_a_workspace_cannot_vanish(platform: Platform) -> None:
    home = operator(platform)
    join(platform, home, "acme", Role.OWNER)
    answer = erase(home)
    assert (answer.status, answer.code) == (409, "erasure_refused")
    assert "the only owner of acme. Give each" in answer.json()["detail"]
    assert home.ask("GET", "").status == 200


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_one_who_is_not_alone_leaves(platform: Platform, role: Role) -> None:
    home = operator(platform)
    join(platform, home, "acme", role, 10**15 + 7)
    assert erase(home).status == 200
    workspace = platform.services.workspaces.named("acme").id
    (left,) = platform.adapters.members.of(workspace)
    assert left.operator == 10**15 + 7
    assert "member.removed" in platform.actions_since(0)


def test_a_number_that_is_an_operators_elsewhere_owns_nothing(
    platform: Platform, home: Home
) -> None:
    platform.services.deployment.prepare()
    join(platform, home, "acme", Role.OWNER)
    assert platform.services.workspaces.named(CONSOLE)
    assert erase(home).status == 200
    assert platform.adapters.members.of(home.tenant.workspace.id)


def test_neighbours_keep_what_is_theirs(platform: Platform, home: Home) -> None:
    other = home_of(platform, "globex")
    erase(home)
    finish(platform)
    assert other.ask("GET", "").json()["email"] == other.tenant.email
    assert other.visitor.sign_in(password=PASSWORD).status == 200


def test_to_operators_too_the_person_is_no_more(platform: Platform, home: Home) -> None:
    erase(home)
    token = platform.member_token(home.tenant.workspace)
    answer = send("POST", f"/api/v1/users/{home.tenant.user}/unlock", token=token)
    assert (answer.status, answer.code) == (404, "not_found")
