import pyotp
import pytest

from chalicelib.domain.sessions import Person
from tests.api.authenticator import Authenticator
from tests.api.own import Home, home_at, home_of
from tests.api.platform import Platform, send
from tests.api.visitor import Visitor


@pytest.fixture
def home(platform: Platform) -> Home:
    return home_of(platform)


def set_up(home: Home) -> Authenticator:
    setup = home.ask("POST", "/totp").json()
    authenticator = Authenticator(home.platform, setup["secret"])
    body = {"challenge": setup["challenge"], "code": authenticator.code()}
    done = home.ask("POST", "/totp/confirm", body)
    assert done.status == 200, done
    authenticator.recovery_codes = tuple(done.json()["recoveryCodes"])
    return authenticator


def later(home: Home, authenticator: Authenticator) -> Home:
    """Half a minute later, with both factors fresh."""
    home.platform.adapters.clock.pause(60)
    home.step_up(authenticator)
    home.platform.adapters.clock.pause(60)
    return home


def test_at_first_there_is_a_password(home: Home) -> None:
    answer = home.ask("GET", "/factors")
    assert answer.json() == {"password": True, "totp": None, "recoveryCodesLeft": 0}


def test_an_authenticator_is_scanned_or_typed(home: Home) -> None:
    setup = home.ask("POST", "/totp").json()
    read = pyotp.parse_uri(setup["uri"])
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.name, read.issuer) == (setup["secret"], home.tenant.email, "Acme")
    assert setup["qr"]["size"] > 20
    assert setup["qr"]["path"].startswith("M0 0h1v1h-1z")
    assert home.ask("GET", "/factors").json()["totp"] is None


def test_it_is_in_use_when_its_code_was_typed(platform: Platform, home: Home) -> None:
    before, now = len(platform.events), platform.adapters.clock.now()
    authenticator = set_up(home)
    assert platform.actions_since(before) == ["factor.added"]
    assert platform.events[-1].meta == {"kind": "totp"}
    assert home.ask("GET", "/factors").json() == {
        "password": True,
        "totp": {"createdAt": now},
        "recoveryCodesLeft": 10,
    }
    assert len(set(authenticator.recovery_codes)) == 10
    (mail,) = platform.adapters.mailer.sent
    assert (mail.to, "authenticator" in mail.subject) == (home.tenant.email, True)
    assert authenticator.secret not in mail.text
    visitor = Visitor(platform, home.tenant)
    assert set(visitor.sign_in().json()) == {"step"}


def test_the_other_sign_ins_end_and_this_browser_stays(platform: Platform, home: Home) -> None:
    other = home_at(platform, home.tenant)
    token = other.visitor.exchange(other.visitor.code()).json()["access_token"]
    other.post("/member-token")
    set_up(home)
    assert other.ask("GET", "/factors").code == "token_superseded"
    assert other.visitor.step("continue").code == "token_missing"
    assert send("GET", "/api/v1/sessions", token=token).code == "token_superseded"
    assert home.ask("GET", "/factors").status == 200
    assert home.visitor.step("continue").status == 200


def test_a_wrong_code_takes_nothing_into_use(platform: Platform, home: Home) -> None:
    setup = home.ask("POST", "/totp").json()
    authenticator = Authenticator(platform, setup["secret"])
    before = len(platform.events)
    body = {"challenge": setup["challenge"], "code": authenticator.wrong_code()}
    answers = [home.ask("POST", "/totp/confirm", body) for _ in range(5)]
    assert [answer.json()["triesLeft"] for answer in answers] == [4, 3, 2, 1, 0]
    right = {**body, "code": authenticator.code()}
    assert home.ask("POST", "/totp/confirm", right).code == "challenge_ended"
    assert home.ask("GET", "/factors").json()["totp"] is None
    assert platform.actions_since(before) == []


@pytest.mark.parametrize("who", ["another browser", "another person", "too late"])
def test_a_set_up_belongs_to_whoever_began_it(platform: Platform, home: Home, who: str) -> None:
    setup = home.ask("POST", "/totp").json()
    asking = home
    if who == "another browser":
        asking = home_at(platform, home.tenant)
    elif who == "another person":
        asking = home_of(platform, "globex")
    else:
        platform.adapters.clock.pause(600)
        home.step_up()
    code = Authenticator(platform, setup["secret"]).code()
    body = {"challenge": setup["challenge"], "code": code}
    assert asking.ask("POST", "/totp/confirm", body).code == "challenge_ended"
    assert asking.ask("GET", "/factors").json()["totp"] is None


def test_a_set_up_is_confirmed_once(platform: Platform, home: Home) -> None:
    setup = home.ask("POST", "/totp").json()
    authenticator = Authenticator(platform, setup["secret"])
    body = {"challenge": setup["challenge"], "code": authenticator.code()}
    assert home.ask("POST", "/totp/confirm", body).status == 200
    platform.adapters.clock.pause(60)
    home.step_up(authenticator)
    assert home.ask("POST", "/totp/confirm", body).code == "challenge_ended"


def test_another_authenticator_takes_the_place_of_the_first(platform: Platform, home: Home) -> None:
    first = set_up(home)
    second = set_up(later(home, first))
    platform.adapters.clock.pause(60)
    visitor = Visitor(platform, home.tenant)
    challenge = visitor.sign_in().json()["step"]["challenge"]
    assert visitor.step("steps/totp", challenge=challenge, code=first.code()).status == 403
    old = {"challenge": challenge, "code": first.recovery_codes[0]}
    assert visitor.step("steps/recovery", **old).status == 403
    assert visitor.step("steps/totp", challenge=challenge, code=second.code()).status == 200


def test_a_removal_is_recorded_and_told(platform: Platform, home: Home) -> None:
    later(home, set_up(home))
    other = Person(home.tenant.workspace.id, home.tenant.user)
    before = len(platform.events)
    platform.adapters.mailer.sent.clear()
    answer = home.ask("DELETE", "/totp")
    assert answer.json() == {"password": True, "totp": None, "recoveryCodesLeft": 0}
    assert platform.actions_since(before) == ["factor.removed"]
    (mail,) = platform.adapters.mailer.sent
    assert "removed" in mail.subject
    assert platform.adapters.factors.of(other).recovery is None
    assert "redirectTo" in Visitor(platform, home.tenant).sign_in().json()
    assert home.ask("DELETE", "/totp").code == "not_found"


def test_new_recovery_codes_end_the_old_ones(platform: Platform, home: Home) -> None:
    authenticator = set_up(home)
    later(home, authenticator)
    before = len(platform.events)
    fresh = home.ask("POST", "/recovery-codes").json()["recoveryCodes"]
    assert platform.actions_since(before) == ["factor.added"]
    assert platform.events[-1].meta == {"kind": "recovery_codes"}
    assert not set(fresh) & set(authenticator.recovery_codes)
    visitor = Visitor(platform, home.tenant)
    challenge = visitor.sign_in().json()["step"]["challenge"]
    old = authenticator.recovery_codes[0]
    assert visitor.step("steps/recovery", challenge=challenge, code=old).status == 403
    assert visitor.step("steps/recovery", challenge=challenge, code=fresh[0]).status == 200


def test_without_an_authenticator_there_are_no_recovery_codes(home: Home) -> None:
    assert home.ask("POST", "/recovery-codes").code == "not_found"
    assert home.ask("DELETE", "/totp").code == "not_found"
