"""The contrasts of the design, computed from the style sheet itself."""

from __future__ import annotations

import re

import pytest

from tests.site.platform import SITE

CSS = (SITE / "src" / "styles" / "tokens.css").read_text()
PAIR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
TOKENS = {name: (light, dark) for name, light, dark in PAIR.findall(CSS)}
WHITE = ("#ffffff", "#ffffff")

# Ink, ground, and the least contrast in light and in dark.
TABLE = [
    ("ink", "surface", 17.6, 16.0),
    ("ink-2", "muted", 6.9, 7.3),
    ("ink-3", "muted", 4.9, 5.4),
    ("accent", "surface", 6.3, 8.0),
    ("good", "good-wash", 6.0, 8.2),
    ("warn", "warn-wash", 5.9, 8.2),
    ("bad", "bad-wash", 5.9, 6.6),
    ("on-solid", "solid", 16.9, 16.2),
    ("white", "bad-fill", 5.2, 4.8),
    ("control", "surface", 3.1, 3.4),
    ("accent-fill", "canvas", 4.5, 5.4),
    ("series-1", "surface", 3.4, 6.3),
    ("series-2", "surface", 3.4, 6.3),
    ("series-3", "surface", 3.4, 6.3),
    ("series-4", "surface", 3.4, 6.3),
]
GROUNDS = ("canvas", "surface", "raised", "subtle", "muted")
EXPECTED = {
    "canvas": ("#f7f8fa", "#0b0c0f"),
    "surface": ("#ffffff", "#121317"),
    "raised": ("#ffffff", "#181a1e"),
    "subtle": ("#f5f6f8", "#17181c"),
    "muted": ("#edeef2", "#212327"),
    "ink": ("#151922", "#edeef1"),
    "accent": ("#2a58cb", "#84a9f7"),
}


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("ink", "ground", "light", "dark"), TABLE)
def test_a_pair_keeps_its_contrast(ink: str, ground: str, light: float, dark: float) -> None:
    pairs = {**TOKENS, "white": WHITE}
    for scheme, least in enumerate((light, dark)):
        assert round(contrast(pairs[ink][scheme], pairs[ground][scheme]), 1) >= least


@pytest.mark.parametrize("ink", ["ink", "ink-2", "ink-3", "accent"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_readable_on_every_ground(ink: str, ground: str) -> None:
    for scheme in (0, 1):
        assert contrast(TOKENS[ink][scheme], TOKENS[ground][scheme]) >= 4.5


@pytest.mark.parametrize(("token", "pair"), EXPECTED.items())
def test_the_anchors_are_the_designs(token: str, pair: tuple[str, str]) -> None:
    assert TOKENS[token] == pair


def test_every_colour_has_a_light_and_a_dark() -> None:
    declared = set(re.findall(r"^  --([\w-]+): light-dark", CSS, re.MULTILINE))
    assert declared == set(TOKENS)
    assert len(TOKENS) == 27


def test_no_other_style_sheet_brings_colours_of_its_own() -> None:
    for sheet in (SITE / "src").rglob("*.css"):
        if sheet.name != "tokens.css":
            strays = set(re.findall(r"#[0-9a-f]{3,8}\b|oklch\(|rgb\(", sheet.read_text()))
            # White on the application's own colour is not a colour of ours.
            assert strays <= {"#fff", "#ffffff"}, sheet.name
