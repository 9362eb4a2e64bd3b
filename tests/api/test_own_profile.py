import re

import pytest

from chalicelib.domain.challenges import ChallengeKind
from chalicelib.domain.ids import digest
from chalicelib.domain.sign_ups import code_digest
from tests.api.own import NEW, Home, home_at, home_of
from tests.api.platform import Answer, Platform, send
from tests.api.visitor import PASSWORD, Visitor, account

MOVED = "anna@new.example"


@pytest.fixture
def home(platform: Platform) -> Home:
    return home_of(platform)


def change(home: Home, old: str = PASSWORD, new: str = NEW) -> Answer:
    return home.ask("POST", "/password", {"password": old, "newPassword": new})


def begun(home: Home, email: str = MOVED) -> str:
    answer = home.ask("POST", "/email", {"email": email})
    assert answer.status == 200, answer
    return str(answer.json()["challenge"])


def confirm(home: Home, challenge: str, code: str | None = None) -> Answer:
    typed = home.visitor.typed_code() if code is None else code
    return home.ask("POST", "/email/confirm", {"challenge": challenge, "code": typed})


def test_the_page_greets_a_person_by_what_they_are_called_there(
    platform: Platform, home: Home
) -> None:
    before = len(platform.events)
    assert home.ask("GET", "").json() == {
        "workspace": {"slug": "acme", "name": "Acme"},
        "email": home.tenant.email,
        "name": "Mira",
    }
    assert platform.actions_since(before) == []


def test_whoever_knows_the_password_changes_it(platform: Platform, home: Home) -> None:
    before = len(platform.events)
    assert change(home).json() == {"changed": True}
    assert platform.actions_since(before) == ["password.changed"]
    assert platform.events[-1].meta == {"method": "own"}
    (mail,) = platform.adapters.mailer.sent
    assert (mail.to, "changed" in mail.subject) == (home.tenant.email, True)
    visitor = Visitor(platform, home.tenant)
    assert visitor.sign_in(password=PASSWORD).code == "signin_refused"
    assert visitor.sign_in(password=NEW).status == 200


@pytest.mark.parametrize("what", ["password", "address"])
def test_the_other_sign_ins_end_and_this_browser_stays(
    platform: Platform, home: Home, what: str
) -> None:
    other = home_at(platform, home.tenant)
    token = other.visitor.exchange(other.visitor.code()).json()["access_token"]
    other.post("/member-token")
    done = change(home) if what == "password" else confirm(home, begun(home))
    assert done.status == 200
    assert other.ask("GET", "/factors").code == "token_superseded"
    assert other.visitor.step("continue").code == "token_missing"
    assert send("GET", "/api/v1/sessions", token=token).code == "token_superseded"
    assert home.ask("GET", "/factors").status == 200
    assert home.visitor.step("continue").status == 200


def test_without_the_old_one_nothing_changes_and_guessing_becomes_slow(
    platform: Platform, home: Home
) -> None:
    before = len(platform.events)
    answers = [change(home, old="not this one") for _ in range(5)]
    assert {answer.code for answer in answers} == {"signin_refused"}
    assert [answer.json()["triesLeft"] for answer in answers] == [4, 3, 2, 1, 0]
    assert platform.actions_since(before) == ["signin.failed"] * 5
    assert change(home).code == "rate_limited"
    platform.adapters.clock.pause(5)
    assert change(home).status == 200


@pytest.mark.parametrize("new", ["fourteen chars", "a" * 257, "passwordpassword"])
def test_a_password_that_cannot_be_used_is_named(home: Home, new: str) -> None:
    answer = change(home, new=new)
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/password"]


def test_an_address_is_changed_by_the_code_that_was_mailed_there(
    platform: Platform, home: Home
) -> None:
    challenge = begun(home, "Anna@New.example")
    before = len(platform.events)
    (mail,) = platform.adapters.mailer.sent
    assert mail.to == MOVED
    answer = confirm(home, challenge)
    assert answer.json() == {"email": MOVED}
    assert platform.actions_since(before) == ["email.changed"]
    told = platform.adapters.mailer.sent[-1]
    assert told.to == home.tenant.email
    assert MOVED not in told.text + told.subject + told.html
    visitor = Visitor(platform, home.tenant)
    assert visitor.sign_in(home.tenant.email).code == "signin_refused"
    assert visitor.sign_in(MOVED).status == 200
    assert visitor.step("context").json()["person"]["email"] == MOVED
    # Who comes next may have the address that was left.
    again = Visitor(platform, home.tenant)
    waiting = again.sign_up(home.tenant.email).json()["challenge"]
    done = again.step("sign-up/verify", challenge=waiting, code=again.typed_code())
    assert done.status == 200


@pytest.mark.parametrize("why", ["taken", "too many mails"])
def test_where_no_code_was_mailed_no_six_digits_fit(
    platform: Platform, home: Home, why: str
) -> None:
    if why == "taken":
        account(platform, home.tenant.workspace, MOVED)
    challenges = [begun(home) for _ in range(6)]
    sent = platform.adapters.mailer.sent
    assert [mail.to for mail in sent] == [MOVED] * 5
    assert bool(re.search(r"\d{6}", sent[0].text)) == (why != "taken")
    waiting = platform.adapters.challenges.get(
        home.tenant.workspace.id,
        digest(challenges[-1]),
        kind=ChallengeKind.ADDRESS,
        now=platform.adapters.clock.now(),
    )
    assert waiting is not None
    assert all(waiting.code != code_digest(challenges[-1], f"{n:06d}") for n in range(1_000_000))


def test_a_taken_address_gets_the_same_answer(platform: Platform, home: Home) -> None:
    account(platform, home.tenant.workspace, "nils@acme.example")
    free = home.ask("POST", "/email", {"email": MOVED})
    taken = home.ask("POST", "/email", {"email": "nils@acme.example"})
    assert (free.status, free.headers, set(free.json())) == (
        taken.status,
        taken.headers,
        set(taken.json()),
    )
    wrong = confirm(home, taken.json()["challenge"], "not-it")
    assert (wrong.code, wrong.json()["triesLeft"]) == ("signin_refused", 4)


def test_an_address_that_is_taken_meanwhile_stays_with_its_holder(
    platform: Platform, home: Home
) -> None:
    challenge = begun(home)
    code = home.visitor.typed_code()
    account(platform, home.tenant.workspace, MOVED)
    before = len(platform.events)
    assert confirm(home, challenge, code).code == "challenge_ended"
    assert platform.actions_since(before) == []
    assert Visitor(platform, home.tenant).sign_in(home.tenant.email).status == 200


def test_five_wrong_codes_end_it(home: Home) -> None:
    challenge = begun(home)
    wrong = "000000" if home.visitor.typed_code() != "000000" else "000001"
    answers = [confirm(home, challenge, wrong) for _ in range(5)]
    assert [answer.json()["triesLeft"] for answer in answers] == [4, 3, 2, 1, 0]
    assert confirm(home, challenge).code == "challenge_ended"


@pytest.mark.parametrize("who", ["another browser", "another person", "too late"])
def test_a_change_belongs_to_whoever_began_it(platform: Platform, home: Home, who: str) -> None:
    challenge = begun(home)
    code = home.visitor.typed_code()
    asking = home
    if who == "another browser":
        asking = home_at(platform, home.tenant)
    elif who == "another person":
        asking = home_of(platform, "globex")
    else:
        platform.adapters.clock.pause(600)
        home.step_up()
    assert confirm(asking, challenge, code).code == "challenge_ended"


@pytest.mark.parametrize("email", ["anna@acme.example", "ANNA@acme.example", "anna", ""])
def test_what_cannot_become_the_address_is_named(
    platform: Platform, home: Home, email: str
) -> None:
    answer = home.ask("POST", "/email", {"email": email})
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/email"]
    assert platform.adapters.mailer.sent == []


def test_an_interrupted_change_of_address_can_be_sent_again(platform: Platform, home: Home) -> None:
    challenge = begun(home)
    code = home.visitor.typed_code()
    platform.adapters.login.fails_to_end = True
    assert confirm(home, challenge, code).status == 503
    platform.adapters.login.fails_to_end = False
    assert confirm(home, challenge, code).json() == {"email": MOVED}
    told = [mail.to for mail in platform.adapters.mailer.sent]
    assert told == [MOVED, home.tenant.email]
