"""What the build weighs, and that it holds nothing a page may not have."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import resource
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.site.platform import SITE

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

BUDGETS = {
    "app/sessions/login/index.html": 30 * 1024,
    "app/self/index.html": 35 * 1024,
    "app/device/index.html": 20 * 1024,
}


def files_of(page: Path, dist: Path) -> list[Path]:
    """Return the page and all that it loads but fonts: scripts, styles and what these name."""
    found = [page]
    for file in found:
        text = file.read_text()
        for name in sorted(set(re.findall(r"/?(?:assets/|\./)?([\w-]+\.(?:js|css|svg))\b", text))):
            for path in (dist / "assets" / name, dist / name):
                if path.is_file() and path not in found:
                    found.append(path)
    return found


@pytest.mark.parametrize(("page", "budget"), BUDGETS.items())
def test_a_page_fits_its_budget(dist: Path, page: str, budget: int) -> None:
    files = files_of(dist / page, dist)
    assert {file.suffix for file in files} == {".html", ".js", ".css", ".svg"}
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= budget


def test_the_fonts_fit_theirs(dist: Path) -> None:
    sizes = {font.stem.rpartition("-")[0]: font.stat().st_size for font in dist.rglob("*.woff2")}
    assert len(list(dist.rglob("*.woff2"))) == 2
    assert sum(sizes.values()) <= 32 * 1024


def test_no_page_holds_inline_code_or_style(dist: Path) -> None:
    pages = list(dist.rglob("*.html"))
    assert len(pages) == 4
    for page in pages:
        text = page.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", text)


@pytest.mark.parametrize("page", BUDGETS)
def test_every_script_carries_its_hash(dist: Path, page: str) -> None:
    text = (dist / page).read_text()
    scripts = re.findall(r'<script[^>]*src="/(assets/[^"]+)"[^>]*integrity="sha384-([^"]+)"', text)
    assert len(scripts) == text.count("<script") == 1
    for name, given in scripts:
        digest = hashlib.sha384((dist / name).read_bytes()).digest()
        assert base64.b64encode(digest).decode() == given


def test_nothing_names_another_origin(dist: Path) -> None:
    # Names of XML namespaces are no addresses, though they look like it.
    allowed = re.compile(r"https?://www\.w3\.org/")
    for file in dist.rglob("*"):
        if file.is_file() and file.suffix != ".woff2":
            found = re.findall(r"https?://[\w.-]+/?", file.read_text())
            assert [address for address in found if not allowed.match(address)] == []


def test_the_lock_file_names_no_registry() -> None:
    assert "http" not in re.sub(
        r'"url": "https://[^"]+"', "", (SITE / "package-lock.json").read_text()
    )


def test_a_second_build_does_nothing_and_takes_no_time(dist: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in dist.rglob("*")}
    started = worked()
    subprocess.run([SITE.parents[1] / "scripts" / "site"], check=True)
    assert worked() - started < 1
    assert {file: file.stat().st_mtime_ns for file in dist.rglob("*")} == before


def worked() -> float:
    """Answer the processor's seconds that all children took; a busy machine adds none."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
