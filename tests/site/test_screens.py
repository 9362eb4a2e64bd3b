"""Every screen of every page, light and dark, wide and narrow: accessible, photographed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from tests.site.dead_ends import DEAD_ENDS
from tests.site.guests import GUESTS
from tests.site.homes import STATES
from tests.site.leaving import LEAVING
from tests.site.platform import SITE, Platform
from tests.site.waiting import WAITING
from tests.site.walks import SCREENS as OF_LOGIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

SCREENS = OF_LOGIN | DEAD_ENDS | GUESTS | LEAVING | STATES | WAITING
SHOTS = Path(__file__).parent / "shots"
AXE = "() => axe.run(document).then(({violations}) => violations.map(v => [v.id, v.nodes[0].html]))"


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    open_page: Callable[..., Page],
    platform: Platform,
    screen: str,
    scheme: Literal["light", "dark"],
) -> None:
    page = open_page(color_scheme=scheme, bypass_csp=True, viewport={"width": 1440, "height": 900})
    SCREENS[screen](page, platform)
    page.screenshot(path=SHOTS / f"{screen}-{scheme}.png")
    page.evaluate((SITE / "node_modules/axe-core/axe.min.js").read_text())
    assert page.evaluate(AXE) == []


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_sticks_out_of_a_narrow_screen(
    open_page: Callable[..., Page], platform: Platform, screen: str
) -> None:
    page = open_page(viewport={"width": 380, "height": 780}, color_scheme="dark")
    SCREENS[screen](page, platform)
    page.screenshot(path=SHOTS / f"{screen}-narrow.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
