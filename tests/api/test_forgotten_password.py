import re
from typing import Any

import pytest

from chalicelib.domain.challenges import ChallengeKind
from chalicelib.domain.ids import digest
from chalicelib.domain.sign_ups import code_digest
from chalicelib.domain.users import UserStatus
from tests.api.platform import Answer, Platform, Tenant, send
from tests.api.visitor import PASSWORD, Visitor, account

NEW = "other words are long too"
CHANGED = ["password.changed", "session.logged_out"]


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant)


def forgotten(visitor: Visitor, email: str | None = None) -> str:
    answer = visitor.step("password/forgot", email=email or visitor.tenant.email)
    assert answer.status == 200
    return str(answer.json()["challenge"])


def reset(visitor: Visitor, challenge: str, code: str | None = None, **more: Any) -> Answer:
    words = {"challenge": challenge, "code": code or visitor.typed_code(), "password": NEW, **more}
    return visitor.step("password/reset", **words)


def test_who_reads_the_mail_chooses_a_new_password(platform: Platform, visitor: Visitor) -> None:
    before = len(platform.events)
    challenge = forgotten(visitor)
    assert platform.actions_since(before) == []
    answer = reset(visitor, challenge)
    assert (answer.status, answer.json()) == (200, {"changed": True})
    assert platform.actions_since(before) == ["password.changed"]
    event = platform.events[-1]
    assert (event.subject, event.app, event.meta) == (
        visitor.tenant.user,
        "notes",
        {"method": "reset"},
    )
    assert visitor.sign_in(password=PASSWORD).code == "signin_refused"
    assert visitor.sign_in(password=NEW).status == 200


def test_nobody_is_signed_in_by_it(visitor: Visitor) -> None:
    answer = reset(visitor, forgotten(visitor))
    assert [line[:11] for line in answer.cookies] == ["__Host-sfk-"]
    assert visitor.step("continue").code == "token_missing"


def test_everything_that_was_signed_in_is_signed_out(platform: Platform, visitor: Visitor) -> None:
    tenant = visitor.tenant
    forms = platform.application(tenant.workspace, tenant.user, "forms", page="https://f.example")
    other = Visitor(platform, Tenant(tenant.workspace, forms, tenant.user, tenant.email))
    tokens = [v.exchange(v.code()).json()["access_token"] for v in (visitor, other)]
    neighbour = platform.token(platform.tenant("globex"), {"a": 1})
    for token in tokens:
        assert send("GET", "/api/v1/sessions", token=token).status == 200
    before = len(platform.events)
    elsewhere = Visitor(platform, tenant)
    assert reset(elsewhere, forgotten(elsewhere)).status == 200
    assert platform.actions_since(before) == [*CHANGED, "session.logged_out"]
    for token in tokens:
        assert send("GET", "/api/v1/sessions", token=token).code == "token_superseded"
    for one in (visitor, other):
        assert one.step("continue").code == "token_missing"
    assert send("GET", "/api/v1/sessions", token=neighbour).status == 200


def test_the_person_is_told(platform: Platform, visitor: Visitor) -> None:
    reset(visitor, forgotten(visitor))
    code, notice = platform.adapters.mailer.sent
    assert {code.to, notice.to} == {visitor.tenant.email}
    assert "changed" in notice.subject
    assert not re.search(r"\d{6}", notice.text)


def test_a_notice_that_cannot_be_sent_undoes_nothing(platform: Platform, visitor: Visitor) -> None:
    challenge = forgotten(visitor)
    platform.adapters.mailer.is_reachable = False
    assert reset(visitor, challenge).status == 200
    assert visitor.sign_in(password=NEW).status == 200


def test_a_code_that_cannot_be_sent_is_told_for_known_and_unknown_alike(
    platform: Platform, visitor: Visitor
) -> None:
    platform.adapters.mailer.is_reachable = False
    for email in (visitor.tenant.email, "nobody@acme.example"):
        answer = visitor.step("password/forgot", email=email)
        assert (answer.status, answer.code) == (503, "store_unavailable")


@pytest.mark.parametrize("who", ["nobody@acme.example", "gone@acme.example"])
def test_an_address_that_cannot_sign_in_gets_the_same_answer_and_another_mail(
    platform: Platform, visitor: Visitor, who: str
) -> None:
    gone = UserStatus.SUSPENDED
    account(platform, visitor.tenant.workspace, "gone@acme.example", status=gone)
    work = platform.adapters.passwords.work
    known = visitor.step("password/forgot", email=visitor.tenant.email)
    other = visitor.step("password/forgot", email=who)
    assert (known.status, known.headers, set(known.json())) == (
        other.status,
        other.headers,
        set(other.json()),
    )
    assert len(known.json()["challenge"]) == len(other.json()["challenge"])
    assert platform.adapters.passwords.work == work
    to_known, to_other = platform.adapters.mailer.sent
    assert re.search(r"\d{6}", to_known.text)
    assert not re.search(r"\d{6}", to_other.text + to_other.subject)  # HTML says the same
    before = len(platform.events)
    wrong = [reset(visitor, answer.json()["challenge"], "not-it") for answer in (known, other)]
    assert {(one.code, one.json()["triesLeft"]) for one in wrong} == {("signin_refused", 4)}
    assert platform.actions_since(before) == ["signin.failed"] * 2


@pytest.mark.parametrize("why", ["unknown", "too many mails"])
def test_where_no_code_was_mailed_no_six_digits_fit(
    platform: Platform, visitor: Visitor, why: str
) -> None:
    email = visitor.tenant.email if why == "too many mails" else "nobody@acme.example"
    challenges = [forgotten(visitor, email) for _ in range(6)]
    assert len(platform.adapters.mailer.sent) == 5
    waiting = platform.adapters.challenges.get(
        visitor.tenant.workspace.id,
        digest(challenges[-1]),
        kind=ChallengeKind.RESET,
        now=platform.adapters.clock.now(),
    )
    assert waiting is not None
    assert all(waiting.code != code_digest(challenges[-1], f"{n:06d}") for n in range(1_000_000))


def test_five_wrong_codes_end_it(visitor: Visitor) -> None:
    challenge = forgotten(visitor)
    wrong = "000000" if visitor.typed_code() != "000000" else "000001"
    answers = [reset(visitor, challenge, wrong) for _ in range(5)]
    assert [answer.json()["triesLeft"] for answer in answers] == [4, 3, 2, 1, 0]
    assert reset(visitor, challenge).code == "challenge_ended"
    assert visitor.sign_in().status == 200


def test_a_code_works_once(visitor: Visitor) -> None:
    challenge = forgotten(visitor)
    code = visitor.typed_code()
    assert reset(visitor, challenge, code).status == 200
    answer = reset(visitor, challenge, code, password="and a third one, long")
    assert (answer.status, answer.code) == (410, "challenge_ended")
    assert visitor.sign_in(password=NEW).status == 200


def test_a_code_ends_after_ten_minutes(platform: Platform, visitor: Visitor) -> None:
    challenge = forgotten(visitor)
    platform.adapters.clock.pause(600)
    assert reset(visitor, challenge).code == "challenge_ended"


def test_a_code_of_one_challenge_fits_no_other(visitor: Visitor) -> None:
    first = forgotten(visitor)
    code = visitor.typed_code()
    second = forgotten(visitor)
    assert code != visitor.typed_code() or pytest.skip("one in a million")
    assert reset(visitor, second, code).code == "signin_refused"
    assert reset(visitor, first, code).status == 200


def test_a_challenge_of_another_workspace_is_none(platform: Platform, visitor: Visitor) -> None:
    challenge = forgotten(visitor)
    neighbour = Visitor(platform, platform.tenant("neighbour"))
    answer = reset(neighbour, challenge, visitor.typed_code())
    assert answer.code == "challenge_ended"


def test_a_challenge_belongs_to_the_request_it_was_begun_for(visitor: Visitor) -> None:
    challenge = forgotten(visitor)
    named = {"workspace_name": visitor.slug, "app_id": visitor.tenant.application.id}
    other = {**named, **visitor.params(state="another")}
    assert reset(visitor, challenge, request=other).code == "challenge_ended"
    assert reset(visitor, challenge).status == 200


def test_the_challenge_of_a_sign_up_replaces_no_password(visitor: Visitor) -> None:
    challenge = visitor.sign_up("new@acme.example").json()["challenge"]
    assert reset(visitor, challenge).code == "challenge_ended"
    challenge = forgotten(visitor)
    code = visitor.typed_code()
    answer = visitor.step("sign-up/verify", challenge=challenge, code=code)
    assert answer.code == "challenge_ended"


def test_whoever_is_suspended_meanwhile_gets_no_new_password(
    platform: Platform, visitor: Visitor
) -> None:
    challenge = forgotten(visitor)
    platform.adapters.users.suspend(visitor.tenant.workspace.id, visitor.tenant.user)
    before = len(platform.events)
    assert reset(visitor, challenge).code == "challenge_ended"
    assert platform.actions_since(before) == []


@pytest.mark.parametrize("password", ["fourteen chars", "a" * 257, "passwordpassword"])
def test_a_password_that_cannot_be_used_costs_no_try(visitor: Visitor, password: str) -> None:
    challenge = forgotten(visitor)
    for _ in range(6):
        answer = reset(visitor, challenge, password=password)
        assert (answer.status, answer.code) == (400, "invalid_input")
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/password"]
    assert reset(visitor, challenge).status == 200


def test_whom_others_locked_out_by_guessing_is_let_in_again(visitor: Visitor) -> None:
    for _ in range(5):
        visitor.sign_in(password="not this one")
    assert visitor.sign_in().code == "rate_limited"
    reset(visitor, forgotten(visitor))
    assert visitor.sign_in(password=NEW).status == 200


def test_one_network_cannot_ask_without_end(platform: Platform, visitor: Visitor) -> None:
    for number in range(30):
        forgotten(visitor, f"u{number}@acme.example")
    answer = visitor.step("password/forgot", email=visitor.tenant.email)
    assert answer.code == "rate_limited"
    assert len(platform.adapters.mailer.sent) == 30


def test_an_interrupted_reset_can_be_sent_again(platform: Platform, visitor: Visitor) -> None:
    token = visitor.exchange(visitor.code()).json()["access_token"]
    challenge = forgotten(visitor)
    platform.adapters.login.fails_to_end = True
    assert reset(visitor, challenge).status == 503
    platform.adapters.login.fails_to_end = False
    assert reset(visitor, challenge).status == 200
    assert send("GET", "/api/v1/sessions", token=token).code == "token_superseded"
