"""Sign-ins by a provider elsewhere: the whole way, and everything that must not get through."""

import base64
import hashlib
import json
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from chalicelib.domain.limits import CHALLENGE_SECONDS
from chalicelib.domain.tenants import GOOGLE
from chalicelib.domain.vouching import Doubt, Vouched
from tests.api.desk import Desk, desk_on
from tests.api.platform import OWN_ORIGIN, Answer, Platform, send
from tests.api.test_identity_providers import chosen
from tests.api.visitor import OWN_PAGE, Visitor, account, query_of
from tests.contracts.directory import at_once

ISSUER = "https://login.acme.example"
OTHER = "https://other.example"
SHARED = "https://login.microsoftonline.com/organizations/v2.0"
ONE = "72f988bf-86f1-41af-91ab-2d7cd011db47"
TWO = "9188040d-6c67-4c5b-b112-36a304b66dad"
PAGE = "/app/sessions/login"
EMAIL = "nora@acme.example"


@pytest.fixture
def desk(platform: Platform) -> Desk:
    for issuer in (ISSUER, OTHER):
        platform.adapters.identity_providers.add(issuer)
    desk = desk_on(platform)
    chosen(desk)
    chosen(desk, "other", issuer=OTHER, domains=[], displayName="Other")
    return desk


@pytest.fixture
def visitor(desk: Desk) -> Visitor:
    return Visitor(desk.platform, desk.tenant)


def vouched(desk: Desk, **words: Any) -> Vouched:
    said = {
        "issuer": ISSUER,
        "subject": "u-1",
        "email": EMAIL,
        "is_verified": True,
        "name": "Nora",
        "auth_time": desk.platform.adapters.clock.now(),
        "claims": {"dept": "maritime law", "other": "x"},
        **words,
    }
    return Vouched(**said)


def begin(visitor: Visitor, provider: str = "acme", **words: Any) -> dict[str, str]:
    """Set out; answers what the browser asks the provider."""
    answer = visitor.step("sso", provider=provider, **words)
    assert answer.status == 200, answer.body
    return query_of(answer.json()["redirectTo"])


def come_back(
    visitor: Visitor, asked: dict[str, str], provider: str = "acme", /, **changes: str | None
) -> Answer:
    words = {"state": asked["state"], "code": "c-1", **changes}
    sent = urlencode({name: value for name, value in words.items() if value is not None})
    return visitor.get(f"/oidc/{visitor.slug}/callback/{provider}?{sent}")


def outcome(answer: Answer) -> str:
    assert answer.status == 302, answer.body
    location = answer.headers["location"]
    assert urlsplit(location).path == PAGE
    return query_of(location)["sso"]


def back(desk: Desk, visitor: Visitor, word: Any = None, **words: Any) -> Answer:
    """Go there and come back with a word for somebody."""
    asked = begin(visitor, **words)
    desk.platform.adapters.identity_providers.answers["c-1"] = word or vouched(desk)
    return come_back(visitor, asked)


def signed_in(desk: Desk, visitor: Visitor, **words: Any) -> Answer:
    assert outcome(back(desk, visitor, vouched(desk, **words))) == "back"
    return visitor.step("sso/finish")


def test_a_new_person_goes_there_comes_back_and_is_in(desk: Desk, visitor: Visitor) -> None:
    asked = begin(visitor, email=EMAIL)
    assert {name: asked[name] for name in asked if name not in {"state", "nonce"}} == {
        "response_type": "code",
        "client_id": "secureflows",
        "redirect_uri": f"{OWN_ORIGIN}/oidc/acme/callback/acme",
        "scope": "openid email profile",
        "code_challenge": asked["code_challenge"],
        "code_challenge_method": "S256",
        "login_hint": EMAIL,
    }
    providers = desk.platform.adapters.identity_providers
    providers.answers["c-1"] = vouched(desk)
    answer = come_back(visitor, asked)
    assert outcome(answer) == "back"
    shown = query_of(answer.headers["location"])
    assert {**visitor.params(), "sso": "back"}.items() <= shown.items()
    (redemption,) = providers.redeemed
    made = hashlib.sha256(redemption.verifier.encode()).digest()
    assert base64.urlsafe_b64encode(made).rstrip(b"=").decode() == asked["code_challenge"]
    assert (redemption.nonce, redemption.secret) == (asked["nonce"], "a-secret-of-the-provider")
    count = len(desk.platform.events)
    answer = visitor.step("sso/finish", request=shown)
    assert answer.status == 200, answer.body
    events = desk.platform.events[count:]
    assert [event.action.value for event in events] == [
        *("user.created", "signin.succeeded", "workspace.settings_changed")
    ]
    assert events[0].meta == {"method": "federated", "provider": "acme"}
    assert events[1].meta["method"] == "federated"
    # That it works is remembered once.
    assert (events[2].actor.kind, events[2].meta["change"]) == ("system", "proven")
    code = query_of(answer.json()["redirectTo"])["code"]
    tokens = visitor.exchange(code).json()
    assert tokens["id_token"]
    users = desk.platform.services.hosted.users
    user = users.found(desk.workspace.id, EMAIL)
    assert user is not None
    assert user.password is None
    profile = users.profile(user)
    assert (profile.name, profile.attributes) == ("Nora", {"department": "maritime law"})
    assert "maritime" not in repr(user)
    assert [name for name in visitor.cookies if name.startswith("__Host-sfo-")] == []


def test_whoever_was_there_before_is_the_same_person(desk: Desk, visitor: Visitor) -> None:
    assert signed_in(desk, visitor).status == 200
    count = len(desk.platform.events)
    again = Visitor(desk.platform, desk.tenant)
    # What an upstream calls an address may change; who it is does not.
    answer = signed_in(desk, again, email="other@acme.example", claims={"dept": "tax"})
    assert answer.status == 200
    actions = desk.platform.actions_since(count)
    assert actions == ["user.updated", "signin.succeeded"]
    users = desk.platform.services.hosted.users
    user = users.found(desk.workspace.id, EMAIL)
    assert user is not None
    assert users.profile(user).attributes == {"department": "tax"}
    assert users.found(desk.workspace.id, "other@acme.example") is None


def test_another_issuers_subject_of_the_same_name_is_another_person(
    desk: Desk, visitor: Visitor
) -> None:
    assert signed_in(desk, visitor).status == 200
    asked = begin(visitor, "other")
    word = vouched(desk, issuer=OTHER, email="zoe@other.example")
    desk.platform.adapters.identity_providers.answers["c-1"] = word
    assert outcome(come_back(visitor, asked, "other")) == "back"
    assert visitor.step("sso/finish").status == 200
    users = desk.platform.services.hosted.users
    found = [users.found(desk.workspace.id, each) for each in (EMAIL, "zoe@other.example")]
    assert None not in found
    assert len({user.person for user in found if user is not None}) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"state": "x" * 43},
        {"state": None},
        {"state": ""},
        {"state": "x"},
    ],
)
def test_an_answer_to_another_question_leads_nowhere(
    desk: Desk, visitor: Visitor, change: dict[str, str | None]
) -> None:
    asked = begin(visitor)
    desk.platform.adapters.identity_providers.answers["c-1"] = vouched(desk)
    answer = come_back(visitor, asked, **change)
    assert (answer.status, answer.code) == (400, "invalid_input")
    # Nothing was used up: the person whose answer it is goes on.
    assert outcome(come_back(visitor, asked)) == "back"


def test_in_another_browser_an_answer_leads_nowhere(desk: Desk, visitor: Visitor) -> None:
    asked = begin(visitor)
    desk.platform.adapters.identity_providers.answers["c-1"] = vouched(desk)
    thief, fixed = Visitor(desk.platform, desk.tenant), Visitor(desk.platform, desk.tenant)
    begin(fixed)
    for other in (thief, fixed):
        answer = come_back(other, asked)
        assert (answer.status, answer.code) == (400, "invalid_input")
    assert desk.platform.adapters.identity_providers.redeemed == []
    assert outcome(come_back(visitor, asked)) == "back"
    for other in (thief, fixed):
        assert other.step("sso/finish").code == "challenge_ended"


def test_an_answer_counts_once(desk: Desk, visitor: Visitor) -> None:
    asked = begin(visitor)
    answers = desk.platform.adapters.identity_providers.answers
    answers["c-1"] = vouched(desk)
    assert outcome(come_back(visitor, asked)) == "back"
    answers["c-1"] = vouched(desk)
    assert come_back(visitor, asked).code == "invalid_input"
    assert visitor.step("sso/finish").status == 200
    assert visitor.step("sso/finish").code == "challenge_ended"


def test_of_eight_answers_at_once_one_counts(desk: Desk, visitor: Visitor) -> None:
    asked = begin(visitor)
    desk.platform.adapters.identity_providers.answers["c-1"] = vouched(desk)
    answers = at_once([partial(come_back, visitor, asked)] * 8)
    assert sorted(answer.status for answer in answers) == [302] + [400] * 7


def test_an_answer_at_anothers_place_leads_nowhere(desk: Desk, visitor: Visitor) -> None:
    asked = begin(visitor)
    desk.platform.adapters.identity_providers.answers["c-1"] = vouched(desk)
    for place in ("other", "nobody"):
        assert come_back(visitor, asked, place).code == "invalid_input"
    neighbour = desk.platform.tenant("globex")
    visitor.tenant = neighbour
    assert come_back(visitor, asked).code == "invalid_input"


@pytest.mark.parametrize("iss", [OTHER, f"{ISSUER}/", "x"])
@pytest.mark.parametrize("error", [None, "access_denied"])
def test_an_answer_in_anothers_name_is_refused_before_anything_is_made_of_it(
    desk: Desk, visitor: Visitor, iss: str, error: str | None
) -> None:
    asked = begin(visitor)
    desk.platform.adapters.identity_providers.answers["c-1"] = vouched(desk)
    count = len(desk.platform.events)
    assert outcome(come_back(visitor, asked, iss=iss, error=error)) == "refused"
    (event,) = desk.platform.events[count:]
    assert event.meta == {"method": "federated", "reason": "issuer", "provider": "acme"}
    assert desk.platform.adapters.identity_providers.redeemed == []


def test_one_that_says_that_it_names_itself_has_to(desk: Desk, visitor: Visitor) -> None:
    desk.platform.adapters.identity_providers.change(ISSUER, names_itself=True)
    assert outcome(back(desk, visitor)) == "refused"
    asked = begin(visitor)
    assert outcome(come_back(visitor, asked, iss=ISSUER)) == "back"


@pytest.mark.parametrize("doubt", Doubt)
def test_a_word_that_is_not_believed_lets_nobody_in(
    desk: Desk, visitor: Visitor, doubt: Doubt
) -> None:
    count = len(desk.platform.events)
    assert outcome(back(desk, visitor, doubt)) == "refused"
    (event,) = desk.platform.events[count:]
    assert (event.action, event.outcome) == ("signin.failed", "failure")
    assert event.meta["reason"] == doubt
    assert visitor.step("sso/finish").code == "challenge_ended"


@pytest.mark.usefixtures("desk")
def test_who_turns_back_is_told_so(visitor: Visitor) -> None:
    asked = begin(visitor)
    assert outcome(come_back(visitor, asked, error="access_denied", code=None)) == "cancelled"
    asked = begin(visitor)
    assert outcome(come_back(visitor, asked, code=None)) == "refused"


def test_one_that_describes_itself_as_another_meanwhile_is_not_believed(
    desk: Desk, visitor: Visitor
) -> None:
    asked = begin(visitor)
    desk.platform.adapters.identity_providers.answers["c-1"] = vouched(desk)
    desk.platform.adapters.identity_providers.change(ISSUER, issuer=OTHER)
    assert outcome(come_back(visitor, asked)) == "unavailable"
    answer = visitor.step("sso", provider="acme")
    assert (answer.status, answer.code) == (503, "upstream_unavailable")


@pytest.mark.parametrize("change", [{"issuer": OTHER}, {"enabled": False}])
def test_one_that_was_changed_meanwhile_lets_nobody_in(
    desk: Desk, visitor: Visitor, change: dict[str, Any]
) -> None:
    asked = begin(visitor)
    desk.platform.adapters.identity_providers.answers["c-1"] = vouched(desk)
    chosen(desk, **change)
    assert outcome(come_back(visitor, asked)) == "refused"


@pytest.mark.parametrize("change", [{"issuer": OTHER}, {"enabled": False}])
def test_one_that_was_changed_after_the_way_back_lets_nobody_in(
    desk: Desk, visitor: Visitor, change: dict[str, Any]
) -> None:
    assert outcome(back(desk, visitor)) == "back"
    chosen(desk, **change)
    assert visitor.step("sso/finish").status in {404, 410}


def test_a_way_ends_after_ten_minutes(desk: Desk, visitor: Visitor) -> None:
    clock = desk.platform.adapters.clock
    asked = begin(visitor)
    desk.platform.adapters.identity_providers.answers["c-1"] = vouched(desk)
    clock.pause(CHALLENGE_SECONDS - 1)
    assert outcome(come_back(visitor, asked)) == "back"
    clock.pause(1)
    assert visitor.step("sso/finish").code == "challenge_ended"
    asked = begin(visitor)
    clock.pause(CHALLENGE_SECONDS)
    assert come_back(visitor, asked).code == "invalid_input"


def test_a_word_is_good_for_the_request_that_it_was_fetched_for(
    desk: Desk, visitor: Visitor
) -> None:
    assert outcome(back(desk, visitor)) == "back"
    named = {"workspace_name": "acme", "app_id": "notes"}
    other = {**named, **visitor.params(state="s-2")}
    assert visitor.step("sso/finish", request=other).code == "challenge_ended"
    assert visitor.step("sso/finish").status == 200


@pytest.mark.parametrize("headers", [{}, {"origin": OWN_ORIGIN}, {**OWN_PAGE, "origin": OTHER}])
@pytest.mark.parametrize("step", ["sso", "sso/route", "sso/finish", "sso/link"])
def test_no_other_page_takes_a_step(
    desk: Desk, visitor: Visitor, step: str, headers: dict[str, str]
) -> None:
    body = {"request": visitor.params(), "provider": "acme", "email": EMAIL}
    answer = desk.unchanged(
        lambda: send("POST", f"/api/v1/login/{step}", body=body, headers=headers)
    )
    assert (answer.status, answer.code) == (403, "origin_not_allowed")


def test_a_known_address_is_never_taken_over_silently(desk: Desk, visitor: Visitor) -> None:
    mira = desk.tenant.email
    answer = signed_in(desk, visitor, email=mira)
    assert answer.json() == {"unlinked": {"email": mira, "displayName": "Acme"}}
    assert not answer.cookies
    # Nobody is signed in yet, so there is nobody to link.
    assert visitor.step("sso/link").code == "token_missing"
    assert visitor.sign_in().status == 200
    count = len(desk.platform.events)
    assert visitor.step("sso/link").json() == {"linked": "Acme"}
    (event,) = desk.platform.events[count:]
    assert (event.action, event.subject) == ("factor.added", desk.tenant.user)
    assert event.meta == {"kind": "federated", "provider": "acme"}
    *_, mail = desk.platform.adapters.mailer.sent
    assert (mail.to, mail.subject) == (mira, "Acme signs you in to Notes")
    assert visitor.step("sso/link").code == "challenge_ended"
    again = Visitor(desk.platform, desk.tenant)
    count = len(desk.platform.events)
    assert signed_in(desk, again, email=mira).status == 200
    assert desk.platform.events[count].subject == desk.tenant.user
    assert desk.platform.actions_since(count) == [
        *("user.updated", "signin.succeeded", "workspace.settings_changed")
    ]


def test_only_a_sign_in_to_that_account_since_then_links(desk: Desk, visitor: Visitor) -> None:
    mira = desk.tenant.email
    assert visitor.sign_in().status == 200
    desk.platform.adapters.clock.pause(1)
    assert "unlinked" in signed_in(desk, visitor, email=mira).json()
    answer = desk.unchanged(lambda: visitor.step("sso/link"))
    assert (answer.status, answer.code) == (401, "token_missing")
    account(desk.platform, desk.workspace, "zoe@acme.example")
    assert visitor.sign_in("zoe@acme.example").status == 200
    answer = desk.unchanged(lambda: visitor.step("sso/link"))
    assert (answer.status, answer.code) == (401, "token_missing")
    assert visitor.sign_in().status == 200
    assert visitor.step("sso/link").status == 200


@pytest.mark.parametrize(
    "words",
    [
        {"email": None},
        {"email": "no address"},
        {"email": "nora@elsewhere.example"},
        {"email": "mira@acme.example.elsewhere.example"},
    ],
)
def test_an_address_that_it_cannot_speak_for_is_refused(
    desk: Desk, visitor: Visitor, words: dict[str, Any]
) -> None:
    count = len(desk.platform.events)
    answer = signed_in(desk, visitor, **words)
    assert (answer.status, answer.code) == (403, "forbidden")
    assert [event.meta["reason"] for event in desk.platform.events[count:]] == ["address"]


def test_an_unconfirmed_address_counts_only_in_a_domain_of_the_providers(
    desk: Desk, visitor: Visitor
) -> None:
    asked = begin(visitor, "other")
    word = vouched(desk, issuer=OTHER, email="zoe@other.example", is_verified=False)
    desk.platform.adapters.identity_providers.answers["c-1"] = word
    assert outcome(come_back(visitor, asked, "other")) == "back"
    assert visitor.step("sso/finish").code == "forbidden"
    assert signed_in(desk, visitor, is_verified=False).status == 200


@pytest.mark.parametrize(("tenants", "status"), [([ONE], 200), ([ONE, TWO], 403)])
def test_of_many_tenants_an_unconfirmed_address_counts_for_none(
    desk: Desk, visitor: Visitor, tenants: list[str], status: int
) -> None:
    desk.platform.adapters.identity_providers.add(SHARED)
    chosen(desk, issuer=SHARED, tenants=tenants)
    word = {"issuer": SHARED.replace("organizations", ONE), "is_verified": False}
    assert signed_in(desk, visitor, **word).status == status
    assert desk.platform.adapters.identity_providers.redeemed[-1].tenants == tuple(tenants)


def test_google_is_told_whose_people_may_come(desk: Desk, visitor: Visitor) -> None:
    desk.platform.adapters.identity_providers.add(GOOGLE)
    chosen(desk, issuer=GOOGLE, tenants=["acme.example"])
    assert begin(visitor)["hd"] == "acme.example"


def test_without_makes_users_nobody_new_gets_in(desk: Desk, visitor: Visitor) -> None:
    chosen(desk, makesUsers=False)
    count = len(desk.platform.events)
    answer = signed_in(desk, visitor)
    assert (answer.status, answer.code) == (403, "forbidden")
    assert [event.meta["reason"] for event in desk.platform.events[count:]] == ["unknown"]


def test_a_suspended_person_does_not_get_in(desk: Desk, visitor: Visitor) -> None:
    assert signed_in(desk, visitor).status == 200
    users = desk.platform.services.hosted.users
    user = users.found(desk.workspace.id, EMAIL)
    assert user is not None
    desk.platform.adapters.users.suspend(desk.workspace.id, user.person.user)
    answer = signed_in(desk, Visitor(desk.platform, desk.tenant))
    assert (answer.status, answer.code) == (403, "forbidden")


def acr(visitor: Visitor, answer: Answer) -> tuple[str, list[str]]:
    tokens = visitor.exchange(query_of(answer.json()["redirectTo"])["code"]).json()
    middle = tokens["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return claims["acr"], claims["amr"]


def test_more_than_one_factor_there_counts_only_where_it_is_trusted(
    desk: Desk, visitor: Visitor
) -> None:
    assert acr(visitor, signed_in(desk, visitor, amr=("pwd", "mfa"))) == ("sf:1", ["fed"])
    chosen(desk, trustsMfa=True)
    found = acr(visitor, signed_in(desk, visitor, amr=("pwd", "mfa")))
    assert found == ("sf:2", ["fed", "mfa"])
    assert acr(visitor, signed_in(desk, visitor, amr=("pwd",))) == ("sf:1", ["fed"])


@pytest.mark.parametrize(
    ("wish", "asked_at", "status"),
    [
        ({"prompt": "login"}, 0, 200),
        ({"prompt": "login"}, -31, 403),
        ({"prompt": "login"}, None, 200),
        ({"max_age": "60"}, -90, 200),
        ({"max_age": "60"}, -91, 403),
        ({"max_age": "60"}, None, 403),
        ({}, -100_000, 200),
    ],
)
def test_how_fresh_a_sign_in_has_to_be_is_asked_and_compared(
    desk: Desk, visitor: Visitor, wish: dict[str, str], asked_at: int | None, status: int
) -> None:
    request = {"workspace_name": "acme", "app_id": "notes", **visitor.params(**wish)}
    asked = begin(visitor, request=request)
    assert {name: asked.get(name) for name in wish} == wish
    now = desk.platform.adapters.clock.now()
    word = vouched(desk, auth_time=None if asked_at is None else now + asked_at)
    desk.platform.adapters.identity_providers.answers["c-1"] = word
    assert outcome(come_back(visitor, asked)) == "back"
    assert visitor.step("sso/finish", request=request).status == status


def test_the_page_is_told_which_providers_there_are(desk: Desk, visitor: Visitor) -> None:
    chosen(desk, "hidden", domains=[], offered=False)
    chosen(desk, "closed", domains=[], enabled=False)
    shown = visitor.step("context").json()
    assert shown["routes"]
    assert shown["providers"] == [
        {"name": "acme", "displayName": "Acme"},
        {"name": "other", "displayName": "Other"},
    ]


@pytest.mark.parametrize(
    ("email", "name"),
    [
        (EMAIL, "acme"),
        ("MIRA@ACME.example", "acme"),
        ("nobody@acme.example", "acme"),
        ("a@sub.acme.example", None),
        ("a@elsewhere.example", None),
    ],
)
def test_an_address_leads_to_the_provider_of_its_domain_whoever_has_it(
    desk: Desk, visitor: Visitor, email: str, name: str | None
) -> None:
    answer = desk.unchanged(lambda: visitor.step("sso/route", email=email)).json()
    assert (answer["provider"] or {}).get("name") == name


@pytest.mark.parametrize("provider", ["nobody", "closed", "a#b", ""])
def test_nobody_is_sent_to_a_provider_that_is_not_there(
    desk: Desk, visitor: Visitor, provider: str
) -> None:
    chosen(desk, "closed", domains=[], enabled=False)
    answer = desk.unchanged(lambda: visitor.step("sso", provider=provider))
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_request_that_is_too_long_to_come_back_does_not_set_out(
    desk: Desk, visitor: Visitor
) -> None:
    request = {"workspace_name": "acme", **visitor.params(), "x": "y" * 7_000}
    answer = desk.unchanged(lambda: visitor.step("sso", request=request, provider="acme"))
    assert (answer.status, answer.code) == (400, "invalid_input")


def test_what_a_way_carries_is_sealed(desk: Desk, visitor: Visitor) -> None:
    request = {**visitor.params(login_hint=EMAIL), "workspace_name": "acme"}
    asked = begin(visitor, request=request)
    desk.platform.adapters.identity_providers.answers["c-1"] = vouched(desk)
    come_back(visitor, asked)
    stored = repr(vars(desk.platform.adapters.detours))
    assert EMAIL not in stored
    assert asked["nonce"] not in stored
    assert "maritime" not in stored
