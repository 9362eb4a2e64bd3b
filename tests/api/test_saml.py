"""Sign-ins by a SAML provider: the way there, the POST from another site, and who stays outside."""

import base64
import zlib
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from chalicelib.domain.limits import CHALLENGE_SECONDS
from chalicelib.domain.saml import Asserted
from chalicelib.domain.vouching import Doubt, Vouched
from tests.api.desk import Desk, desk_on
from tests.api.platform import OWN_ORIGIN, Answer, Platform, send
from tests.api.test_identity_providers import ACME, ISSUER, chosen
from tests.api.test_sso import begin, outcome
from tests.api.visitor import Visitor, post_form, query_of
from tests.contracts.directory import at_once
from tests.saml import IDENTITY

ENTITY = "urn:acme:idp"
SSO_URL = "https://idp.acme.example/sso?tenant=7"
CHOICE: dict[str, Any] = {
    "kind": "saml",
    "displayName": "Acme",
    "issuer": ENTITY,
    "ssoUrl": SSO_URL,
    "certificates": [IDENTITY.pem],
    "domains": ["acme.example"],
    "makesUsers": True,
    "attributes": {"department": "dept"},
}
OURS = f"{OWN_ORIGIN}/oidc/acme/saml/acme"
EMAIL = "nora@acme.example"


@pytest.fixture
def desk(platform: Platform) -> Desk:
    desk = desk_on(platform)
    answer = send("PUT", ACME, token=desk.token(), body=CHOICE)
    assert answer.status == 200, answer.body
    return desk


@pytest.fixture
def visitor(desk: Desk) -> Visitor:
    return Visitor(desk.platform, desk.tenant)


def says(desk: Desk, found: Any = None, /, response: str = "r-1", **words: Any) -> None:
    """Let a response be found to say something."""
    now = desk.platform.adapters.clock.now()
    said = {"issuer": f"saml:{ENTITY}", "subject": "u-1", "email": EMAIL, "auth_time": now, **words}
    vouched = Vouched(**said, claims={"dept": "maritime law"})
    asserted = Asserted(vouched, "_a-1", now + 300) if found is None else found
    desk.platform.adapters.assertions.responses[response] = asserted


def post(
    visitor: Visitor, asked: dict[str, str], at: str = "acme", **changes: str | None
) -> Answer:
    """What the provider's page lets the browser post: from another site, with no cookie of ours."""
    words = {"SAMLResponse": "r-1", "RelayState": asked["RelayState"], **changes}
    form = {name: value for name, value in words.items() if value is not None}
    path = f"/oidc/{visitor.slug}/saml/{at}/acs"
    return post_form(path, form, origin="https://idp.acme.example")


def follow(visitor: Visitor, answer: Answer) -> Answer:
    assert answer.status == 303, answer.body
    assert answer.cookies == []
    return visitor.get(answer.headers["location"])


def test_a_new_person_goes_there_comes_back_by_a_post_and_is_in(
    desk: Desk, visitor: Visitor
) -> None:
    answer = visitor.step("sso", provider="acme", email=EMAIL)
    location = answer.json()["redirectTo"]
    assert location.startswith(f"{SSO_URL}&SAMLRequest=")
    asked = query_of(location)
    xml = zlib.decompress(base64.b64decode(asked["SAMLRequest"]), wbits=-15)
    question = ET.fromstring(xml)  # noqa: S314 - of our own making
    names = ("Destination", "AssertionConsumerServiceURL", "Version")
    assert [question.get(name) for name in names] == [SSO_URL, f"{OURS}/acs", "2.0"]
    assert question.get("ForceAuthn") is None
    assert question[0].text == f"{OURS}/metadata"
    says(desk)
    posted = post(visitor, asked)
    assert "Nora" not in posted.headers["location"]
    assert urlsplit(posted.headers["location"]).path == "/oidc/acme/callback/acme"
    (expected,) = desk.platform.adapters.assertions.expected
    assert expected.request_id == question.get("ID")
    assert (expected.issuer, expected.certificates) == (ENTITY, (IDENTITY.body,))
    assert (expected.audience, expected.recipient) == (f"{OURS}/metadata", f"{OURS}/acs")
    assert outcome(follow(visitor, posted)) == "back"
    count = len(desk.platform.events)
    assert visitor.step("sso/finish").status == 200
    assert desk.platform.actions_since(count) == [
        *("user.created", "signin.succeeded", "workspace.settings_changed")
    ]
    user = desk.platform.services.hosted.users.found(desk.workspace.id, EMAIL)
    assert user is not None
    profile = desk.platform.services.hosted.users.profile(user)
    assert profile.attributes == {"department": "maritime law"}


def test_whoever_was_there_before_is_the_same_person(desk: Desk) -> None:
    for email in (EMAIL, "n@acme.example"):
        browser = Visitor(desk.platform, desk.tenant)
        asked = begin(browser)
        says(desk, email=email)
        desk.platform.adapters.assertions.responses["r-1"] = Asserted(
            desk.platform.adapters.assertions.responses["r-1"].vouched,  # type: ignore[union-attr]
            f"_{email}",
            desk.platform.adapters.clock.now() + 300,
        )
        assert outcome(follow(browser, post(browser, asked))) == "back"
        assert browser.step("sso/finish").status == 200
    users = desk.platform.services.hosted.users
    assert users.found(desk.workspace.id, "n@acme.example") is None


def test_who_has_to_sign_in_anew_is_asked_for_that(desk: Desk, visitor: Visitor) -> None:
    request = {"workspace_name": "acme", "app_id": "notes", **visitor.params(prompt="login")}
    asked = begin(visitor, request=request)
    xml = zlib.decompress(base64.b64decode(asked["SAMLRequest"]), wbits=-15)
    assert b'ForceAuthn="true"' in xml
    says(desk, auth_time=desk.platform.adapters.clock.now() - 100)
    assert outcome(follow(visitor, post(visitor, asked))) == "back"
    assert visitor.step("sso/finish", request=request).code == "forbidden"


def test_in_another_browser_a_response_leads_nowhere(desk: Desk, visitor: Visitor) -> None:
    asked = begin(visitor)
    says(desk)
    posted = post(visitor, asked)
    thief, fixed = (Visitor(desk.platform, desk.tenant) for _ in range(2))
    begin(fixed)
    for other in (thief, fixed):
        answer = follow(other, posted)
        assert (answer.status, answer.code) == (400, "invalid_input")
        assert other.step("sso/finish").code == "challenge_ended"
    assert outcome(follow(visitor, posted)) == "back"


def test_what_nobody_asked_for_is_not_even_read(desk: Desk, visitor: Visitor) -> None:
    asked = begin(visitor)
    says(desk)
    for change in ({"RelayState": None}, {"RelayState": "x" * 43}, {"RelayState": "x"}):
        answer = desk.unchanged(partial(post, visitor, asked, **change))
        assert (answer.status, answer.code) == (400, "invalid_input")
    for place in ("other", "a%23b"):
        answer = desk.unchanged(partial(post, visitor, asked, place))
        assert (answer.status, answer.code) == (400, "invalid_input")
    neighbour = Visitor(desk.platform, desk.platform.tenant("globex"))
    assert post(neighbour, asked).code == "invalid_input"
    assert desk.platform.adapters.assertions.expected == []
    desk.platform.adapters.clock.pause(CHALLENGE_SECONDS)
    assert post(visitor, asked).code == "invalid_input"


def test_an_assertion_counts_once(desk: Desk, visitor: Visitor) -> None:
    asked = begin(visitor)
    says(desk)
    first = post(visitor, asked)
    count = len(desk.platform.events)
    second = post(visitor, asked)
    assert "error=refused" in second.headers["location"]
    (event,) = desk.platform.events[count:]
    assert event.meta == {"method": "federated", "reason": "replay", "provider": "acme"}
    assert outcome(follow(visitor, first)) == "back"
    assert visitor.get(first.headers["location"]).code == "invalid_input"
    # Nor for another way, of whomever.
    other = Visitor(desk.platform, desk.tenant)
    again = begin(other)
    assert outcome(follow(other, post(other, again))) == "refused"


def test_of_eight_posts_at_once_one_counts(desk: Desk, visitor: Visitor) -> None:
    asked = begin(visitor)
    says(desk)
    answers = at_once([partial(post, visitor, asked)] * 8)
    assert sum("code=" in answer.headers["location"] for answer in answers) == 1


def test_a_handle_is_good_for_its_own_way(desk: Desk, visitor: Visitor) -> None:
    other = Visitor(desk.platform, desk.tenant)
    asked, others = begin(visitor), begin(other)
    says(desk)
    code = query_of(post(visitor, asked).headers["location"])["code"]
    for changed in (code, "x" * 43, "x"):
        path = f"/oidc/acme/callback/acme?state={others['RelayState']}&code={changed}"
        if changed == code:
            assert outcome(other.get(path)) == "refused"
    path = f"/oidc/acme/callback/acme?state={asked['RelayState']}&code={'y' * 43}"
    assert outcome(visitor.get(path)) == "refused"


@pytest.mark.parametrize("doubt", Doubt)
def test_a_response_that_is_not_believed_lets_nobody_in(
    desk: Desk, visitor: Visitor, doubt: Doubt
) -> None:
    asked = begin(visitor)
    says(desk, doubt)
    count = len(desk.platform.events)
    # What is encrypted is said to be: nobody else could tell whoever runs the provider.
    told = "encrypted" if doubt is Doubt.ENCRYPTED else "refused"
    assert outcome(follow(visitor, post(visitor, asked))) == told
    (event,) = desk.platform.events[count:]
    assert event.meta == {"method": "federated", "reason": doubt, "provider": "acme"}
    assert visitor.step("sso/finish").code == "challenge_ended"


def test_what_is_not_believed_is_recorded_once_for_each_way(desk: Desk) -> None:
    says(desk, Doubt.SIGNATURE)
    count = len(desk.platform.events)
    for _ in range(2):
        visitor = Visitor(desk.platform, desk.tenant)
        asked = begin(visitor)
        for _ in range(5):
            assert "error=refused" in post(visitor, asked).headers["location"]
    assert desk.platform.actions_since(count) == ["signin.failed"] * 2


def test_who_turns_back_is_told_so(desk: Desk, visitor: Visitor) -> None:
    asked = begin(visitor)
    desk.platform.adapters.assertions.responses["r-1"] = None
    assert outcome(follow(visitor, post(visitor, asked))) == "cancelled"


@pytest.mark.parametrize("change", [{"issuer": "urn:other"}, {"enabled": False}])
def test_one_that_was_changed_meanwhile_lets_nobody_in(
    desk: Desk, visitor: Visitor, change: dict[str, Any]
) -> None:
    asked = begin(visitor)
    says(desk)
    posted = post(visitor, asked)
    send("PUT", ACME, token=desk.token(), body={**CHOICE, **change})
    assert outcome(follow(visitor, posted)) == "refused"
    assert post(visitor, asked).code == "invalid_input"


def test_an_address_counts_in_its_own_domains_alone(desk: Desk, visitor: Visitor) -> None:
    asked = begin(visitor)
    says(desk, email="eve@elsewhere.example")
    assert outcome(follow(visitor, post(visitor, asked))) == "back"
    assert visitor.step("sso/finish").code == "forbidden"


def test_an_openid_provider_is_posted_nothing(desk: Desk, visitor: Visitor) -> None:
    desk.platform.adapters.identity_providers.add(ISSUER)
    chosen(desk, "openid", domains=[])
    asked = begin(visitor, "openid")
    answer = post(visitor, {"RelayState": asked["state"]}, "openid")
    assert (answer.status, answer.code) == (400, "invalid_input")


@pytest.mark.parametrize(
    "form", ["{}", "a=1&a=2", "SAMLResponse=%ff&RelayState=%ff", "SAMLResponse[]=x"]
)
def test_what_is_no_form_is_refused(desk: Desk, form: str) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    path = "/oidc/acme/saml/acme/acs"
    answer = desk.unchanged(lambda: send("POST", path, raw=form.encode(), headers=headers))
    assert (answer.status, answer.code) == (400, "invalid_input")


def test_what_waits_is_sealed(desk: Desk, visitor: Visitor) -> None:
    asked = begin(visitor)
    says(desk)
    post(visitor, asked)
    stored = repr(vars(desk.platform.adapters.detours))
    assert EMAIL not in stored
    assert "maritime law" not in stored
