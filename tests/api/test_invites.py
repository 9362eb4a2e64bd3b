"""Invites: made by operators, mailed, shown by a browser, used once."""

import re
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.limits import INVITES_PER_DAY
from chalicelib.domain.workspaces import Role
from tests.api.desk import Desk, desk_on
from tests.api.platform import OWN_ORIGIN, PAGE, Answer, Platform, Tenant, send
from tests.api.test_identity_providers import ISSUER, chosen
from tests.api.test_sso import signed_in
from tests.api.visitor import OWN_PAGE, PASSWORD, Visitor, account
from tests.contracts.directory import at_once

INVITES = "/api/v1/invites"
EMAIL = "nora@acme.example"
NEVER = f"{INVITES}/iaaaaaaaaaaaaaaaaaaaa"
ROUTES: list[tuple[str, str, Any]] = [
    ("POST", INVITES, {"email": EMAIL}),
    ("GET", INVITES, None),
    ("DELETE", NEVER, None),
]
WEEK = 7 * 86_400


@pytest.fixture
def desk(platform: Platform) -> Desk:
    desk = desk_on(platform)
    answer = send("PATCH", "/api/v1/workspaces", token=desk.token(), body={"openSignup": False})
    assert answer.json()["openSignup"] is False
    return desk


@pytest.fixture
def visitor(desk: Desk) -> Visitor:
    return Visitor(desk.platform, desk.tenant)


def made(desk: Desk, email: str = EMAIL, **words: Any) -> Any:
    answer = send("POST", INVITES, token=desk.token(), body={"email": email, **words})
    assert answer.status == 201, answer.body
    return answer.json()


def listed(desk: Desk) -> Any:
    return send("GET", INVITES, token=desk.token()).json()["items"]


def mailed_secret(platform: Platform) -> str:
    """The secret in the newest mail's link."""
    found = re.search(r"#invite=(sfi_[A-Za-z0-9_-]{43})\b", platform.adapters.mailer.sent[-1].text)
    assert found is not None
    return found[1]


def follow(visitor: Visitor, secret: str, slug: str | None = None) -> Answer:
    """What the page of the link posts."""
    body = {"workspaceName": slug or visitor.slug, "invite": secret}
    answer = send("POST", "/api/v1/login/invite", body=body, headers=OWN_PAGE)
    for line in answer.cookies:
        name, _, value = line.split(";")[0].partition("=")
        visitor.cookies[name] = value
    return answer


def invited(desk: Desk, visitor: Visitor, email: str = EMAIL, **words: Any) -> Any:
    invite = made(desk, email, **words)
    assert follow(visitor, mailed_secret(desk.platform)).status == 200
    return invite


def typed(visitor: Visitor, answer: Answer) -> Answer:
    assert answer.status == 200, answer.body
    challenge = answer.json()["challenge"]
    return visitor.step("sign-up/verify", challenge=challenge, code=visitor.typed_code())


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_only_a_member_token_of_now_opens_the_invites(
    desk: Desk, method: str, path: str, body: Any
) -> None:
    call = partial(desk.unchanged, partial(send, method, path, body=body))
    answer = call()
    assert (answer.status, answer.code) == (401, "token_missing")
    for other in (desk.platform.token(desk.tenant), desk.id_token(), "x.y.z"):
        answer = desk.unchanged(partial(send, method, path, body=body, token=other))
        assert (answer.status, answer.code) == (401, "token_invalid")
    headers = {"origin": PAGE}
    token = desk.token()
    answer = desk.unchanged(partial(send, method, path, body=body, token=token, headers=headers))
    assert (answer.status, answer.code) == (403, "origin_not_allowed")
    desk.platform.adapters.clock.pause(600)
    answer = desk.unchanged(partial(send, method, path, body=body, token=token))
    assert (answer.status, answer.code) == (401, "token_expired")
    assert desk.platform.adapters.mailer.sent == []


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SUPPORT])
def test_a_smaller_role_invites_nobody(
    desk: Desk, method: str, path: str, body: Any, role: Role
) -> None:
    token = desk.token(role)
    answer = desk.unchanged(lambda: send(method, path, token=token, body=body))
    assert (answer.status, answer.code) == (403, "forbidden")
    assert desk.platform.adapters.mailer.sent == []


def test_only_the_mail_has_the_secret(desk: Desk) -> None:
    count, now = len(desk.platform.events), desk.platform.adapters.clock.now()
    shown = made(desk, "  Nora@ACME.example", appId="notes")
    assert shown == {
        "inviteId": shown["inviteId"],
        "email": "nora@acme.example",
        "appId": "notes",
        "status": "open",
        "createdAt": now,
        "expiresAt": now + WEEK,
        "redeemedBy": None,
    }
    assert listed(desk) == [shown]
    (event,) = desk.platform.events[count:]
    assert (event.action, event.actor.kind, event.app) == ("invite.created", "operator", "notes")
    assert event.meta == {"invite": shown["inviteId"], "exp": now + WEEK}
    (mail,) = desk.platform.adapters.mailer.sent
    assert (mail.to, mail.subject) == ("nora@acme.example", "You are invited to Notes")
    secret = mailed_secret(desk.platform)
    link = f"{OWN_ORIGIN}/app/sessions/login?workspace_name=acme#invite={secret}"
    assert link in mail.text
    assert f'href="{link}"' in mail.html
    (stored,) = desk.platform.adapters.invites.of(desk.workspace.id, before=None, limit=9)
    assert secret not in repr(stored)
    assert "nora@" not in repr(stored)
    assert stored.email is not None
    assert b"nora@" not in stored.email.sealed.ciphertext


def test_whoever_is_invited_makes_an_account_where_nobody_else_does(
    desk: Desk, visitor: Visitor
) -> None:
    assert visitor.step("context").json()["signUp"] is False
    assert visitor.sign_up(EMAIL).code == "forbidden"
    made(desk, appId="notes")
    shown = follow(visitor, mailed_secret(desk.platform))
    assert shown.json() == {
        "workspace": {"name": "Acme"},
        "application": {"appId": "notes", "name": "Notes", "color": None},
        "email": EMAIL,
        "startAt": PAGE,
    }
    (line,) = shown.cookies
    assert line.endswith("; Max-Age=86400; Path=/; Secure; HttpOnly; SameSite=Lax")
    context = visitor.step("context").json()
    assert (context["signUp"], context["invited"]) == (True, EMAIL)
    count = len(desk.platform.events)
    answer = typed(visitor, visitor.sign_up(EMAIL))
    assert "redirectTo" in answer.json()
    assert sorted(desk.platform.actions_since(count)) == [
        "invite.redeemed",
        "signin.succeeded",
        "user.created",
    ]
    (one,) = listed(desk)
    assert (one["status"], one["email"]) == ("redeemed", None)
    assert one["redeemedBy"] == desk.platform.events[-1].subject
    assert visitor.step("context").json()["invited"] is None


def test_an_invite_to_no_application_is_redeemed_at_ones_own_account(
    desk: Desk, visitor: Visitor
) -> None:
    made(desk)
    shown = follow(visitor, mailed_secret(desk.platform))
    assert (shown.json()["application"], shown.json()["startAt"]) == (None, None)
    home = {"workspace_name": "acme", "client_id": "dashboard"}
    context = visitor.step("context", request=home).json()
    assert (context["signUp"], context["invited"]) == (True, EMAIL)
    begun = visitor.step("sign-up", request=home, email=EMAIL, password=PASSWORD)
    sent = {"challenge": begun.json()["challenge"], "code": visitor.typed_code()}
    answer = visitor.step("sign-up/verify", request=home, **sent)
    assert answer.json()["redirectTo"].endswith("/app/self?workspace=acme")
    (one,) = listed(desk)
    assert one["status"] == "redeemed"


def test_following_a_link_redeems_nothing_however_often(desk: Desk, visitor: Visitor) -> None:
    made(desk)
    secret, count = mailed_secret(desk.platform), len(desk.platform.events)
    for _ in range(3):
        scanner = Visitor(desk.platform, desk.tenant)
        assert follow(scanner, secret).status == 200
    assert desk.platform.actions_since(count) == []
    assert follow(visitor, secret).json()["application"] is None
    assert typed(visitor, visitor.sign_up(EMAIL)).status == 200


def test_an_invite_is_for_one_address(desk: Desk, visitor: Visitor) -> None:
    invited(desk, visitor)
    sent = len(desk.platform.adapters.mailer.sent)
    answer = visitor.sign_up("other@acme.example")
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert answer.json()["errors"][0]["pointer"] == "/email"
    assert len(desk.platform.adapters.mailer.sent) == sent
    assert typed(visitor, visitor.sign_up("NORA@acme.example")).status == 200


def test_the_address_is_proven_by_the_typed_code_and_by_nothing_else(
    desk: Desk, visitor: Visitor
) -> None:
    invited(desk, visitor)
    challenge = visitor.sign_up(EMAIL).json()["challenge"]
    count = len(desk.platform.events)
    answer = visitor.step("sign-up/verify", challenge=challenge, code="000000")
    assert answer.code == "signin_refused"
    assert desk.platform.actions_since(count) == ["signin.failed"]
    assert listed(desk)[0]["status"] == "open"


@pytest.mark.parametrize("why", ["revoked", "over", "used"])
def test_what_is_not_open_any_more_is_told_and_permits_nothing(
    desk: Desk, visitor: Visitor, why: str
) -> None:
    invite = invited(desk, visitor)
    secret = mailed_secret(desk.platform)
    waiting = visitor.sign_up(EMAIL)
    code = visitor.typed_code()
    if why == "revoked":
        path = f"{INVITES}/{invite['inviteId']}"
        answer = send("DELETE", path, token=desk.token())
        assert answer.json() == {"revoked": True, "inviteId": invite["inviteId"]}
        assert desk.platform.events[-1].action == "invite.revoked"
        again = desk.unchanged(lambda: send("DELETE", path, token=desk.token()))
        assert (again.status, again.code) == (404, "not_found")
    if why == "over":
        desk.platform.adapters.clock.pause(WEEK)
    if why == "used":
        other = Visitor(desk.platform, desk.tenant)
        follow(other, secret)
        assert typed(other, other.sign_up(EMAIL)).status == 200
    shown = follow(Visitor(desk.platform, desk.tenant), secret)
    assert (shown.status, shown.code, shown.cookies) == (410, "challenge_ended", [])
    assert visitor.step("context").json()["invited"] is None
    assert visitor.sign_up("late@acme.example").code == "forbidden"
    assert listed(desk)[0]["status"] == {"over": "expired", "used": "redeemed"}.get(why, why)
    challenge = waiting.json()["challenge"]
    answer = visitor.step("sign-up/verify", challenge=challenge, code=code)
    assert (answer.status, answer.code) == (410, "challenge_ended")


def test_of_three_sign_ups_by_one_invite_one_makes_an_account(desk: Desk) -> None:
    made(desk)
    secret = mailed_secret(desk.platform)
    waiting = []
    for _ in range(3):
        visitor = Visitor(desk.platform, desk.tenant)
        follow(visitor, secret)
        challenge = visitor.sign_up(EMAIL).json()["challenge"]
        waiting.append((visitor, challenge, visitor.typed_code()))
    count = len(desk.platform.events)
    answers = at_once(
        [
            partial(visitor.step, "sign-up/verify", challenge=challenge, code=code)
            for visitor, challenge, code in waiting
        ]
    )
    assert [answer.status for answer in answers].count(200) == 1
    actions = desk.platform.actions_since(count)
    assert (actions.count("user.created"), actions.count("invite.redeemed")) == (1, 1)


def test_next_door_an_invite_is_worth_nothing(desk: Desk) -> None:
    invite = made(desk)
    other = desk.platform.tenant("globex")
    visitor = Visitor(desk.platform, other)
    answer = follow(visitor, mailed_secret(desk.platform))
    assert (answer.status, answer.code) == (410, "challenge_ended")
    token = desk.platform.member_token(other.workspace)
    assert send("GET", INVITES, token=token).json() == {"items": [], "nextCursor": None}
    path = f"{INVITES}/{invite['inviteId']}"
    gone = desk.unchanged(lambda: send("DELETE", path, token=token))
    assert (gone.status, gone.code) == (404, "not_found")
    assert listed(desk)[0]["status"] == "open"


@pytest.mark.parametrize(
    "secret", ["", "sfi_", "sfi_" + "A" * 43, "x" * 47, "sfi_" + "A" * 42 + "#", "sfi_" + "é" * 43]
)
def test_what_is_no_invite_is_answered_as_one_that_is_over(visitor: Visitor, secret: str) -> None:
    answer = follow(visitor, secret)
    assert (answer.status, answer.code) == (410, "challenge_ended")


def test_only_the_platforms_own_page_shows_an_invite(desk: Desk) -> None:
    made(desk)
    body = {"workspaceName": "acme", "invite": mailed_secret(desk.platform)}
    for headers in ({}, {"origin": PAGE, "x-secureflows": "1"}, {"origin": OWN_ORIGIN}):
        answer = send("POST", "/api/v1/login/invite", body=body, headers=headers)
        assert (answer.status, answer.code) == (403, "origin_not_allowed")


def test_where_everybody_may_come_an_invite_is_redeemed_all_the_same(platform: Platform) -> None:
    desk = desk_on(platform)
    visitor = Visitor(platform, desk.tenant)
    invited(desk, visitor)
    assert typed(visitor, visitor.sign_up("other@acme.example")).status == 200
    assert listed(desk)[0]["status"] == "open"
    assert typed(visitor, visitor.sign_up(EMAIL)).status == 200
    assert listed(desk)[0]["status"] == "redeemed"


def test_a_provider_elsewhere_lets_in_whom_an_invite_names(desk: Desk) -> None:
    desk.platform.adapters.identity_providers.add(ISSUER)
    chosen(desk, makesUsers=False)
    stranger, guest = (Visitor(desk.platform, desk.tenant) for _ in range(2))
    assert signed_in(desk, stranger).code == "forbidden"
    invited(desk, guest, "somebody.else@acme.example")
    assert signed_in(desk, guest).code == "forbidden"
    invited(desk, guest)
    count = len(desk.platform.events)
    assert "redirectTo" in signed_in(desk, guest).json()
    assert sorted(desk.platform.actions_since(count)) == [
        "invite.redeemed",
        "signin.succeeded",
        "user.created",
        "workspace.settings_changed",
    ]
    assert sorted(one["status"] for one in listed(desk)) == ["open", "redeemed"]


def test_whoever_has_an_account_is_not_invited(desk: Desk) -> None:
    account(desk.platform, desk.workspace, EMAIL)
    token, body = desk.token(), {"email": EMAIL}
    answer = desk.unchanged(lambda: send("POST", INVITES, token=token, body=body))
    assert (answer.status, answer.code) == (409, "duplicate")


def test_they_come_by_pages(desk: Desk) -> None:
    for number in range(53):
        made(desk, f"guest-{number}@acme.example")
        desk.platform.adapters.clock.pause(1)
    token = desk.token()
    page = send("GET", INVITES, token=token).json()
    rest = send("GET", f"{INVITES}?cursor={page['nextCursor']}", token=token).json()
    assert (len(page["items"]), len(rest["items"]), rest["nextCursor"]) == (50, 3, None)
    emails = [one["email"] for one in (*page["items"], *rest["items"])]
    assert emails == [f"guest-{number}@acme.example" for number in reversed(range(53))]
    answer = send("GET", f"{INVITES}?cursor=AAAA", token=token)
    assert (answer.status, answer.code) == (400, "invalid_input")


def test_nobody_is_written_to_without_end(desk: Desk) -> None:
    for _ in range(5):
        made(desk)
    token, body = desk.token(), {"email": EMAIL}
    answer = desk.unchanged(lambda: send("POST", INVITES, token=token, body=body))
    assert (answer.status, answer.code) == (429, "rate_limited")
    guesses = desk.platform.services.hosted.guard.guesses
    for _ in range(INVITES_PER_DAY):
        try:
            guesses.admit_invite(desk.workspace.id)
        except Exception:  # noqa: BLE001 - the last few are one too many
            break
    body = {"email": "somebody@acme.example"}
    answer = desk.unchanged(lambda: send("POST", INVITES, token=token, body=body))
    assert (answer.status, answer.code) == (429, "rate_limited")


@pytest.mark.parametrize(
    "words",
    [
        {"email": "nobody"},
        {"email": ""},
        {"email": "a" * 401},
        {"ttlSeconds": 59},
        {"ttlSeconds": 30 * 86_400 + 1},
        {"ttlSeconds": "week"},
        {"unknown": True},
    ],
)
def test_what_means_nothing_invites_nobody(desk: Desk, words: dict[str, Any]) -> None:
    token, body = desk.token(), {"email": EMAIL, **words}
    answer = desk.unchanged(lambda: send("POST", INVITES, token=token, body=body))
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert desk.platform.adapters.mailer.sent == []


def test_an_application_of_nobody_is_not_there(desk: Desk) -> None:
    token, body = desk.token(), {"email": EMAIL, "appId": "never"}
    answer = desk.unchanged(lambda: send("POST", INVITES, token=token, body=body))
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize("name", ["x", "i" + "a" * 19, "i" + "A" * 20, "%00", "a%23b"])
def test_what_is_no_id_is_refused(desk: Desk, name: str) -> None:
    answer = desk.unchanged(lambda: send("DELETE", f"{INVITES}/{name}", token=desk.token()))
    assert (answer.status, answer.code) == (400, "invalid_input")


def test_an_invite_serves_no_other_tenant_of_the_browser(desk: Desk, visitor: Visitor) -> None:
    invited(desk, visitor)
    other = desk.platform.tenant("globex")
    send(
        "PATCH",
        "/api/v1/workspaces",
        token=desk.platform.member_token(other.workspace),
        body={"openSignup": False},
    )
    there = Visitor(desk.platform, Tenant(other.workspace, other.application, other.user, ""))
    mine = visitor.cookies[f"__Host-sfi-{desk.workspace.id}"]
    there.cookies = {f"__Host-sfi-{other.workspace.id}": mine, **visitor.cookies}
    assert there.step("context").json()["invited"] is None
    assert there.sign_up(EMAIL, PASSWORD).code == "forbidden"
