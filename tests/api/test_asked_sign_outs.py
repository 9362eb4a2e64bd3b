"""Who is asked before a sign-out, and what a yes ends (RP-Initiated Logout 1.0, section 2)."""

from urllib.parse import urlencode, urlsplit

import pytest

from chalicelib.domain.oidc import LOGIN_PAGE
from tests.api.platform import Answer, Platform
from tests.api.visitor import Visitor, account, code_of, post_form, query_of

LOGOUT = "/oidc/acme/logout"
BACK = "https://notes.example/"


@pytest.fixture
def visitor(platform: Platform) -> Visitor:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    visitor = Visitor(platform, tenant)
    assert visitor.sign_in().status == 200
    return visitor


def is_signed_in(visitor: Visitor) -> bool:
    return visitor.step("continue").status == 200


def cookie_of(visitor: Visitor) -> dict[str, str]:
    return {"cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())}


def once_more(visitor: Visitor, answer: Answer) -> Answer:
    """What a browser asks next, with its cookie; the form's answer takes none away."""
    assert (answer.status, answer.cookies) == (303, [])
    address = urlsplit(answer.headers["location"])
    assert "id_token_hint" not in address.query
    return visitor.get(f"{address.path}?{address.query}")


def asked(answer: Answer) -> dict[str, str]:
    """What the page is told that asks the person; nothing has ended by then."""
    assert answer.cookies == []
    address = answer.headers["location"]
    assert urlsplit(address).path == LOGIN_PAGE
    told = query_of(address)
    assert (told.pop("sign_out"), told.pop("workspace_name")) == ("asked", "acme")
    return told


def test_any_page_that_sends_a_browser_has_the_person_asked(visitor: Visitor) -> None:
    before = len(visitor.platform.events)
    client = visitor.tenant.application.client_id
    words = {"client_id": client, "post_logout_redirect_uri": BACK, "state": "bye"}
    assert asked(visitor.get(LOGOUT)) == {}
    assert asked(visitor.get(f"{LOGOUT}?{urlencode({**words, 'prompt': 'x'})}")) == words
    assert asked(post_form(LOGOUT, words, **cookie_of(visitor))) == words
    # From another site it comes without the cookie, which the next request brings.
    assert asked(once_more(visitor, post_form(LOGOUT, words))) == words
    assert visitor.platform.actions_since(before) == []
    assert is_signed_in(visitor)


def test_a_yes_signs_the_browser_out_and_leads_back(visitor: Visitor) -> None:
    before, name = len(visitor.platform.events), f"__Host-sf-{visitor.tenant.workspace.id}"
    kept = dict(visitor.cookies)
    client = visitor.tenant.application.client_id
    told = {"workspace_name": "acme", "client_id": client, "post_logout_redirect_uri": BACK}
    answer = visitor.step("sign-out", request={**told, "state": "bye"})
    assert (answer.status, answer.json()) == (200, {"redirectTo": f"{BACK}?state=bye"})
    (line,) = answer.cookies
    assert line == f"{name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"
    assert visitor.platform.actions_since(before) == ["session.logged_out"]
    visitor.cookies = kept
    assert visitor.step("continue").code == "token_missing"
    # A second yes finds nobody, and is no failure.
    again = visitor.step("sign-out", request={"workspace_name": "acme"})
    assert (again.status, again.json()) == (200, {"redirectTo": "/#signed-out"})
    assert visitor.platform.actions_since(before) == ["session.logged_out"]


@pytest.mark.parametrize("uri", ["https://evil.example/", "//evil.example", f"{BACK}?x=1", ""])
def test_a_yes_leads_nowhere_that_is_not_registered(visitor: Visitor, uri: str) -> None:
    client = visitor.tenant.application.client_id
    told = {"workspace_name": "acme", "client_id": client, "post_logout_redirect_uri": uri}
    assert visitor.step("sign-out", request=told).json() == {"redirectTo": "/#signed-out"}


def test_a_yes_is_for_one_workspace(platform: Platform, visitor: Visitor) -> None:
    platform.tenant("neighbour")
    for name, status in (("neighbour", 200), ("nowhere", 404), ("", 404)):
        assert visitor.step("sign-out", request={"workspace_name": name}).status == status
    assert is_signed_in(visitor)


def test_nobody_is_asked_where_nobody_is_signed_in(visitor: Visitor) -> None:
    visitor.cookies = {}
    assert visitor.get(LOGOUT).headers["location"] == "/#signed-out"


def test_a_form_from_another_site_ends_what_gave_its_id_token(
    platform: Platform, visitor: Visitor
) -> None:
    other = Visitor(platform, visitor.tenant)
    assert other.sign_in().status == 200
    hint = visitor.exchange(visitor.code(prompt="none")).json()["id_token"]
    mallory = account(platform, visitor.tenant.workspace, "mallory@acme.example")
    assert mallory.person.user != visitor.tenant.user
    stranger = Visitor(platform, visitor.tenant, verifier=visitor.verifier)
    code = code_of(stranger.sign_in("mallory@acme.example").json()["redirectTo"])
    planted = visitor.exchange(code).json()["id_token"]

    # A stranger's token ends the stranger's sign-in, and no other without a question.
    answer = post_form(LOGOUT, {"id_token_hint": planted, "post_logout_redirect_uri": BACK})
    asked(once_more(visitor, answer))
    assert (is_signed_in(visitor), is_signed_in(stranger)) == (True, False)

    answer = post_form(LOGOUT, {"id_token_hint": hint, "post_logout_redirect_uri": BACK})
    assert (is_signed_in(visitor), is_signed_in(other)) == (False, True)
    assert once_more(visitor, answer).headers["location"] == BACK
    assert f"__Host-sf-{visitor.tenant.workspace.id}" not in visitor.cookies
