"""Whose browser it is: what strangers can do to a person, and what the person is told."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.ids import new_user_id
from chalicelib.domain.workspaces import Role
from tests.api.platform import Answer, Platform, Tenant, send
from tests.api.visitor import PASSWORD, Visitor, account, code_of

WRONG = "not this one at all"
UNKNOWN = "nobody@acme.example"
DAY = 86_400


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    """A tenant whose person has had an account for a day."""
    tenant = platform.tenant()
    platform.adapters.clock.pause(DAY)
    return tenant


@pytest.fixture
def owner(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant, ip="198.51.100.1")


@pytest.fixture
def stranger(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant, ip="203.0.113.9")


def mark_of(visitor: Visitor) -> str:
    return visitor.cookies[mark_name(visitor)]


def mark_name(visitor: Visitor) -> str:
    return f"__Host-sfk-{visitor.tenant.workspace.id}"


def seen(answer: Answer) -> tuple[int, object, str | None, set[str]]:
    told = answer.json()
    return (
        answer.status,
        told.get("triesLeft"),
        answer.headers.get("retry-after"),
        {*told} - {"requestId"},
    )


def told(event: AuditEvent) -> tuple[str, object, object]:
    return event.action.value, event.meta["reason"], event.subject


def is_known(visitor: Visitor) -> object:
    """What the trail says of the browser after a sign-in."""
    assert visitor.sign_in().status == 200
    return visitor.platform.events[-1].meta["device"]


def guess_until_locked(platform: Platform, stranger: Visitor, email: str) -> Answer:
    """Guess as fast as the delays allow, up to the answer that says to come back another day."""
    for _ in range(100):
        answer = stranger.sign_in(email, WRONG)
        assert answer.status == 403
        more = stranger.sign_in(email, WRONG) if answer.json()["triesLeft"] == 0 else None
        if more is not None and int(more.headers["retry-after"]) <= 900:
            platform.adapters.clock.pause(int(more.headers["retry-after"]))
    return stranger.sign_in(email, WRONG)


def owner_signs_in(owner: Visitor) -> None:
    assert owner.sign_in().status == 200


def owner_signs_in_twice(owner: Visitor) -> None:
    owner_signs_in(owner)
    owner_signs_in(owner)


def owner_resets_the_password(owner: Visitor) -> None:
    challenge = owner.step("password/forgot", email=owner.tenant.email).json()["challenge"]
    words = {"challenge": challenge, "code": owner.typed_code(), "password": PASSWORD + "!"}
    assert owner.step("password/reset", **words).status == 200


def nothing_happens(owner: Visitor) -> None:
    assert owner is not None


@pytest.mark.parametrize("wrong", range(1, 9))
@pytest.mark.parametrize(
    "act", [owner_signs_in, owner_signs_in_twice, owner_resets_the_password, nothing_happens]
)
def test_what_an_owner_does_tells_a_guesser_nothing(
    platform: Platform,
    owner: Visitor,
    stranger: Visitor,
    wrong: int,
    act: Callable[[Visitor], None],
) -> None:
    other = replace(stranger, ip="203.0.113.10", cookies={})

    def guesses() -> None:
        pairs = [
            (seen(stranger.sign_in(owner.tenant.email, WRONG)), seen(other.sign_in(UNKNOWN, WRONG)))
            for _ in range(wrong)
        ]
        assert [known for known, _ in pairs] == [unknown for _, unknown in pairs]

    guesses()
    platform.adapters.clock.pause(5)
    act(owner)
    guesses()
    platform.adapters.clock.pause(5)
    guesses()


def test_a_known_browser_is_never_delayed_by_strangers(
    platform: Platform, owner: Visitor, stranger: Visitor
) -> None:
    owner.sign_in()
    locked = guess_until_locked(platform, stranger, owner.tenant.email)
    assert (locked.status, locked.code) == (429, "rate_limited")
    assert int(locked.headers["retry-after"]) > 900
    for _ in range(10):
        assert owner.sign_in().status == 200
    same_network = replace(owner, ip=stranger.ip, cookies=dict(owner.cookies))
    assert same_network.sign_in().status == 200
    elsewhere = replace(owner, cookies={})
    assert elsewhere.sign_in().headers["retry-after"] == locked.headers["retry-after"]


def test_a_known_browser_has_a_price_of_its_own(owner: Visitor, stranger: Visitor) -> None:
    owner.sign_in()
    left = [owner.sign_in(password=WRONG).json()["triesLeft"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert owner.sign_in().code == "rate_limited"
    assert stranger.sign_in(password=WRONG).json()["triesLeft"] == 4


def test_the_browser_of_somebody_else_is_a_stranger_s(
    platform: Platform, owner: Visitor, stranger: Visitor
) -> None:
    account(platform, owner.tenant.workspace, "mallory@acme.example")
    assert stranger.sign_in("mallory@acme.example").status == 200
    for left in (4, 3, 2, 1, 0):
        assert stranger.sign_in(owner.tenant.email, WRONG).json()["triesLeft"] == left
    fresh = replace(stranger, ip="203.0.113.10", cookies={})
    assert fresh.sign_in(owner.tenant.email, WRONG).code == "rate_limited"


def test_a_browser_of_another_workspace_is_a_stranger_s(platform: Platform, owner: Visitor) -> None:
    owner.sign_in()
    neighbour = Visitor(platform, platform.tenant("neighbour"))
    neighbour.cookies[mark_name(neighbour)] = mark_of(owner)
    assert is_known(neighbour) == "new"


@pytest.mark.parametrize(
    "mark", ["", "A" * 43, ".".join(["A" * 43] * 50), "a.b.c", "é" * 43, '"' + "A" * 43 + '"']
)
def test_a_mark_that_is_none_is_a_stranger_s(owner: Visitor, mark: str) -> None:
    owner.cookies[mark_name(owner)] = mark
    assert is_known(owner) == "new"
    assert is_known(owner) == "known"


def test_a_planted_mark_never_comes_to_mean_the_person(
    platform: Platform, owner: Visitor, stranger: Visitor
) -> None:
    account(platform, owner.tenant.workspace, "mallory@acme.example")
    stranger.sign_in("mallory@acme.example")
    planted = mark_of(stranger)
    owner.cookies[mark_name(owner)] = planted
    owner.sign_in()
    assert mark_of(owner) != planted
    again = Visitor(platform, owner.tenant, {mark_name(owner): planted}, ip=stranger.ip)
    assert is_known(again) == "new"


def test_a_mark_is_new_at_every_sign_in_and_the_old_one_is_a_stranger_s(
    platform: Platform, owner: Visitor
) -> None:
    owner.sign_in()
    first = mark_of(owner)
    assert is_known(owner) == "known"
    assert mark_of(owner) != first
    old = Visitor(platform, owner.tenant, {mark_name(owner): first})
    assert is_known(old) == "new"


def test_a_mark_signs_nobody_in(platform: Platform, owner: Visitor) -> None:
    owner.sign_in()
    bare = Visitor(platform, owner.tenant, {mark_name(owner): mark_of(owner)})
    assert bare.step("context").json()["person"] is None
    assert bare.step("continue").code == "token_missing"


def test_a_mark_ends_after_half_a_year_without_a_sign_in(
    platform: Platform, owner: Visitor
) -> None:
    owner.sign_in()
    platform.adapters.clock.pause(180 * DAY - 1)
    assert is_known(owner) == "known"
    platform.adapters.clock.pause(180 * DAY)
    assert is_known(owner) == "new"


def test_up_to_four_people_share_a_browser_and_each_is_told_once(
    platform: Platform, owner: Visitor
) -> None:
    emails = [f"p{number}@acme.example" for number in range(5)]
    for email in emails:
        account(platform, owner.tenant.workspace, email)
    platform.adapters.clock.pause(DAY)

    def devices(of: list[str]) -> list[object]:
        found: list[object] = []
        for email in of:
            assert owner.sign_in(email).status == 200
            found.append(platform.events[-1].meta["device"])
        return found

    assert devices(emails[:4]) == ["new"] * 4
    assert devices(emails[:4] * 2) == ["known"] * 8
    assert [mail.to for mail in platform.adapters.mailer.sent] == emails[:4]
    assert devices(emails[4:]) == ["new"]
    assert devices(emails[:1]) == ["new"]
    assert devices(emails[2:5]) == ["known"] * 3


def test_another_password_makes_strangers_of_all_other_browsers(
    platform: Platform, owner: Visitor, stranger: Visitor
) -> None:
    owner.sign_in()
    stranger.sign_in()
    owner_resets_the_password(owner)
    for visitor, device in ((owner, "known"), (stranger, "new")):
        assert visitor.sign_in(password=PASSWORD + "!").status == 200
        assert platform.events[-1].meta["device"] == device


def test_unknown_people_cost_the_same_reads(platform: Platform, owner: Visitor) -> None:
    owner.sign_in()
    costs = []
    for email in (owner.tenant.email, UNKNOWN):
        before = platform.adapters.devices.reads
        assert owner.sign_in(email, WRONG).status == 403
        costs.append(platform.adapters.devices.reads - before)
    assert costs == [1, 1]


AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0 <b>Win</b>"


def test_a_person_is_told_once_of_a_new_browser(platform: Platform, owner: Visitor) -> None:
    owner.agent = AGENT
    owner.sign_in()
    owner.sign_in()
    (mail,) = platform.adapters.mailer.sent
    assert (mail.to, mail.subject) == (owner.tenant.email, "New sign-in to Notes")
    assert "Firefox on Linux" in mail.text
    assert "from a network that begins with 198.51." in mail.text
    assert "100.1" not in mail.text
    assert "Win" not in mail.text + mail.html


def test_nobody_is_told_of_the_browser_in_which_the_account_was_made(
    platform: Platform, owner: Visitor
) -> None:
    challenge = owner.sign_up("new@acme.example").json()["challenge"]
    owner.step("sign-up/verify", challenge=challenge, code=owner.typed_code())
    assert platform.events[-1].meta == {"method": "sign_up", "device": "new"}
    platform.adapters.clock.pause(DAY)
    assert owner.sign_in("new@acme.example").status == 200
    assert platform.events[-1].meta == {"method": "password", "device": "known"}
    assert [mail.subject[6:] for mail in platform.adapters.mailer.sent] == [
        " is your code for Notes"
    ]


def test_a_person_is_not_flooded_with_notices_and_asking_for_codes_hides_none(
    platform: Platform, owner: Visitor
) -> None:
    for _ in range(6):
        owner.step("password/forgot", email=owner.tenant.email)
    asked_for = len(platform.adapters.mailer.sent)
    for _ in range(7):
        assert replace(owner, cookies={}).sign_in().status == 200
    assert len(platform.adapters.mailer.sent) - asked_for == 5


def test_a_notice_that_cannot_be_sent_stops_nobody(platform: Platform, owner: Visitor) -> None:
    platform.adapters.mailer.is_reachable = False
    assert owner.sign_in().status == 200
    assert is_known(owner) == "known"
    assert platform.adapters.mailer.sent == []


def test_an_application_s_code_does_not_wait_for_the_device(
    platform: Platform, owner: Visitor
) -> None:
    location = owner.sign_in().json()["redirectTo"]
    assert owner.exchange(code_of(location)).status == 200
    assert platform.events[-1].action.value == "session.created"


@pytest.mark.parametrize("email", ["mira@acme.example", UNKNOWN])
def test_a_hundred_failures_across_delays_are_a_lock(
    platform: Platform, owner: Visitor, stranger: Visitor, email: str
) -> None:
    is_there = email == owner.tenant.email
    before = len(platform.events)
    locked = guess_until_locked(platform, stranger, email)
    end = platform.adapters.clock.now() // DAY * DAY + DAY
    assert locked.headers["retry-after"] == str(end - platform.adapters.clock.now())
    events = platform.events[before:]
    subject = owner.tenant.user if is_there else None
    reason = "password" if is_there else "unknown"
    assert [told(e) for e in events if e.action.value == "signin.locked"] == [
        ("signin.locked", reason, subject)
    ]
    assert sum(e.meta["reason"] == reason for e in events) == 101
    assert told(events[-1]) == ("signin.failed", "locked", subject)
    assert {e.meta["reason"] for e in events} == {reason, "delayed", "locked"}
    mails = platform.adapters.mailer.sent
    assert [mail.to for mail in mails] == ([email] if is_there else [])
    assert all("Many wrong tries" in mail.subject for mail in mails)


def test_the_answer_that_begins_a_lock_takes_as_long_for_nobody(
    platform: Platform, owner: Visitor, stranger: Visitor
) -> None:
    clock, took = platform.adapters.clock, []
    clock.pause(DAY - clock.now() % DAY)
    for email in (owner.tenant.email, UNKNOWN):
        guess = platform.services.hosted.guard.guesses
        workspace = owner.tenant.workspace.id
        for _ in range(99):
            one = guess.admit(workspace, email=email, ip="192.0.2.1")
            clock.pause(301)
            guess.failed(one)
        started = clock.monotonic()
        assert stranger.sign_in(email, WRONG).status == 403
        took.append(clock.monotonic() - started)
    assert took[0] == took[1] == pytest.approx(1.0)


def test_a_lock_ends_by_itself(platform: Platform, owner: Visitor, stranger: Visitor) -> None:
    locked = guess_until_locked(platform, stranger, owner.tenant.email)
    left = int(locked.headers["retry-after"])
    platform.adapters.clock.pause(left - 1)
    assert owner.sign_in().code == "rate_limited"
    platform.adapters.clock.pause(1)
    assert owner.sign_in().status == 200


def test_the_way_out_of_a_lock_is_one_s_own_mail(
    platform: Platform, owner: Visitor, stranger: Visitor
) -> None:
    guess_until_locked(platform, stranger, owner.tenant.email)
    assert owner.sign_in().code == "rate_limited"
    owner_resets_the_password(owner)
    assert owner.sign_in(password=PASSWORD + "!").status == 200
    assert stranger.sign_in(owner.tenant.email, WRONG).code == "rate_limited"


@pytest.mark.parametrize("role", Role)
def test_an_administrator_lifts_a_lock(
    platform: Platform, owner: Visitor, stranger: Visitor, role: Role
) -> None:
    guess_until_locked(platform, stranger, owner.tenant.email)
    tenant, before = owner.tenant, len(platform.events)
    token = platform.member_token(tenant.workspace, role)
    answer = send("POST", f"/api/v1/users/{tenant.user}/unlock", token=token)
    if role not in {Role.OWNER, Role.ADMIN}:
        assert (answer.status, answer.code) == (403, "forbidden")
        assert owner.sign_in().code == "rate_limited"
        return
    assert (answer.status, answer.json()) == (200, {"unlocked": True, "userId": tenant.user})
    (event,) = [e for e in platform.events[before:] if e.action.value == "signin.unlocked"]
    assert (event.subject, event.actor.kind.value) == (tenant.user, "operator")
    assert owner.sign_in().status == 200
    assert stranger.sign_in(tenant.email, WRONG).json()["triesLeft"] == 4


def test_a_lock_is_lifted_in_one_s_own_workspace_only(platform: Platform, owner: Visitor) -> None:
    neighbour = platform.tenant("neighbour")
    before = len(platform.events)
    for workspace, user in (
        (neighbour.workspace, str(owner.tenant.user)),
        (owner.tenant.workspace, str(new_user_id())),
        (owner.tenant.workspace, "0"),
        (owner.tenant.workspace, "9" * 40),
        (owner.tenant.workspace, "x"),
        (owner.tenant.workspace, "%C2%B2"),
    ):
        token = platform.member_token(workspace)
        answer = send("POST", f"/api/v1/users/{user}/unlock", token=token)
        assert (answer.status, answer.code) == (404, "not_found")
    assert "signin.unlocked" not in platform.actions_since(before)


@pytest.mark.parametrize(
    ("token", "code"),
    [(None, "token_missing"), ("x.y.z", "token_invalid"), ("session", "token_invalid")],
)
def test_nobody_else_lifts_a_lock(
    platform: Platform, tenant: Tenant, token: str | None, code: str
) -> None:
    text = platform.token(tenant) if token == "session" else token
    answer = send("POST", f"/api/v1/users/{tenant.user}/unlock", token=text)
    assert (answer.status, answer.code) == (401, code)


def test_whoever_hammers_at_a_delay_is_kept_out_of_everything_and_recorded_with_bounds(
    platform: Platform, owner: Visitor, stranger: Visitor
) -> None:
    before = len(platform.events)
    for _ in range(150):
        stranger.sign_in(owner.tenant.email, WRONG)
    reasons = [event.meta["reason"] for event in platform.events[before:]]
    assert reasons == ["password"] * 5 + ["delayed"] * 95 + ["network"]
    assert stranger.sign_in(UNKNOWN).code == "rate_limited"
    assert replace(stranger, ip="203.0.113.10").sign_in(UNKNOWN).status == 403
