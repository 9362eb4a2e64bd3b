from typing import Any

import jwt
import pytest

from chalicelib.domain.sessions import Person
from tests.api.authenticator import Authenticator, enrolled
from tests.api.platform import Answer, Platform, Tenant
from tests.api.visitor import Visitor, account, code_of

REFUSED = ["signin.failed"]


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant)


@pytest.fixture
def authenticator(platform: Platform, tenant: Tenant) -> Authenticator:
    return enrolled(platform, tenant)


def asked(visitor: Visitor) -> str:
    """The challenge after the right password."""
    answer = visitor.sign_in()
    assert answer.status == 200
    assert answer.cookies == []
    step = answer.json()["step"]
    assert step["kind"] == "totp"
    return str(step["challenge"])


def shown(visitor: Visitor, challenge: str, code: str, kind: str = "totp", **more: Any) -> Answer:
    return visitor.step(f"steps/{kind}", challenge=challenge, code=code, **more)


def test_the_password_alone_lets_nobody_in_who_has_a_second_factor(
    platform: Platform, visitor: Visitor, authenticator: Authenticator
) -> None:
    before = len(platform.events)
    answer = visitor.sign_in()
    assert set(answer.json()) == {"step"}
    assert set(answer.json()["step"]) == {"kind", "challenge"}
    assert (answer.cookies, platform.actions_since(before)) == ([], [])
    assert visitor.step("continue").code == "token_missing"
    assert visitor.step("context").json()["person"] is None
    assert authenticator.recovery_codes


def test_a_code_beside_the_password_lets_in_and_the_tokens_say_so(
    platform: Platform, visitor: Visitor, authenticator: Authenticator
) -> None:
    challenge = asked(visitor)
    before = len(platform.events)
    platform.adapters.clock.pause(30)
    answer = shown(visitor, challenge, authenticator.code())
    assert answer.status == 200
    assert platform.actions_since(before) == ["signin.succeeded"]
    tokens = visitor.exchange(code_of(answer.json()["redirectTo"])).json()
    for name in ("access_token", "id_token"):
        claims = jwt.decode(tokens[name], options={"verify_signature": False})
        assert (claims["acr"], claims["amr"]) == ("sf:2", ["pwd", "otp", "mfa"])
        assert claims["auth_time"] == platform.adapters.clock.now()
    assert visitor.step("continue").status == 200


def test_without_a_second_factor_the_tokens_say_one(visitor: Visitor) -> None:
    tokens = visitor.exchange(visitor.code()).json()
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (claims["acr"], claims["amr"]) == ("sf:1", ["pwd"])


def test_a_code_is_not_accepted_twice(
    platform: Platform, visitor: Visitor, authenticator: Authenticator
) -> None:
    code = authenticator.code()
    assert shown(visitor, asked(visitor), code).status == 200
    again = asked(visitor)
    before = len(platform.events)
    answer = shown(visitor, again, code)
    assert (answer.status, answer.code) == (403, "signin_refused")
    assert answer.cookies == []
    assert platform.actions_since(before) == REFUSED
    assert shown(visitor, again, authenticator.code(offset=-1)).code == "signin_refused"
    assert shown(visitor, again, authenticator.code(offset=1)).status == 200


def test_the_code_that_set_it_up_signs_nobody_in(platform: Platform, visitor: Visitor) -> None:
    authenticator = enrolled(platform, visitor.tenant)
    platform.adapters.clock.pause(-60)
    assert shown(visitor, asked(visitor), authenticator.code()).code == "signin_refused"


@pytest.mark.parametrize(("offset", "status"), [(-2, 403), (-1, 200), (0, 200), (1, 200), (2, 403)])
def test_a_clock_may_be_half_a_minute_wrong(
    platform: Platform,
    visitor: Visitor,
    authenticator: Authenticator,
    *,
    offset: int,
    status: int,
) -> None:
    platform.adapters.clock.pause(90)
    assert shown(visitor, asked(visitor), authenticator.code(offset=offset)).status == status


def test_a_challenge_is_answered_once(visitor: Visitor, authenticator: Authenticator) -> None:
    challenge = asked(visitor)
    assert shown(visitor, challenge, authenticator.code()).status == 200
    answer = shown(visitor, challenge, authenticator.code(offset=1))
    assert (answer.status, answer.code) == (410, "challenge_ended")


def test_a_challenge_ends_after_ten_minutes(
    platform: Platform, visitor: Visitor, authenticator: Authenticator
) -> None:
    challenge = asked(visitor)
    platform.adapters.clock.pause(600)
    assert shown(visitor, challenge, authenticator.code()).code == "challenge_ended"


@pytest.mark.parametrize(
    "change", ["state", "nonce", "code_challenge", "scope", "redirect_uri", "client_id"]
)
def test_a_challenge_belongs_to_the_request_it_was_asked_for(
    platform: Platform, visitor: Visitor, authenticator: Authenticator, change: str
) -> None:
    tenant = visitor.tenant
    forms = platform.application(tenant.workspace, tenant.user, "forms")
    redirects = ("https://notes.example/", "https://notes.example/2")
    object.__setattr__(tenant.application, "redirect_uris", redirects)
    changed = {
        "state": "s-2",
        "nonce": "n-2",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "scope": "openid",
        "redirect_uri": redirects[1],
        "client_id": forms.client_id,
    }
    challenge = asked(visitor)
    request = {"workspace_name": "acme", **visitor.params(**{change: changed[change]})}
    answer = shown(visitor, challenge, authenticator.code(), request=request)
    assert (answer.status, answer.code) == (410, "challenge_ended")
    assert answer.cookies == []
    assert shown(visitor, challenge, authenticator.code()).status == 200


def test_a_challenge_of_another_workspace_is_none(
    platform: Platform, visitor: Visitor, authenticator: Authenticator
) -> None:
    challenge = asked(visitor)
    neighbour = Visitor(platform, platform.tenant("neighbour"))
    assert shown(neighbour, challenge, authenticator.code()).code == "challenge_ended"


@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_challenges_of_other_kinds_let_nobody_in(
    visitor: Visitor, authenticator: Authenticator, kind: str
) -> None:
    code = authenticator.code() if kind == "totp" else authenticator.recovery_codes[0]
    reset = visitor.step("password/forgot", email=visitor.tenant.email).json()["challenge"]
    sign_up = visitor.sign_up("new@acme.example").json()["challenge"]
    for challenge in (reset, sign_up, "a" * 43, "", "#"):
        answer = shown(visitor, challenge, code, kind)
        assert (answer.status, answer.code) == (410, "challenge_ended")
        assert answer.cookies == []


def test_the_challenge_of_a_step_replaces_no_password(
    visitor: Visitor, authenticator: Authenticator
) -> None:
    answer = visitor.step(
        "password/reset",
        challenge=asked(visitor),
        code=authenticator.code(),
        password="other words are long too",
    )
    assert answer.code == "challenge_ended"


def test_guessing_codes_becomes_slow_over_all_conversations(
    platform: Platform, visitor: Visitor, authenticator: Authenticator
) -> None:
    before = len(platform.events)
    left = []
    for _ in range(5):
        answer = shown(visitor, asked(visitor), authenticator.wrong_code())
        left.append(answer.json()["triesLeft"])
    assert left == [4, 3, 2, 1, 0]
    assert platform.actions_since(before) == REFUSED * 5
    assert [event.meta for event in platform.events[before:]] == [
        {"method": "totp", "reason": "code"}
    ] * 5
    for kind, code in (
        ("totp", authenticator.code()),
        ("recovery", authenticator.recovery_codes[0]),
    ):
        answer = shown(visitor, asked(visitor), code, kind)
        assert (answer.status, answer.code) == (429, "rate_limited")
        assert answer.headers["retry-after"] == "5"
    challenge = asked(visitor)
    platform.adapters.clock.pause(5)
    assert shown(visitor, challenge, authenticator.code()).status == 200


def test_a_delay_costs_no_conversation(
    platform: Platform, visitor: Visitor, authenticator: Authenticator
) -> None:
    challenge = asked(visitor)
    for _ in range(5):
        shown(visitor, challenge, authenticator.wrong_code())
    for _ in range(5):
        assert shown(visitor, challenge, authenticator.code()).code == "rate_limited"
    platform.adapters.clock.pause(5)
    assert shown(visitor, challenge, authenticator.code()).status == 200


def test_a_recovery_code_lets_in_once_and_the_person_is_told(
    platform: Platform, visitor: Visitor, authenticator: Authenticator
) -> None:
    code, other, *_ = authenticator.recovery_codes
    challenge = asked(visitor)
    before = len(platform.events)
    answer = shown(visitor, challenge, code, "recovery")
    assert answer.status == 200
    assert platform.actions_since(before) == ["factor.removed", "signin.succeeded"]
    assert platform.events[before].meta == {"kind": "recovery_code", "left": 9}
    (mail,) = platform.adapters.mailer.sent
    assert mail.to == visitor.tenant.email
    assert "9 are left" in mail.text
    assert code not in mail.text + mail.subject + mail.html
    tokens = visitor.exchange(code_of(answer.json()["redirectTo"])).json()
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (claims["acr"], claims["amr"]) == ("sf:2", ["pwd", "otp", "mfa"])
    again = asked(visitor)
    assert shown(visitor, again, code, "recovery").code == "signin_refused"
    assert shown(visitor, again, other, "recovery").status == 200


@pytest.mark.parametrize("form", ["{}", " {} ", "upper", "bare"])
def test_a_recovery_code_fits_however_it_is_typed(
    visitor: Visitor, authenticator: Authenticator, form: str
) -> None:
    code = authenticator.recovery_codes[0]
    typed = {"upper": code.upper(), "bare": code.replace("-", "")}.get(form, form.format(code))
    assert shown(visitor, asked(visitor), typed, "recovery").status == 200


def test_the_recovery_code_of_somebody_else_fits_not(
    platform: Platform, visitor: Visitor, authenticator: Authenticator
) -> None:
    tenant = visitor.tenant
    other = Tenant(tenant.workspace, tenant.application, tenant.user, "nils@acme.example")
    other.user = account(platform, tenant.workspace, other.email).person.user
    theirs = enrolled(platform, other)
    challenge = asked(visitor)
    assert shown(visitor, challenge, theirs.recovery_codes[0], "recovery").status == 403
    assert shown(visitor, challenge, theirs.code()).status == 403
    assert shown(visitor, challenge, authenticator.recovery_codes[0]).status == 403


def test_whoever_is_suspended_meanwhile_is_not_let_in(
    platform: Platform, visitor: Visitor, authenticator: Authenticator
) -> None:
    challenge = asked(visitor)
    platform.adapters.users.suspend(visitor.tenant.workspace.id, visitor.tenant.user)
    assert shown(visitor, challenge, authenticator.code()).code == "challenge_ended"


def test_a_reset_password_does_not_take_the_second_factor_away(
    visitor: Visitor, authenticator: Authenticator
) -> None:
    challenge = visitor.step("password/forgot", email=visitor.tenant.email).json()["challenge"]
    new = "other words are long too"
    reset = {"challenge": challenge, "code": visitor.typed_code(), "password": new}
    assert visitor.step("password/reset", **reset).status == 200
    answer = visitor.sign_in(password=new)
    assert set(answer.json()) == {"step"}
    done = shown(visitor, answer.json()["step"]["challenge"], authenticator.code())
    assert done.status == 200


def test_nothing_of_a_factor_is_readable_at_rest(
    platform: Platform, visitor: Visitor, authenticator: Authenticator
) -> None:
    person = Person(visitor.tenant.workspace.id, visitor.tenant.user)
    stored = platform.adapters.factors.of(person)
    assert stored.totp is not None
    assert authenticator.secret.encode() not in stored.totp.secret.ciphertext
    text = repr(stored)
    assert not [code for code in authenticator.recovery_codes if code.replace("-", "") in text]
