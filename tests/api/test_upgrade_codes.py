"""Another code for a visitor who adds an account: the same challenge, and no more tries."""

from typing import Any

import pytest

from chalicelib.domain.limits import ANSWER_BEAT, CHALLENGE_SECONDS
from chalicelib.domain.visitors import VisitorUse
from chalicelib.services.attempts import MAILS_PER_ADDRESS, SIGN_UPS_PER_NETWORK
from tests.api.platform import Answer, Platform, Tenant
from tests.api.visitor import PASSWORD, Visitor, account

NEW, TAKEN = "nora@acme.example", "anna@acme.example"
RESEND, CONFIRM = "visit/resend", "visit/confirm"


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant(visitors=VisitorUse.ALLOWED)
    account(platform, tenant.workspace, TAKEN)
    return tenant


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return visiting(platform, tenant)


def visiting(platform: Platform, tenant: Tenant, **words: Any) -> Visitor:
    visitor = Visitor(platform, tenant, **words)
    assert visitor.step("visit").status == 200
    return visitor


def asked(visitor: Visitor, email: str = NEW) -> str:
    answer = visitor.step("visit/upgrade", email=email, password=PASSWORD)
    assert answer.status == 200, answer.body
    challenge: str = answer.json()["challenge"]
    return challenge


def refused(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.code) == (status, code), answer.body


def test_the_newest_code_counts(platform: Platform, visitor: Visitor) -> None:
    challenge = asked(visitor)
    first = visitor.typed_code()
    answer = visitor.step(RESEND, challenge=challenge)
    assert (answer.status, answer.json()) == (200, {"challenge": challenge})
    (before, after), newest = platform.adapters.mailer.sent, visitor.typed_code()
    assert before.to == after.to == NEW
    assert newest != first or pytest.skip("one in a million")
    refused(visitor.step(CONFIRM, challenge=challenge, code=first), 403, "signin_refused")
    count = len(platform.events)
    assert visitor.step(CONFIRM, challenge=challenge, code=newest).status == 200
    assert "user.upgraded" in platform.actions_since(count)


def test_another_code_brings_no_more_tries(visitor: Visitor) -> None:
    challenge = asked(visitor)
    for left in (4, 3, 2, 1):
        answer = visitor.step(CONFIRM, challenge=challenge, code="x")
        assert answer.json()["triesLeft"] == left
        assert visitor.step(RESEND, challenge=challenge).status == 200
    assert visitor.step(CONFIRM, challenge=challenge, code="x").json()["triesLeft"] == 0
    refused(visitor.step(RESEND, challenge=challenge), 410, "challenge_ended")
    code = visitor.typed_code()
    refused(visitor.step(CONFIRM, challenge=challenge, code=code), 410, "challenge_ended")


def test_another_code_brings_no_more_time(platform: Platform, visitor: Visitor) -> None:
    challenge = asked(visitor)
    platform.adapters.clock.pause(CHALLENGE_SECONDS - 1)
    assert visitor.step(RESEND, challenge=challenge).status == 200
    platform.adapters.clock.pause(1)
    code = visitor.typed_code()
    refused(visitor.step(CONFIRM, challenge=challenge, code=code), 410, "challenge_ended")
    refused(visitor.step(RESEND, challenge=challenge), 410, "challenge_ended")


def test_only_the_browser_that_began_is_sent_another(platform: Platform, visitor: Visitor) -> None:
    challenge = asked(visitor)
    sent = len(platform.adapters.mailer.sent)
    refused(
        visiting(platform, visitor.tenant).step(RESEND, challenge=challenge), 410, "challenge_ended"
    )
    refused(
        Visitor(platform, visitor.tenant).step(RESEND, challenge=challenge), 401, "token_missing"
    )
    neighbour = platform.tenant("globex", visitors=VisitorUse.ALLOWED)
    refused(visiting(platform, neighbour).step(RESEND, challenge=challenge), 410, "challenge_ended")
    refused(visitor.step(RESEND, challenge="A" * 43), 410, "challenge_ended")
    assert len(platform.adapters.mailer.sent) == sent


def test_after_the_account_is_made_there_is_nothing_to_send(visitor: Visitor) -> None:
    challenge = asked(visitor)
    kept = dict(visitor.cookies)
    assert visitor.step(CONFIRM, challenge=challenge, code=visitor.typed_code()).status == 200
    visitor.cookies = kept
    refused(visitor.step(RESEND, challenge=challenge), 401, "token_missing")


def test_a_taken_address_gets_the_same_answers_and_another_mail(
    platform: Platform, visitor: Visitor
) -> None:
    clock = platform.adapters.clock
    for email in (NEW, TAKEN):
        challenge = asked(visitor, email)
        started = clock.monotonic()
        answer = visitor.step(RESEND, challenge=challenge)
        assert (answer.status, answer.json()) == (200, {"challenge": challenge})
        beats = (clock.monotonic() - started) / ANSWER_BEAT
        assert beats == pytest.approx(round(beats), abs=1e-4)
        first, second = platform.adapters.mailer.sent[-2:]
        assert (first == second) is (email == TAKEN)


def test_nobody_is_flooded_with_messages(platform: Platform, visitor: Visitor) -> None:
    challenge = asked(visitor)
    for _ in range(MAILS_PER_ADDRESS + 2):
        assert visitor.step(RESEND, challenge=challenge).status == 200
    mails = platform.adapters.mailer.sent
    assert len(mails) == MAILS_PER_ADDRESS
    code = visitor.typed_code()
    assert visitor.step(CONFIRM, challenge=challenge, code=code).status == 200


def test_a_network_asks_for_so_many_and_then_has_to_wait(visitor: Visitor) -> None:
    challenge = asked(visitor)
    for _ in range(SIGN_UPS_PER_NETWORK - 1):
        assert visitor.step(RESEND, challenge=challenge).status == 200
    answer = visitor.step(RESEND, challenge=challenge)
    refused(answer, 429, "rate_limited")
    assert int(answer.headers["retry-after"]) > 0
