"""How to reach each state of a person's own account, as a person would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.builders import NOW
from tests.site.platform import Platform
from tests.site.walks import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

ACCOUNT = "/app/self/?workspace=demo"
SELF = {
    "workspace": {"slug": "demo", "name": "Demo Works"},
    "email": "mira@lindqvist.se",
    "name": "Mira Lindqvist",
}
ALONE: dict[str, Any] = {"password": True, "totp": None, "recoveryCodesLeft": 0}
TWOFOLD = {"password": True, "totp": {"createdAt": 1_793_000_000}, "recoveryCodesLeft": 10}
ERASED = {
    "erased": True,
    "record": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "erasedAt": NOW,
    "keysGoneAt": NOW + 8 * 86_400,
    "destroyed": {},
}
CODES = [f"abcd{n}-fghj{n}" for n in range(10)]
SETUP = {
    "challenge": "ch-1",
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "uri": "otpauth://totp/Demo:mira",
    "qr": {"size": 25, "path": "M0 0h7v7h-7zM18 0h7v7h-7zM0 18h7v7h-7zM10 10h5v5h-5z"},
}


HOUR = 3_600
PASSKEYS = [
    {
        "id": "pk-1",
        "name": "iCloud Keychain",
        "createdAt": 1_793_000_000,
        "lastUsedAt": NOW - 50 * HOUR,
        "synced": True,
    },
    {
        "id": "pk-2",
        "name": "Blue key on my ring",
        "createdAt": 1_793_100_000,
        "lastUsedAt": None,
        "synced": False,
    },
]


def sign_in(name: str, agent: str, hours: float, *methods: str, **more: Any) -> dict[str, Any]:
    """A browser in which the person signed in some hours ago."""
    at = int(NOW - hours * HOUR)
    told = {"id": name, "agent": agent, "current": False, "signedInAt": at}
    return {**told, "expiresAt": at + 30 * 24 * HOUR, "methods": [*methods], **more}


HERE = sign_in("si-1", "Firefox on Linux", 0, "pwd", current=True)
PHONE = sign_in("si-2", "Safari on iPhone", 5, "swk", "user", "mfa")
OFFICE = sign_in("si-3", "Edge on Windows", 75, "pwd", "otp", "mfa")
GRANTS: list[dict[str, Any]] = [
    {
        "id": "gr-1",
        "application": {"appId": "notes", "name": "Harbor Notes"},
        "signInId": "si-2",
        "createdAt": 1_793_000_000,
        "lastUsedAt": NOW - HOUR,
        "expiresAt": 1_799_000_000,
    }
]
PROVIDERS: list[dict[str, Any]] = [
    {"id": "ip-1", "name": "google", "displayName": "Google", "linkedAt": 1_793_000_000},
    {"id": "ip-2", "name": None, "displayName": "Another provider", "linkedAt": None},
]
DEVICES = [
    {"id": "de-1", "agent": "Firefox on Linux", "current": True, "signedInAt": NOW},
    {**PHONE, "id": "de-2"},
]


def home(platform: Platform, factors: dict[str, Any] = ALONE) -> None:
    """Answer as to a person who is signed in, and who proved it just now."""
    platform.answer("POST self/member-token", {"memberToken": "t0ken", "expiresIn": 600})
    platform.answer("GET self", SELF)
    platform.answer("GET self/factors", factors)
    platform.answer("GET self/passkeys", {"passkeys": []})
    platform.answer("GET self/identity-providers", {"identityProviders": []})
    platform.answer("GET self/sign-ins", {"signIns": [HERE]})
    platform.answer("GET self/grants", {"grants": []})
    platform.answer("GET self/devices", {"devices": []})


def opened(page: Page, platform: Platform) -> None:
    home(platform)
    at_home(page, platform)


def at_home(page: Page, platform: Platform) -> None:
    page.clock.set_fixed_time(NOW)
    page.goto(f"{platform.origin}{ACCOUNT}")
    page.get_by_role("heading", name="Your account", exact=True).wait_for()


def twofold(page: Page, platform: Platform) -> None:
    home(platform, TWOFOLD)
    at_home(page, platform)
    page.get_by_text("Your account is well protected").wait_for()


def few_codes(page: Page, platform: Platform) -> None:
    home(platform, {**TWOFOLD, "recoveryCodesLeft": 1})
    at_home(page, platform)
    page.get_by_text("running out").wait_for()


def setting_up(page: Page, platform: Platform) -> None:
    platform.answer("POST self/totp", SETUP)
    opened(page, platform)
    page.get_by_role("button", name="Set up").click()
    page.get_by_role("img", name="QR code").wait_for()


def setting_up_wrong(page: Page, platform: Platform) -> None:
    platform.refuse("POST self/totp/confirm", 403, "signin_refused", triesLeft=4)
    setting_up(page, platform)
    page.get_by_label("Six-digit code").press_sequentially("111111")
    page.get_by_text("That is not the code. 4 tries left.").wait_for()


def codes_shown(page: Page, platform: Platform) -> None:
    platform.answer("POST self/totp/confirm", {"recoveryCodes": CODES})
    setting_up(page, platform)
    page.get_by_label("Six-digit code").press_sequentially("482913")
    page.get_by_text(CODES[9]).wait_for()


def turning_off(page: Page, platform: Platform) -> None:
    twofold(page, platform)
    page.get_by_role("button", name="Turn off").click()
    page.get_by_role("heading", name="Turn off two-step codes?").wait_for()


def proving(page: Page, platform: Platform) -> None:
    platform.refuse("DELETE self/totp", 403, "step_up_required")
    turning_off(page, platform)
    page.get_by_role("dialog").get_by_role("button", name="Turn off").click()
    page.get_by_role("heading", name="Prove that it is you").wait_for()


def proving_wrong(page: Page, platform: Platform) -> None:
    platform.refuse("POST self/step-up", 403, "signin_refused", triesLeft=4)
    proving(page, platform)
    page.get_by_role("textbox", name="Password").fill("not this one")
    page.keyboard.press("Enter")
    page.get_by_text("That is not your password. 4 tries left.").wait_for()


def proving_code(page: Page, platform: Platform) -> None:
    platform.answer("POST self/step-up", {"step": {"kind": "totp", "challenge": "ch-2"}})
    proving(page, platform)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Six-digit code").wait_for()


def proving_recovery(page: Page, platform: Platform) -> None:
    proving_code(page, platform)
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_role("textbox", name="Recovery code").wait_for()


def password(page: Page, platform: Platform) -> None:
    opened(page, platform)
    page.get_by_role("button", name="Change password").click()
    page.get_by_label("Present password").wait_for()


def password_wrong(page: Page, platform: Platform) -> None:
    platform.refuse("POST self/password", 403, "signin_refused", triesLeft=4)
    password(page, platform)
    page.get_by_label("Present password").fill("not this one")
    page.get_by_label("New password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("That is not your password. 4 tries left.").wait_for()


def address(page: Page, platform: Platform) -> None:
    opened(page, platform)
    page.get_by_role("button", name="Change email").click()
    page.get_by_label("New email").wait_for()


def address_code(page: Page, platform: Platform) -> None:
    platform.answer("POST self/email", {"challenge": "ch-3", "email": "mira@new.example"})
    address(page, platform)
    page.get_by_label("New email").fill("mira@new.example")
    page.keyboard.press("Enter")
    page.get_by_label("Six-digit code").wait_for()


def with_passkeys(page: Page, platform: Platform) -> None:
    home(platform)
    platform.answer("GET self/passkeys", {"passkeys": PASSKEYS})
    at_home(page, platform)
    page.get_by_text("iCloud Keychain").wait_for()


def naming_passkey(page: Page, platform: Platform) -> None:
    with_passkeys(page, platform)
    page.get_by_role("button", name="Rename iCloud Keychain").click()
    page.get_by_label("Name", exact=True).wait_for()


def removing_passkey(page: Page, platform: Platform) -> None:
    with_passkeys(page, platform)
    page.get_by_role("button", name="Remove Blue key on my ring").click()
    page.get_by_role("heading", name="Remove Blue key on my ring?").wait_for()


def removing_last_passkey(page: Page, platform: Platform) -> None:
    only = "This passkey is your only way to sign in. Add another one first."
    platform.refuse("DELETE self/passkeys/pk-2", 403, "forbidden", detail=only)
    removing_passkey(page, platform)
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    page.get_by_text(only).wait_for()


def with_providers(page: Page, platform: Platform) -> None:
    home(platform)
    platform.answer("GET self/identity-providers", {"identityProviders": PROVIDERS})
    at_home(page, platform)
    page.get_by_role("button", name="Remove Google").scroll_into_view_if_needed()


def removing_provider(page: Page, platform: Platform) -> None:
    with_providers(page, platform)
    page.get_by_role("button", name="Remove Google").click()
    page.get_by_role("heading", name="Remove Google?").wait_for()


def removing_last_provider(page: Page, platform: Platform) -> None:
    only = "This provider is your only way to sign in. Add a passkey first."
    platform.refuse("DELETE self/identity-providers/ip-1", 403, "forbidden", detail=only)
    removing_provider(page, platform)
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    page.get_by_text(only).wait_for()


def without_password(page: Page, platform: Platform) -> None:
    home(platform, {**ALONE, "password": False})
    platform.answer("GET self/passkeys", {"passkeys": PASSKEYS[:1]})
    at_home(page, platform)
    page.get_by_text("You sign in without a password").wait_for()


def everywhere(page: Page, platform: Platform) -> None:
    home(platform)
    platform.answer("GET self/sign-ins", {"signIns": [HERE, PHONE, OFFICE]})
    platform.answer("GET self/grants", {"grants": GRANTS})
    platform.answer("GET self/devices", {"devices": DEVICES})
    at_home(page, platform)
    page.get_by_role("button", name="Sign out everywhere else").scroll_into_view_if_needed()


def known_browsers(page: Page, platform: Platform) -> None:
    everywhere(page, platform)
    page.get_by_text("2 browsers are known as yours").click()
    page.get_by_role("button", name="Forget Safari on iPhone").scroll_into_view_if_needed()


def signing_out_one(page: Page, platform: Platform) -> None:
    everywhere(page, platform)
    page.get_by_role("button", name="Sign out Edge on Windows").click()
    page.get_by_role("heading", name="Sign out Edge on Windows?").wait_for()


def signing_out_others(page: Page, platform: Platform) -> None:
    everywhere(page, platform)
    page.get_by_role("button", name="Sign out everywhere else").click()
    page.get_by_role("heading", name="Sign out everywhere else?").wait_for()


def leaving(page: Page, platform: Platform) -> None:
    opened(page, platform)
    page.get_by_role("button", name="Delete account").click()
    page.get_by_role("heading", name="Delete your account for good?").wait_for()


def leaving_mistyped(page: Page, platform: Platform) -> None:
    leaving(page, platform)
    page.get_by_label("Type mira@lindqvist.se").fill("mira@lindqvist")
    page.keyboard.press("Enter")
    page.get_by_text("Type your address as it stands here").wait_for()


def leaving_refused(page: Page, platform: Platform) -> None:
    held = "A legal hold lies on this account: its data must be kept for now."
    platform.refuse("DELETE self", 409, "erasure_refused", detail=held)
    leaving(page, platform)
    page.get_by_label("Type mira@lindqvist.se").fill("mira@lindqvist.se")
    page.keyboard.press("Enter")
    page.get_by_text(held).wait_for()


def erased(page: Page, platform: Platform) -> None:
    platform.answer("DELETE self", ERASED)
    leaving(page, platform)
    page.get_by_label("Type mira@lindqvist.se").fill("Mira@lindqvist.se ")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your account is deleted").wait_for()


def left(page: Page, platform: Platform) -> None:
    platform.answer("DELETE self/sign-ins/si-1", {"signIns": []})
    everywhere(page, platform)
    page.get_by_role("button", name="Sign out Firefox on Linux").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="You are signed out").wait_for()


def signed_out(page: Page, platform: Platform) -> None:
    turning_off(page, platform)
    platform.refuse("DELETE self/totp", 401, "token_superseded")
    platform.refuse("POST self/member-token", 401, "token_missing")
    page.get_by_role("dialog").get_by_role("button", name="Turn off").click()
    page.get_by_role("heading", name="Your sign-in has ended").wait_for()


def without(page: Page, platform: Platform, *passkeys: dict[str, Any]) -> None:
    """A change that wants a proof, by somebody who has no password."""
    home(platform, {**ALONE, "password": False})
    platform.answer("GET self/passkeys", {"passkeys": [*passkeys]})
    platform.refuse("POST self/totp", 403, "step_up_required")
    at_home(page, platform)
    page.get_by_role("button", name="Set up").click()
    page.get_by_role("heading", name="Prove that it is you").wait_for()


def proving_passkey(page: Page, platform: Platform) -> None:
    without(page, platform, PASSKEYS[0])


def proving_again(page: Page, platform: Platform) -> None:
    without(page, platform)


def broken(page: Page, platform: Platform) -> None:
    platform.refuse("POST self/member-token", 503, "store_unavailable")
    page.goto(f"{platform.origin}{ACCOUNT}")
    page.get_by_role("heading", name="Your account cannot be opened now").wait_for()


def nowhere(page: Page, platform: Platform) -> None:
    page.goto(f"{platform.origin}/app/self/")
    page.get_by_role("heading", name="This address names no workspace").wait_for()


def offline(page: Page, platform: Platform) -> None:
    opened(page, platform)
    page.context.set_offline(True)
    page.get_by_text("You are offline.").wait_for()


STATES: dict[str, Callable[[Page, Platform], None]] = {
    f"account_{walk.__name__}": walk
    for walk in (
        opened,
        twofold,
        few_codes,
        setting_up,
        setting_up_wrong,
        codes_shown,
        turning_off,
        proving,
        proving_wrong,
        proving_code,
        proving_recovery,
        proving_passkey,
        proving_again,
        password,
        password_wrong,
        address,
        address_code,
        with_passkeys,
        naming_passkey,
        removing_passkey,
        with_providers,
        removing_provider,
        removing_last_provider,
        removing_last_passkey,
        without_password,
        everywhere,
        known_browsers,
        signing_out_one,
        signing_out_others,
        leaving,
        leaving_mistyped,
        leaving_refused,
        erased,
        left,
        signed_out,
        broken,
        nowhere,
        offline,
    )
}
