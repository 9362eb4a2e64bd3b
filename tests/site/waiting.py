"""How to reach each state of the page on which a person lets a device in, as a person would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.adapters.clock import SystemClock
from tests.site.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

PAGE = "/app/device/?workspace=demo"
CODE = "WDJB-MJHT"
NAME = "pZk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9JfZk3v0Qd1m2X8y7"
MIRA = {"name": "Mira Lindqvist", "email": "mira@lindqvist.se"}


def waiting(**changes: Any) -> dict[str, Any]:
    """What the platform answers to the right code."""
    return {
        "device": NAME,
        "userCode": CODE,
        "workspace": {"name": "Demo Works"},
        "application": {"appId": "shell", "name": "Harbor CLI", "color": "#0c6b62"},
        "asked": {
            "at": SystemClock().now() - 130,
            "program": "Python on Linux",
            "network": "203.0",
        },
        "person": MIRA,
        **changes,
    }


def opened(page: Page, platform: Platform) -> None:
    page.goto(f"{platform.origin}{PAGE}")
    page.get_by_role("heading", name="Connect a device").wait_for()


def with_code(page: Page, platform: Platform) -> None:
    page.goto(f"{platform.origin}{PAGE}&user_code={CODE}")
    page.get_by_text("Check that your device shows this very code.").wait_for()


def typed(page: Page, code: str = "wdjb mjht") -> None:
    page.get_by_role("textbox", name="Code").fill(code)
    page.keyboard.press("Enter")


def code_unknown(page: Page, platform: Platform) -> None:
    platform.refuse("device/look-up", 404, "not_found")
    opened(page, platform)
    typed(page)
    page.get_by_text("No device waits with this code.").wait_for()


def too_many(page: Page, platform: Platform) -> None:
    platform.refuse("device/look-up", 429, "rate_limited", retryAfter=754)
    opened(page, platform)
    typed(page)
    page.get_by_text("Too many tries.").wait_for()


def asked(page: Page, platform: Platform) -> None:
    platform.answer("device/look-up", waiting())
    opened(page, platform)
    typed(page)
    page.get_by_role("heading", name="Let Harbor CLI in?").wait_for()


def asked_of_nobody(page: Page, platform: Platform) -> None:
    platform.answer("device/look-up", waiting(person=None))
    opened(page, platform)
    typed(page)
    page.get_by_role("button", name="Sign in to decide").wait_for()


def signed_out(page: Page, platform: Platform) -> None:
    platform.refuse("device/decide", 401, "token_missing")
    asked(page, platform)
    page.get_by_role("button", name="Let it in as").click()
    page.get_by_text("Your sign-in has ended.").wait_for()


def let_in(page: Page, platform: Platform) -> None:
    platform.answer("device/decide", {"approved": True})
    asked(page, platform)
    page.get_by_role("button", name="Let it in as").click()
    page.get_by_role("heading", name="Your device is connected").wait_for()


def refused(page: Page, platform: Platform) -> None:
    platform.answer("device/decide", {"approved": False})
    asked(page, platform)
    page.get_by_role("button", name="Do not let it in").click()
    page.get_by_role("heading", name="The device was not let in").wait_for()


def over(page: Page, platform: Platform) -> None:
    platform.refuse("device/decide", 404, "not_found")
    asked(page, platform)
    page.get_by_role("button", name="Let it in as").click()
    page.get_by_role("heading", name="This code is over").wait_for()


def back(page: Page, platform: Platform) -> None:
    platform.answer("device/context", waiting())
    page.goto(f"{platform.origin}{PAGE}&device={NAME}&user_code={CODE}")
    page.get_by_role("heading", name="Let Harbor CLI in?").wait_for()


def broken(page: Page, platform: Platform) -> None:
    platform.refuse("device/context", 503, "store_unavailable")
    page.goto(f"{platform.origin}{PAGE}&device={NAME}&user_code={CODE}")
    page.get_by_role("heading", name="This sign-in cannot continue").wait_for()


def nowhere(page: Page, platform: Platform) -> None:
    page.goto(f"{platform.origin}/app/device/")
    page.get_by_role("heading", name="This address is not complete").wait_for()


def offline(page: Page, platform: Platform) -> None:
    opened(page, platform)
    page.context.set_offline(True)
    page.get_by_text("You are offline.").wait_for()


WAITING: dict[str, Callable[[Page, Platform], None]] = {
    f"device_{walk.__name__}": walk
    for walk in (
        opened,
        with_code,
        code_unknown,
        too_many,
        asked,
        asked_of_nobody,
        signed_out,
        let_in,
        refused,
        over,
        broken,
        nowhere,
        offline,
    )
}
