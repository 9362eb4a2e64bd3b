"""How to reach each screen of the hosted login, as a person would."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from playwright.sync_api import expect

from chalicelib.adapters.one_time_codes import PyOtpCodes
from tests.site.platform import LOGIN, Platform

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

REQUEST: dict[str, str] = {
    "workspace_name": "demo",
    "app_id": "notes",
    "client_id": "c12345678",
    "redirect_uri": "https://app.harbornotes.com/cb?x=1&y=ä",
    "response_type": "code",
    "scope": "openid profile",
    "state": "s+t a/te=",
    "nonce": "n-0",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
PASSWORD = "plain words are long"
_DRAWING = PyOtpCodes().drawing("otpauth://totp/Demo:mira%40lindqvist.se?secret=JBSWY3DPEHPK3PXP")
SETUP = {
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "uri": "otpauth://totp/Demo:mira%40lindqvist.se?secret=JBSWY3DPEHPK3PXP",
    "qr": {"size": _DRAWING.size, "path": _DRAWING.path},
}
CODES = [f"abcd{n}-fghj{n}" for n in range(10)]
PERSON = {"name": "Mira Lindqvist", "email": "mira@lindqvist.se"}


def type_code(page: Page, digits: str) -> None:
    """Type as a person does, who sees the cursor first; a page under way would take it along."""
    field = page.get_by_label("Six-digit code")
    expect(field).to_be_focused()
    field.press_sequentially(digits)


def opened(page: Page, platform: Platform) -> None:
    page.goto(f"{platform.origin}{LOGIN}?{urlencode(REQUEST)}")


def email(page: Page, platform: Platform) -> None:
    opened(page, platform)
    page.get_by_label("Email").wait_for()


def email_filled(page: Page, platform: Platform) -> None:
    email(page, platform)
    page.get_by_label("Email").fill("mira@lindqvist.se")


def email_wrong(page: Page, platform: Platform) -> None:
    email(page, platform)
    page.get_by_label("Email").fill("mira")
    page.keyboard.press("Enter")
    page.get_by_text("Enter an email address").wait_for()


def password(page: Page, platform: Platform) -> None:
    email_filled(page, platform)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Password", exact=True).wait_for()


def password_wrong(page: Page, platform: Platform) -> None:
    platform.refuse("sign-in", 403, "signin_refused", triesLeft=4)
    password(page, platform)
    page.get_by_label("Password", exact=True).fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("do not match. 4 tries left.").wait_for()


def locked(page: Page, platform: Platform) -> None:
    platform.refuse("sign-in", 429, "rate_limited", retryAfter=272)
    locked_again(page, platform)


def locked_again(page: Page, platform: Platform) -> None:
    password(page, platform)
    page.get_by_label("Password", exact=True).fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Too many tries.").wait_for()


def totp(page: Page, platform: Platform) -> None:
    platform.answer("sign-in", {"step": {"kind": "totp", "challenge": "ch-2"}})
    password(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Enter your code").wait_for()


def totp_wrong(page: Page, platform: Platform) -> None:
    platform.refuse("steps/totp", 403, "signin_refused", triesLeft=3)
    totp(page, platform)
    type_code(page, "111111")
    page.get_by_text("That is not the code. 3 tries left.").wait_for()


def recovery(page: Page, platform: Platform) -> None:
    totp(page, platform)
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_label("Recovery code").wait_for()


def enrolment(page: Page, platform: Platform) -> None:
    platform.answer("sign-in", {"step": {"kind": "enrolment", "challenge": "ch-3", "setup": SETUP}})
    password(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Set up an authenticator").wait_for()


def enrolment_by_hand(page: Page, platform: Platform) -> None:
    platform.refuse("steps/enrolment", 403, "signin_refused", triesLeft=4)
    enrolment(page, platform)
    page.get_by_text("Type the key by hand").click()
    page.get_by_label("Six-digit code").press_sequentially("111111")
    page.get_by_text("That is not the code. 4 tries left.").wait_for()


def recovery_codes(page: Page, platform: Platform) -> None:
    kept = {"kind": "recovery_codes", "challenge": "ch-4", "recoveryCodes": CODES}
    platform.answer("steps/enrolment", {"step": kept})
    enrolment(page, platform)
    type_code(page, "482913")
    page.get_by_role("heading", name="Keep your recovery codes").wait_for()


def passkey_offer(page: Page, platform: Platform) -> None:
    platform.answer("sign-in", {"step": {"kind": "passkey_offer", "challenge": "of-1"}})
    password(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sign in faster next time").wait_for()


def passkey_unmade(page: Page, platform: Platform) -> None:
    platform.refuse("steps/passkey/options", 403, "signin_refused", triesLeft=0)
    passkey_offer(page, platform)
    page.get_by_role("button", name="Create a passkey").click()
    page.get_by_text("That passkey could not be accepted.").wait_for()


def passkey_last(page: Page, platform: Platform) -> None:
    opened(page, platform)
    page.evaluate("localStorage.setItem('sf-last:demo', 'passkey')")
    password(page, platform)
    page.get_by_text("Last used").wait_for()


def reset(page: Page, platform: Platform) -> None:
    platform.answer("password/forgot", {"challenge": "ch-1", "email": "mira@lindqvist.se"})
    password(page, platform)
    page.get_by_role("button", name="Forgot password?").click()
    page.get_by_role("heading", name="Choose a new password").wait_for()


def reset_wrong(page: Page, platform: Platform) -> None:
    platform.refuse("password/reset", 403, "signin_refused", triesLeft=4)
    reset(page, platform)
    type_code(page, "111111")
    page.get_by_label("New password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("That is not the code. 4 tries left.").wait_for()


def reset_done(page: Page, platform: Platform) -> None:
    platform.answer("password/reset", {"changed": True})
    reset(page, platform)
    type_code(page, "482913")
    page.get_by_label("New password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("Your password was changed").wait_for()


def sign_up(page: Page, platform: Platform) -> None:
    email(page, platform)
    page.get_by_role("button", name="Create an account").click()
    page.get_by_role("heading", name="Create your account").wait_for()


def sign_up_short(page: Page, platform: Platform) -> None:
    sign_up(page, platform)
    page.get_by_label("Email").fill("new@lindqvist.se")
    page.get_by_label("Password", exact=True).fill("too short")
    page.get_by_role("button", name="Create account").click()
    page.get_by_text("Use 15 characters or more.").wait_for()


def code(page: Page, platform: Platform) -> None:
    platform.answer("sign-up", {"challenge": "ch-1", "email": "new@lindqvist.se"})
    sign_up(page, platform)
    page.get_by_label("Name").fill("Mira")
    page.get_by_label("Email").fill("new@lindqvist.se")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.get_by_label("Six-digit code").wait_for()


def code_wrong(page: Page, platform: Platform) -> None:
    platform.refuse("sign-up/verify", 403, "signin_refused", triesLeft=2)
    code(page, platform)
    type_code(page, "111111")
    page.get_by_text("That is not the code. 2 tries left.").wait_for()


def returning(page: Page, platform: Platform) -> None:
    platform.context(person=PERSON)
    opened(page, platform)
    page.get_by_role("button", name="Continue as Mira").wait_for()


OFFERS = [
    {"name": "google", "displayName": "Google"},
    {"name": "microsoft", "displayName": "Microsoft"},
    {"name": "acme", "displayName": "Acme and Daughters"},
]


def providers(page: Page, platform: Platform) -> None:
    platform.context(providers=OFFERS)
    email(page, platform)
    page.get_by_role("button", name="Continue with Google").wait_for()


def provider_last(page: Page, platform: Platform) -> None:
    opened(page, platform)
    page.evaluate("localStorage.setItem('sf-last:demo', 'sso:google')")
    providers(page, platform)
    page.get_by_text("Last used").wait_for()


def routed(page: Page, platform: Platform) -> None:
    platform.context(routes=True)
    platform.answer("sso/route", {"provider": OFFERS[2]})
    email_filled(page, platform)
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_role("button", name="Continue with Acme and Daughters").wait_for()


def sso_required(page: Page, platform: Platform) -> None:
    platform.context(requiresSso=True, routes=True, providers=OFFERS[:1], signUp=False)
    email(page, platform)
    page.get_by_role("button", name="Emergency sign-in").wait_for()


def sso_alone(page: Page, platform: Platform) -> None:
    platform.context(requiresSso=True, providers=OFFERS[:2], signUp=False)
    opened(page, platform)
    page.get_by_role("button", name="Continue with Google").wait_for()


def sso_unknown(page: Page, platform: Platform) -> None:
    sso_required(page, platform)
    platform.answer("sso/route", {"provider": None})
    page.get_by_label("Email").fill("mira@lindqvist.se")
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_text("No provider here has an address like this.").wait_for()


def emergency(page: Page, platform: Platform) -> None:
    sso_required(page, platform)
    page.get_by_role("button", name="Emergency sign-in").click()
    page.get_by_text("For the few who are named").wait_for()


def came_back(page: Page, platform: Platform, outcome: str) -> None:
    page.goto(f"{platform.origin}{LOGIN}?{urlencode({**REQUEST, 'sso': outcome})}")


def turned_back(page: Page, platform: Platform) -> None:
    platform.context(providers=OFFERS)
    came_back(page, platform, "cancelled")
    page.get_by_text("You came back without signing in.").wait_for()


def not_trusted(page: Page, platform: Platform) -> None:
    platform.context(providers=OFFERS[:1])
    came_back(page, platform, "refused")
    page.get_by_text("could not be trusted").wait_for()


def to_be_linked(page: Page, platform: Platform) -> None:
    unlinked = {"email": "mira@lindqvist.se", "displayName": "Acme"}
    platform.answer("sso/finish", {"unlinked": unlinked})
    came_back(page, platform, "back")
    page.get_by_text("There is an account with this address.").wait_for()


def finish_refused(page: Page, platform: Platform) -> None:
    detail = "There is no account for you here yet. Ask whoever invited you."
    platform.refuse("sso/finish", 403, "forbidden", detail=detail)
    came_back(page, platform, "back")
    page.get_by_text(detail).wait_for()


def unknown(page: Page, platform: Platform) -> None:
    detail = "No such application in this workspace."
    platform.refuse("context", 404, "not_found", detail=detail, requestId="01JD8Q2M9X4C7")
    opened(page, platform)
    page.get_by_text(detail).wait_for()


def offline(page: Page, platform: Platform) -> None:
    email_filled(page, platform)
    page.context.set_offline(True)
    page.get_by_text("You are offline.").wait_for()


SCREENS: dict[str, Callable[[Page, Platform], None]] = {
    walk.__name__: walk
    for walk in (
        email_filled,
        email_wrong,
        password,
        password_wrong,
        locked,
        totp,
        totp_wrong,
        recovery,
        enrolment,
        enrolment_by_hand,
        recovery_codes,
        passkey_last,
        provider_last,
        passkey_offer,
        passkey_unmade,
        reset,
        reset_wrong,
        reset_done,
        sign_up,
        sign_up_short,
        code,
        code_wrong,
        returning,
        providers,
        routed,
        sso_required,
        sso_alone,
        sso_unknown,
        emergency,
        turned_back,
        not_trusted,
        to_be_linked,
        finish_refused,
        unknown,
        offline,
    )
}
