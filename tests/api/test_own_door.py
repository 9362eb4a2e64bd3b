from typing import Any

import jwt
import pytest

from tests.api.authenticator import enrolled
from tests.api.own import BY_PAGE, BY_PERSON, CHANGES, SELF, Home, home_at, home_of
from tests.api.platform import OWN_ORIGIN, Platform, send
from tests.api.visitor import PASSWORD

FRESH = 600


@pytest.fixture
def home(platform: Platform) -> Home:
    return home_of(platform)


def test_the_browser_that_is_signed_in_gets_a_token_for_the_account(home: Home) -> None:
    answer = home.post("/member-token")
    assert answer.status == 200
    assert answer.json()["expiresIn"] == 600
    assert answer.cookies == []
    claims = jwt.decode(home.token, options={"verify_signature": False})
    assert claims["iss"] == f"{OWN_ORIGIN}/oidc/acme"
    assert claims["aud"] == f"{OWN_ORIGIN}/api/v1/manage"
    assert (claims["client_id"], claims["sub"]) == ("dashboard", str(home.tenant.user))
    assert (claims["wid"], claims["acr"]) == (home.tenant.workspace.id, "sf:1")
    assert home.ask("GET", "/factors").status == 200


@pytest.mark.parametrize("cookie", ["none", "unknown", "of next door", "suspended"])
def test_nobody_else_gets_one(platform: Platform, home: Home, cookie: str) -> None:
    name, value = next(iter(home.visitor.cookies.items()))
    match cookie:
        case "none":
            home.visitor.cookies = {}
        case "unknown":
            home.visitor.cookies = {name: "A" * 43}
        case "of next door":
            neighbour = home_of(platform, "globex")
            home.visitor.cookies = {name: next(iter(neighbour.visitor.cookies.values()))}
        case "suspended":
            platform.adapters.users.suspend(home.tenant.workspace.id, home.tenant.user)
    assert value
    answer = home.post("/member-token")
    assert (answer.status, answer.code) == (401, "token_missing")
    assert home.post("/step-up", password=PASSWORD).code == "token_missing"


def test_a_cookie_is_nothing_under_another_workspaces_name(platform: Platform, home: Home) -> None:
    home_of(platform, "globex")
    assert home.post("/member-token", workspaceName="globex").code == "token_missing"
    assert home.post("/member-token", workspaceName="nowhere").code == "not_found"


@pytest.mark.parametrize(("path", "body"), BY_PAGE)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": OWN_ORIGIN},
        {"x-secureflows": "1"},
        {"origin": "https://evil.example", "x-secureflows": "1"},
        {"origin": "null", "x-secureflows": "1"},
    ],
)
def test_no_other_page_uses_the_cookie(
    platform: Platform, home: Home, path: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    before = len(platform.events)
    name, value = next(iter(home.visitor.cookies.items()))
    sent = {**headers, "cookie": f"{name}={value}"}
    answer = send("POST", f"{SELF}{path}", body=body, headers=sent)
    assert (answer.status, answer.code) == (403, "origin_not_allowed")
    assert (answer.cookies, platform.actions_since(before)) == ([], [])


@pytest.mark.parametrize(("method", "path", "body"), BY_PERSON)
@pytest.mark.parametrize("kind", ["none", "session", "identity", "member", "expired", "signed out"])
def test_every_other_credential_is_refused(
    platform: Platform, home: Home, method: str, path: str, body: Any, kind: str
) -> None:
    token: str | None = home.token
    match kind:
        case "none":
            token = None
        case "session":
            token = platform.token(home.tenant)
        case "identity":
            token = platform.id_token(home.tenant)
        case "member":
            token = platform.member_token(home.tenant.workspace)
        case "expired":
            platform.adapters.clock.pause(600)
        case "signed out":
            home.visitor.sign_out()
    before = len(platform.events)
    answer = send(method, f"{SELF}{path}", token=token, body=body)
    expected = {"none": "token_missing", "expired": "token_expired"}
    assert answer.status == 401
    assert answer.code == expected.get(
        kind, "token_superseded" if "out" in kind else "token_invalid"
    )
    assert platform.actions_since(before) == []


@pytest.mark.parametrize(("method", "path", "body"), BY_PERSON)
def test_a_page_elsewhere_is_refused_whatever_it_holds(
    home: Home, method: str, path: str, body: Any
) -> None:
    headers = {"origin": "https://notes.example"}
    answer = send(method, f"{SELF}{path}", token=home.token, body=body, headers=headers)
    assert (answer.status, answer.code) == (403, "origin_not_allowed")


@pytest.mark.parametrize("path", ["/api/v1/sessions", "/api/v1/workspaces", "/api/v1/applications"])
def test_the_token_opens_nothing_but_the_account(home: Home, path: str) -> None:
    assert send("GET", path, token=home.token).code == "token_invalid"


def test_whoever_is_suspended_has_no_account(platform: Platform, home: Home) -> None:
    platform.adapters.users.suspend(home.tenant.workspace.id, home.tenant.user)
    assert home.ask("GET", "/factors").code == "token_superseded"


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_a_change_wants_a_fresh_sign_in(
    platform: Platform, home: Home, method: str, path: str, body: Any
) -> None:
    platform.adapters.clock.pause(FRESH)
    home.post("/member-token")
    assert home.ask(method, path, body).code != "step_up_required"
    platform.adapters.clock.pause(1)
    home.post("/member-token")
    before, mails = len(platform.events), len(platform.adapters.mailer.sent)
    answer = home.ask(method, path, body)
    assert (answer.status, answer.code) == (403, "step_up_required")
    assert (answer.json()["max_age"], answer.json()["acr_values"]) == (FRESH, "sf:1")
    assert platform.actions_since(before) == []
    assert len(platform.adapters.mailer.sent) == mails


def test_the_password_makes_it_fresh_under_a_new_cookie(platform: Platform, home: Home) -> None:
    platform.adapters.clock.pause(FRESH + 1)
    old_token, old_cookies = home.token, dict(home.visitor.cookies)
    before = len(platform.events)
    answer = home.post("/step-up", password=PASSWORD)
    assert answer.status == 200
    assert platform.actions_since(before) == ["signin.succeeded"]
    assert home.visitor.cookies != old_cookies
    assert home.ask("POST", "/totp").status == 200
    home.token = old_token
    assert home.ask("GET", "/factors").code in {"token_superseded", "token_expired"}
    home.visitor.cookies = old_cookies
    assert home.post("/member-token").code == "token_missing"


def test_a_wrong_password_makes_nothing_fresh_and_is_counted(
    platform: Platform, home: Home
) -> None:
    before = len(platform.events)
    left = [home.post("/step-up", password="not this one").json()["triesLeft"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert platform.actions_since(before) == ["signin.failed"] * 5
    assert home.post("/step-up", password=PASSWORD).code == "rate_limited"


def test_whoever_has_a_second_factor_is_asked_for_it(platform: Platform, home: Home) -> None:
    authenticator = enrolled(platform, home.tenant)
    home = home_with_password_only(platform, home)
    answer = home.ask("DELETE", "/totp")
    assert (answer.code, answer.json()["acr_values"]) == ("step_up_required", "sf:2")
    step = home.post("/step-up", password=PASSWORD)
    assert step.json()["step"]["kind"] == "totp"
    assert step.cookies == []
    challenge = step.json()["step"]["challenge"]
    wrong = home.post("/step-up/totp", challenge=challenge, code=authenticator.wrong_code())
    assert wrong.code == "signin_refused"
    done = home.post("/step-up/totp", challenge=challenge, code=authenticator.code())
    assert done.status == 200
    claims = jwt.decode(home.token, options={"verify_signature": False})
    assert (claims["acr"], claims["amr"]) == ("sf:2", ["pwd", "otp", "mfa"])
    assert home.ask("DELETE", "/totp").status == 200


def test_a_recovery_code_serves_as_well(platform: Platform, home: Home) -> None:
    authenticator = enrolled(platform, home.tenant)
    home = home_with_password_only(platform, home)
    challenge = home.post("/step-up", password=PASSWORD).json()["step"]["challenge"]
    code = authenticator.recovery_codes[3]
    assert home.post("/step-up/recovery", challenge=challenge, code=code).status == 200
    assert home.ask("POST", "/recovery-codes").status == 200


def test_the_challenge_of_a_step_up_belongs_to_its_browser(platform: Platform, home: Home) -> None:
    authenticator = enrolled(platform, home.tenant)
    one, two = (home_with_password_only(platform, home) for _ in range(2))
    challenge = one.post("/step-up", password=PASSWORD).json()["step"]["challenge"]
    code = authenticator.code()
    assert two.post("/step-up/totp", challenge=challenge, code=code).code == "challenge_ended"
    login = home.visitor.step("steps/totp", challenge=challenge, code=code)
    assert login.code == "challenge_ended"
    begun = home.visitor.sign_in().json()["step"]["challenge"]
    assert one.post("/step-up/totp", challenge=begun, code=code).code == "challenge_ended"
    assert one.post("/step-up/totp", challenge=challenge, code=code).status == 200


def home_with_password_only(platform: Platform, home: Home) -> Home:
    """A browser that signed in before there was a second factor, and was kept then."""
    held = platform.adapters.factors._factors  # noqa: SLF001 - as if it were set up later
    kept = dict(held)
    held.clear()
    other = home_at(platform, home.tenant)
    held.update(kept)
    return other
