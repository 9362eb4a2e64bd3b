from typing import Any

import jwt
import pytest

from tests.api.authenticator import enrolled
from tests.api.devices import holding, sent_new, shown
from tests.api.platform import Answer, Platform, Tenant
from tests.api.visitor import PASSWORD, Visitor, account, code_of
from tests.device import PRESENT, VERIFIED, Device


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant)


def signed_in(visitor: Visitor, **more: Any) -> Answer:
    return visitor.step(
        "sign-in", email=visitor.tenant.email, password=PASSWORD, passkeyOffer=True, **more
    )


def offered(visitor: Visitor) -> str:
    answer = signed_in(visitor)
    assert (answer.status, answer.cookies) == (200, [])
    step = answer.json()["step"]
    assert step["kind"] == "passkey_offer"
    return str(step["challenge"])


def taken_up(visitor: Visitor, offer: str) -> Any:
    answer = visitor.step("steps/passkey/options", offer=offer)
    assert answer.status == 200, answer.body
    return answer.json()


def made(visitor: Visitor, offer: str, device: Device, **lies: Any) -> Answer:
    ceremony = taken_up(visitor, offer)
    credential = sent_new(device.make(ceremony["options"], **lies))
    return visitor.step(
        "steps/passkey", offer=offer, challenge=ceremony["challenge"], credential=credential
    )


def test_a_page_that_does_not_ask_for_it_is_offered_nothing(visitor: Visitor) -> None:
    assert set(visitor.sign_in().json()) == {"redirectTo"}


def test_an_offer_signs_nobody_in(platform: Platform, visitor: Visitor) -> None:
    before = len(platform.events)
    offered(visitor)
    assert platform.actions_since(before) == []
    assert visitor.step("continue").code == "token_missing"


def test_a_passkey_that_was_offered_is_made_and_lets_in_the_next_time(
    platform: Platform, visitor: Visitor
) -> None:
    device, offer = Device(), offered(visitor)
    before = len(platform.events)
    answer = made(visitor, offer, device)
    assert answer.status == 200
    assert platform.actions_since(before) == ["factor.added", "signin.succeeded"]
    added = platform.events[before]
    assert (added.subject, added.app, added.meta) == (
        visitor.tenant.user,
        "notes",
        {"kind": "passkey"},
    )
    assert platform.adapters.mailer.sent[-1].subject == "A passkey for Acme was added"
    tokens = visitor.exchange(code_of(answer.json()["redirectTo"])).json()
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (claims["acr"], claims["amr"]) == ("sf:1", ["pwd"])
    assert shown(visitor, device).status == 200


def test_a_passkey_ends_the_other_sign_ins(visitor: Visitor) -> None:
    elsewhere = Visitor(visitor.platform, visitor.tenant)
    assert elsewhere.sign_in().status == 200
    made(visitor, offered(visitor), Device())
    assert elsewhere.step("continue").code == "token_missing"
    assert visitor.step("continue").status == 200


def test_the_browser_learns_whose_it_is_and_what_not_to_make_again(visitor: Visitor) -> None:
    options = taken_up(visitor, offered(visitor))["options"]
    assert options["user"]["name"] == "anna@acme.example · Acme"
    assert options["user"]["displayName"] == "Mira · Acme"
    assert options["excludeCredentials"] == []
    assert options["authenticatorSelection"]["userVerification"] == "required"


def test_whoever_declines_is_let_in(platform: Platform, visitor: Visitor) -> None:
    offer = offered(visitor)
    before = len(platform.events)
    answer = visitor.step("steps/passkey/skip", offer=offer)
    assert set(answer.json()) == {"redirectTo"}
    assert platform.actions_since(before) == ["signin.succeeded"]
    assert visitor.step("continue").status == 200


def test_an_offer_is_answered_once(visitor: Visitor) -> None:
    offer = offered(visitor)
    assert visitor.step("steps/passkey/skip", offer=offer).status == 200
    for again in ("steps/passkey/skip", "steps/passkey/options"):
        answer = visitor.step(again, offer=offer)
        assert (answer.status, answer.code) == (410, "challenge_ended")


def test_whoever_has_a_passkey_is_offered_none(platform: Platform, visitor: Visitor) -> None:
    holding(platform, visitor.tenant)
    assert set(signed_in(visitor).json()) == {"redirectTo"}


def test_a_second_factor_comes_first_and_the_offer_after_it(
    platform: Platform, visitor: Visitor, tenant: Tenant
) -> None:
    authenticator = enrolled(platform, tenant)
    step = signed_in(visitor).json()["step"]
    assert step["kind"] == "totp"
    # What was asked for the code is no offer that could be declined instead.
    assert visitor.step("steps/passkey/skip", offer=step["challenge"]).code == "challenge_ended"
    shown_code = visitor.step(
        "steps/totp", challenge=step["challenge"], code=authenticator.code(), passkeyOffer=True
    )
    offer = shown_code.json()["step"]
    assert offer["kind"] == "passkey_offer"
    answer = visitor.step("steps/passkey/skip", offer=offer["challenge"])
    tokens = visitor.exchange(code_of(answer.json()["redirectTo"])).json()
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (claims["acr"], claims["amr"]) == ("sf:2", ["pwd", "otp", "mfa"])


def test_a_new_person_is_offered_one_too(visitor: Visitor) -> None:
    challenge = visitor.sign_up("new@acme.example").json()["challenge"]
    answer = visitor.step(
        "sign-up/verify", challenge=challenge, code=visitor.typed_code(), passkeyOffer=True
    )
    assert answer.json()["step"]["kind"] == "passkey_offer"


@pytest.mark.parametrize(
    "lies",
    [
        {"challenge": "A" * 43},
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"framed": True},
        {"type": "webauthn.get"},
        {"alg": -35},
        {"id": b"0" * 32},
    ],
    ids=lambda lies: next(iter(lies)),
)
def test_one_that_is_not_proven_is_refused_and_the_offer_stands(
    platform: Platform, visitor: Visitor, lies: dict[str, Any]
) -> None:
    offer = offered(visitor)
    before = len(platform.events)
    answer = made(visitor, offer, Device(), **lies)
    assert (answer.status, answer.code, answer.cookies) == (403, "signin_refused", [])
    assert platform.actions_since(before) == []
    assert made(visitor, offer, Device()).status == 200


def test_one_that_somebody_has_is_not_taken_twice(
    platform: Platform, visitor: Visitor, tenant: Tenant
) -> None:
    other = account(platform, tenant.workspace, "else@acme.example").person.user
    theirs = Tenant(tenant.workspace, tenant.application, other, "else@acme.example")
    device = holding(platform, theirs)
    answer = made(visitor, offered(visitor), device)
    assert (answer.status, answer.code) == (409, "duplicate")


def test_a_ceremony_belongs_to_its_offer(visitor: Visitor) -> None:
    first, second = offered(visitor), offered(visitor)
    ceremony = taken_up(visitor, first)
    credential = sent_new(Device().make(ceremony["options"]))
    answer = visitor.step(
        "steps/passkey", offer=second, challenge=ceremony["challenge"], credential=credential
    )
    assert answer.code == "challenge_ended"


def test_an_offer_belongs_to_its_request(visitor: Visitor) -> None:
    offer = offered(visitor)
    named = {"workspace_name": visitor.slug, "app_id": "notes"}
    request = {**named, **visitor.params(state="other")}
    for step in ("steps/passkey/skip", "steps/passkey/options"):
        assert visitor.step(step, request=request, offer=offer).code == "challenge_ended"


def test_an_offer_ends_after_ten_minutes(platform: Platform, visitor: Visitor) -> None:
    offer = offered(visitor)
    platform.adapters.clock.pause(600)
    assert visitor.step("steps/passkey/skip", offer=offer).code == "challenge_ended"
