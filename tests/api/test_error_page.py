"""Where people come by a link or a form: refused they see a page, and programs a document."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app import app
from chalicelib.api.endpoint import declared
from chalicelib.api.error_page import Reason
from chalicelib.domain.applications import ReturnFlow
from chalicelib.domain.errors import StoreUnavailable
from chalicelib.domain.pushed_requests import REQUEST_URI
from chalicelib.domain.workspaces import Gate, GateStatus
from chalicelib.services.workspaces import Workspaces
from tests.api.platform import Answer, Platform, Tenant, send
from tests.api.visitor import Visitor, account, post_form

AUTHORIZE, LOGOUT = "/oidc/{workspace}/authorize", "/oidc/{workspace}/logout"
CALLBACK, ACS = "/oidc/{workspace}/callback/{provider}", "/oidc/{workspace}/saml/{provider}/acs"
LINK = "/api/v1/auth/logout"
WORDS = Path(__file__).parents[2] / "infra" / "site" / "src" / "login" / "words.ts"
EVIL = "https://evil.example/<script>"
GONE = f"{REQUEST_URI}sfp_{'A' * 43}"

# What browsers send: of today, and those that do not say of themselves that they navigate.
PEOPLE = {
    "chromium": {
        "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
        "sec-fetch-site": "cross-site",
    },
    "old": {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"},
    "terse": {"accept": "TEXT/HTML; q=0.9"},
}
PROGRAMS: dict[str, dict[str, str]] = {
    "silent": {},
    "anything": {"accept": "*/*"},
    "json": {"accept": "application/json"},
    "either": {"accept": "application/json, text/html;q=0.5"},
    "problem": {"accept": "text/html, application/problem+json"},
    "script": {"accept": "text/html", "sec-fetch-mode": "cors"},
    "image": {"accept": "text/html", "sec-fetch-mode": "no-cors"},
    "empty": {"accept": "", "sec-fetch-mode": ""},
}


@dataclass(frozen=True)
class Case:
    """One refusal; a POST sends `words` as a form, and a GET in its query."""

    route: str
    method: str
    words: tuple[tuple[str, str], ...]
    status: int
    reason: Reason
    workspace: str = "acme"
    media_type: str = "application/x-www-form-urlencoded"

    def sent(self, **headers: str) -> Answer:
        path = self.route.format(workspace=self.workspace, provider="acme")
        query = urlencode(self.words)
        if self.method == "GET":
            return send("GET", f"{path}?{query}", headers=headers)
        sent = {"content-type": self.media_type, **headers}
        return send("POST", path, raw=query.encode(), headers=sent)


def case(
    route: str, method: str, status: int, reason: Reason, *words: tuple[str, str], **more: str
) -> Case:
    return Case(route, method, words, status, reason, **more)


CLIENT = ("client_id", "CLIENT")
STATE = ("state", "A" * 43)
TWICE = (("state", "a"), ("state", "b"))
OF_BOTH = [
    refusal
    for method in ("GET", "POST")
    for refusal in (
        case(AUTHORIZE, method, 404, Reason.NOT_FOUND, CLIENT, workspace="nowhere"),
        case(AUTHORIZE, method, 404, Reason.NOT_FOUND, ("client_id", "c" + "a" * 26)),
        case(AUTHORIZE, method, 404, Reason.NOT_FOUND, CLIENT, ("app_id", "forms")),
        case(AUTHORIZE, method, 400, Reason.INVALID_REQUEST),
        case(AUTHORIZE, method, 400, Reason.INVALID_REQUEST, CLIENT, *TWICE),
        case(AUTHORIZE, method, 400, Reason.NOT_REGISTERED, CLIENT),
        case(AUTHORIZE, method, 400, Reason.NOT_REGISTERED, CLIENT, ("redirect_uri", EVIL)),
        case(AUTHORIZE, method, 400, Reason.NOT_BEGUN_HERE, CLIENT, ("request_uri", GONE)),
        case(LOGOUT, method, 404, Reason.NOT_SIGNED_OUT, workspace="nowhere"),
        case(LOGOUT, method, 400, Reason.NOT_SIGNED_OUT, *TWICE),
    )
]
OF_POST = [
    case(route, "POST", 400, reason, CLIENT, media_type="text/plain")
    for route, reason in (
        (AUTHORIZE, Reason.INVALID_REQUEST),
        (LOGOUT, Reason.NOT_SIGNED_OUT),
        (ACS, Reason.INVALID_REQUEST),
    )
]
OF_ONE = [
    case(CALLBACK, "GET", 400, Reason.NOT_BEGUN_HERE),
    case(CALLBACK, "GET", 400, Reason.NOT_BEGUN_HERE, STATE, ("code", "c")),
    case(CALLBACK, "GET", 400, Reason.NOT_BEGUN_HERE, STATE, ("error", EVIL)),
    case(CALLBACK, "GET", 400, Reason.INVALID_REQUEST, *TWICE),
    case(CALLBACK, "GET", 404, Reason.NOT_FOUND, STATE, workspace="nowhere"),
    case(ACS, "POST", 400, Reason.NOT_BEGUN_HERE, ("SAMLResponse", "PHNhbWw+")),
    case(ACS, "POST", 400, Reason.NOT_BEGUN_HERE, ("RelayState", "A" * 43)),
    case(ACS, "POST", 404, Reason.NOT_FOUND, ("RelayState", "A" * 43), workspace="nowhere"),
    case(LINK, "GET", 400, Reason.NOT_SIGNED_OUT),
    case(LINK, "GET", 400, Reason.NOT_SIGNED_OUT, ("session_token", "a"), ("session_token", "b")),
    case(LINK, "GET", 401, Reason.NOT_SIGNED_OUT, ("session_token", "a.b.c")),
    case(LINK, "GET", 401, Reason.NOT_SIGNED_OUT, ("session_token", "x"), ("redirect_uri", EVIL)),
    case(LINK, "GET", 403, Reason.NOT_SIGNED_OUT, ("session_token", "TOKEN")),
]
SEALED = [
    case(AUTHORIZE, "GET", 423, Reason.WORKSPACE_SEALED, CLIENT),
    case(CALLBACK, "GET", 423, Reason.WORKSPACE_SEALED, STATE),
    case(ACS, "POST", 423, Reason.WORKSPACE_SEALED, ("RelayState", "A" * 43)),
]
TABLE = [*OF_BOTH, *OF_POST, *OF_ONE]


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant()
    account(platform, tenant.workspace, "anna@acme.example")
    return tenant


def filled(case: Case, platform: Platform, tenant: Tenant) -> Case:
    known = {
        "CLIENT": lambda: tenant.application.client_id,
        "TOKEN": lambda: platform.token(tenant),
    }
    words = tuple((name, known[value]() if value in known else value) for name, value in case.words)
    return Case(
        case.route, case.method, words, case.status, case.reason, case.workspace, case.media_type
    )


def shown(answer: Answer, case: Case) -> None:
    """A person is on the way to the page, with a word, a number and nothing else."""
    assert answer.status == (303 if case.method == "POST" else 302), answer.body
    page = f"/app/sessions/login?error={case.reason}&request_id=req-1"
    assert answer.headers["location"] == page
    assert (answer.body, answer.cookies) == ("", [])
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Origin, Accept, Sec-Fetch-Mode"
    assert "refresh" not in answer.headers


def told(answer: Answer, status: int) -> None:
    """A program is told by a problem document and its status."""
    assert (answer.status, answer.json()["status"]) == (status, status), answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert not {"location", "refresh"} & answer.headers.keys()
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Origin, Accept, Sec-Fetch-Mode"


@pytest.mark.parametrize("case", TABLE, ids=lambda case: f"{case.method} {case.route} {case.words}")
def test_a_person_is_shown_a_page_and_a_program_a_document(
    platform: Platform, tenant: Tenant, case: Case
) -> None:
    asked = filled(case, platform, tenant)
    for headers in PEOPLE.values():
        shown(asked.sent(**headers), asked)
    for headers in PROGRAMS.values():
        told(asked.sent(**headers), asked.status)


@pytest.mark.parametrize("case", SEALED, ids=lambda case: case.route)
def test_a_sealed_workspace_has_a_page_of_its_own(
    platform: Platform, tenant: Tenant, case: Case
) -> None:
    platform.adapters.workspaces.gates[tenant.workspace.id] = Gate(GateStatus.SEALED, 2)
    asked = filled(case, platform, tenant)
    shown(asked.sent(**PEOPLE["chromium"]), asked)
    told(asked.sent(), 423)


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (StoreUnavailable("Not now."), 503),
        (KeyError("oops"), 500),
    ],
)
@pytest.mark.parametrize(
    ("route", "method"), [(AUTHORIZE, "GET"), (LOGOUT, "POST"), (CALLBACK, "GET"), (ACS, "POST")]
)
def test_what_fails_on_our_side_is_no_document_either(
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    route: str,
    method: str,
    failure: Exception,
    status: int,
) -> None:
    def broken(*_: object) -> None:
        raise failure

    assert tenant.workspace.slug == "acme"
    monkeypatch.setattr(Workspaces, "named", broken)
    asked = case(route, method, status, Reason.UNAVAILABLE)
    shown(asked.sent(**PEOPLE["chromium"]), asked)
    told(asked.sent(), status)


def test_a_sign_out_to_an_address_that_is_not_registered_did_not_happen(
    platform: Platform,
) -> None:
    tenant = platform.tenant("links", return_flow=ReturnFlow.TOKEN)
    words = {"session_token": platform.token(tenant), "redirect_uri": EVIL}
    asked = case(LINK, "GET", 400, Reason.NOT_SIGNED_OUT, *words.items())
    count = len(platform.events)
    shown(asked.sent(**PEOPLE["chromium"]), asked)
    told(asked.sent(), 400)
    assert platform.actions_since(count) == []


def test_an_answer_that_comes_late_or_to_another_browser_has_its_page(
    platform: Platform, tenant: Tenant
) -> None:
    visitor, other = Visitor(platform, tenant), Visitor(platform, tenant)
    headers = PEOPLE["chromium"]
    for browser in (visitor, other):
        answer = browser.get(f"/oidc/acme/callback/acme?state={'B' * 43}&code=c", **headers)
        assert answer.headers["location"].startswith(
            f"/app/sessions/login?error={Reason.NOT_BEGUN_HERE}&"
        )


def test_what_belongs_to_the_client_still_goes_to_the_client(
    platform: Platform, tenant: Tenant
) -> None:
    # RFC 6749, 4.1.2.1, and OpenID Connect Core 1.0, 3.1.2.6: the address is proven to be its own.
    visitor = Visitor(platform, tenant)
    for changes, error in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ):
        query = urlencode(visitor.params(**changes))
        for headers in (PEOPLE["chromium"], {}):
            answer = visitor.get(f"/oidc/acme/authorize?{query}", **headers)
            assert answer.status == 302
            assert answer.headers["location"].startswith(f"{visitor.redirect_uri}?error={error}&")


def test_other_routes_answer_browsers_as_they_answer_everybody(tenant: Tenant) -> None:
    assert tenant.workspace.slug != "nowhere"
    headers = PEOPLE["chromium"]
    for answer in (
        send("GET", "/oidc/nowhere/.well-known/openid-configuration", headers=headers),
        send("GET", "/oidc/nowhere/userinfo", headers=headers),
        send("GET", "/api/v1/sessions", headers=headers),
        post_form("/oidc/nowhere/token", {}, **headers),
    ):
        assert answer.status >= 400
        assert "location" not in answer.headers
        assert answer.headers["vary"] == "Origin"


def test_every_route_that_sends_browsers_on_stands_in_the_table() -> None:
    sending = {
        (route, method)
        for route, methods in app.routes.items()
        for method, entry in methods.items()
        if declared[entry.view_function].contract.sends_on
    }
    assert sending == {(each.route, each.method) for each in TABLE}


@pytest.mark.parametrize("reason", Reason)
def test_the_page_has_words_for_every_reason_and_no_others(reason: Reason) -> None:
    found = re.findall(r"^    ([a-z_]+): \{$", WORDS.read_text(), re.MULTILINE)
    assert reason in found
    assert len(found) == len(Reason)
