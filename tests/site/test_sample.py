"""The sample application against a provider that it has never met."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from playwright.sync_api import expect

from tests.site.provider import CLIENT, Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

SHOTS = Path(__file__).parent / "shots"


@pytest.fixture
def provider() -> Iterator[Provider]:
    started = Provider()
    yield started
    started.close()


def sign_in(page: Page, provider: Provider) -> None:
    page.goto(provider.sample)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Your notes").wait_for()


def write(page: Page, text: str) -> None:
    page.get_by_label("New note").fill(text)
    page.get_by_role("button", name="Add note").click()
    page.get_by_role("listitem").filter(has_text=text).first.wait_for()


def test_notes_are_there_again_after_signing_in_again(page: Page, provider: Provider) -> None:
    sign_in(page, provider)
    expect(page.get_by_text("No notes yet.")).to_be_visible()
    expect(page.get_by_label("Identity")).to_contain_text('"userId": 7')
    write(page, "Ferry <b>timetable</b>")
    write(page, "Winter storage")
    page.get_by_role("button", name="Delete note: Winter storage").click()
    expect(page.locator(".note")).to_have_count(1)
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    sign_in(page, provider)
    expect(page.locator(".note")).to_contain_text("Ferry <b>timetable</b>")


def test_nothing_stays_in_storage_or_in_the_address(page: Page, provider: Provider) -> None:
    sign_in(page, provider)
    assert page.evaluate("[sessionStorage.length, localStorage.length, document.cookie]") == [
        0,
        0,
        "",
    ]
    assert page.url == provider.sample


def test_creating_an_account_asks_the_login_for_it(page: Page, provider: Provider) -> None:
    page.goto(provider.sample)
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("heading", name="Your notes").wait_for()
    assert provider.authorized[-1]["prompt"] == "create"


def test_a_note_written_elsewhere_meanwhile_is_kept(page: Page, provider: Provider) -> None:
    sign_in(page, provider)
    write(page, "Mine")
    theirs = {"id": "x", "text": "Theirs", "writtenAt": "2026-11-22T09:00:00Z"}
    provider.write_elsewhere([*provider.notes, theirs])
    write(page, "Mine too")
    assert [note["text"] for note in provider.notes] == ["Mine", "Theirs", "Mine too"]


def test_signing_out_ends_the_token_and_visits_the_login(page: Page, provider: Provider) -> None:
    sign_in(page, provider)
    # The page shows "Sign in" once before it leaves for the provider and once after.
    with page.expect_response(lambda answer: answer.url == provider.sample):
        page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert provider.token == ""
    (ended,) = provider.ended
    assert ended["client_id"] == CLIENT
    assert ended["post_logout_redirect_uri"] == provider.sample
    # It says who signs out, and no address of this browser's history does.
    assert ended["id_token_hint"].count(".") == 2
    assert ended["id_token_hint"] not in page.url


@pytest.mark.parametrize(
    ("answer", "claims", "complaint"),
    [
        ({"state": "other"}, {}, "belongs to no sign-in that this tab began"),
        ({"iss": "https://evil.example"}, {}, "comes from another issuer"),
        ({"error": "access_denied"}, {}, "access_denied"),
        ({"code": "guessed"}, {}, "The code is not good."),
        ({}, {"iss": "https://evil.example"}, "comes from another issuer"),
        ({}, {"aud": "c-other"}, "is for another application"),
        ({}, {"nonce": "other"}, "belongs to another sign-in"),
        ({}, {"exp": 1}, "has expired"),
    ],
)
def test_an_answer_that_does_not_fit_signs_nobody_in(
    page: Page,
    provider: Provider,
    answer: dict[str, str],
    claims: dict[str, Any],
    complaint: str,
) -> None:
    provider.forged_answer, provider.forged_claims = answer, claims
    page.goto(provider.sample)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text(complaint)
    expect(page.get_by_role("heading", name="Your notes")).to_be_hidden()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_problem_is_told_in_the_platforms_words(page: Page, provider: Provider) -> None:
    sign_in(page, provider)
    detail = "The workspace is sealed; your data is intact."
    provider.problem = {"status": 423, "detail": detail, "requestId": "req-9"}
    page.get_by_label("New note").fill("Later")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_role("alert")).to_have_text(f"{detail} (request req-9)")
    expect(page.get_by_label("New note")).to_have_value("Later")


def test_a_dead_token_leads_back_to_signing_in(page: Page, provider: Provider) -> None:
    sign_in(page, provider)
    provider.token = "superseded"
    page.get_by_label("New note").fill("Later")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_role("alert")).to_have_text("Sign in again.")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_sample(
    open_page: Callable[..., Page],
    provider: Provider,
    dist: Path,
    scheme: Literal["light", "dark"],
) -> None:
    page = open_page(color_scheme=scheme, bypass_csp=True, viewport={"width": 900, "height": 900})
    axe = (dist.parent / "node_modules/axe-core/axe.min.js").read_text()
    look = "() => axe.run(document).then(({violations}) => violations.map(v => v.nodes[0].html))"
    page.goto(provider.sample)
    page.get_by_role("button", name="Sign in").wait_for()
    page.screenshot(path=SHOTS / f"sample-out-{scheme}.png")
    page.evaluate(axe)
    assert page.evaluate(look) == []
    sign_in(page, provider)
    write(page, "Ferry timetable")
    write(page, "Ask about winter storage")
    page.screenshot(path=SHOTS / f"sample-in-{scheme}.png", full_page=True)
    page.evaluate(axe)
    assert page.evaluate(look) == []
