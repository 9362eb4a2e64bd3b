from dataclasses import replace
from typing import Any

import jwt
import pytest

from chalicelib.domain.applications import ReturnFlow
from chalicelib.domain.limits import CEREMONY_SECONDS, FREE_TRIES
from chalicelib.domain.users import UserStatus
from chalicelib.services.attempts import CEREMONIES_PER_NETWORK
from tests.api.authenticator import enrolled
from tests.api.devices import asked, handed, holding, kept, shown
from tests.api.platform import Answer, Platform, Tenant
from tests.api.visitor import Visitor, account, code_of
from tests.builders import some_event
from tests.device import BACKED_UP, PRESENT, SYNCED, VERIFIED, Device, text_of

REFUSED = ["signin.failed"]


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant)


@pytest.fixture
def device(platform: Platform, tenant: Tenant) -> Device:
    return holding(platform, tenant)


def is_refused(answer: Answer) -> bool:
    return (answer.status, answer.code, answer.cookies) == (403, "signin_refused", [])


def test_the_question_names_nobody_and_is_new_every_time(visitor: Visitor) -> None:
    first, second = asked(visitor), asked(visitor)
    assert first["challenge"] != second["challenge"]
    assert first["options"] == {
        "challenge": first["challenge"],
        "timeout": 300_000,
        "rpId": "flows.example",
        "allowCredentials": [],
        "userVerification": "required",
    }


def test_a_passkey_lets_in_and_counts_as_two_factors(
    platform: Platform, visitor: Visitor, device: Device
) -> None:
    ceremony = asked(visitor)
    before = len(platform.events)
    answer = handed(visitor, ceremony["challenge"], device.show(ceremony["options"]))
    assert answer.status == 200
    assert platform.actions_since(before) == ["signin.succeeded"]
    assert platform.events[-1].meta["method"] == "passkey"
    tokens = visitor.exchange(code_of(answer.json()["redirectTo"])).json()
    for name in ("access_token", "id_token"):
        claims = jwt.decode(tokens[name], options={"verify_signature": False})
        assert (claims["acr"], claims["amr"]) == ("sf:2", ["hwk", "user", "mfa"])
        assert claims["sub"] == str(visitor.tenant.user)
    assert visitor.step("continue").status == 200


def test_one_that_is_copied_between_devices_says_so(
    platform: Platform, visitor: Visitor, tenant: Tenant
) -> None:
    device = holding(platform, tenant, Device(flags=PRESENT | VERIFIED | SYNCED))
    device.flags |= BACKED_UP
    answer = shown(visitor, device)
    tokens = visitor.exchange(code_of(answer.json()["redirectTo"])).json()
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert claims["amr"] == ["swk", "user", "mfa"]
    assert kept(platform, tenant, device).is_backed_up


def test_whoever_shows_a_passkey_owes_no_second_factor(
    platform: Platform, visitor: Visitor, tenant: Tenant, device: Device
) -> None:
    enrolled(platform, tenant)
    assert set(shown(visitor, device).json()) == {"redirectTo"}


def test_a_use_is_remembered(platform: Platform, visitor: Visitor, tenant: Tenant) -> None:
    device = holding(platform, tenant, Device(counts=True))
    platform.adapters.clock.pause(100)
    assert shown(visitor, device).status == 200
    passkey = kept(platform, tenant, device)
    assert (passkey.sign_count, passkey.last_used_at) == (1, platform.adapters.clock.now())


@pytest.mark.parametrize(
    "lies",
    [
        {"challenge": "A" * 43},
        {"origin": "https://evil.example"},
        {"origin": "http://flows.example"},
        {"rp_id": "evil.example"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"flags": PRESENT | VERIFIED | SYNCED},
        {"framed": True},
        {"type": "webauthn.create"},
        {"key": None},
        {"handle": None},
        {"handle": text_of(b"w1.1")},
    ],
    ids=lambda lies: f"{next(iter(lies))}={next(iter(lies.values()))}"[:40],
)
def test_what_does_not_prove_it_is_refused_and_recorded(
    platform: Platform, visitor: Visitor, device: Device, lies: dict[str, Any]
) -> None:
    if "key" in lies:
        lies = {"key": Device().key}
    ceremony = asked(visitor)
    before = len(platform.events)
    answer = handed(visitor, ceremony["challenge"], device.show(ceremony["options"], **lies))
    assert is_refused(answer)
    assert platform.actions_since(before) == REFUSED
    event = platform.events[-1]
    assert (event.subject, event.meta) == (
        visitor.tenant.user,
        {"method": "passkey", "reason": "proof"},
    )
    assert visitor.step("continue").code == "token_missing"


def test_one_that_is_unknown_gets_the_answer_of_one_that_is_badly_signed(
    platform: Platform, visitor: Visitor, device: Device
) -> None:
    stranger = Device(user_handle=device.user_handle)
    unknown = shown(visitor, stranger)
    assert platform.events[-1].meta == {"method": "passkey", "reason": "unknown"}
    assert platform.events[-1].subject is None
    bad = shown(visitor, device, key=stranger.key)
    assert is_refused(unknown)
    assert (unknown.status, unknown.headers, unknown.body) == (bad.status, bad.headers, bad.body)


def test_one_that_was_removed_lets_nobody_in(
    platform: Platform, visitor: Visitor, tenant: Tenant, device: Device
) -> None:
    passkey = kept(platform, tenant, device)
    platform.adapters.passkeys.remove(passkey, some_event(tenant.workspace.id))
    assert is_refused(shown(visitor, device))


def test_next_door_it_is_unknown(platform: Platform, device: Device) -> None:
    other = platform.tenant("other")
    assert is_refused(shown(Visitor(platform, other), device))
    assert platform.events[-1].meta["reason"] == "unknown"


def test_a_suspended_person_is_not_let_in(platform: Platform, tenant: Tenant) -> None:
    user = account(platform, tenant.workspace, "gone@acme.example", status=UserStatus.SUSPENDED)
    tenant.user = user.person.user
    assert is_refused(shown(Visitor(platform, tenant), holding(platform, tenant)))
    assert platform.events[-1].meta == {"method": "passkey", "reason": "suspended"}


@pytest.mark.parametrize("count", [0, 4, 5])
def test_a_count_that_does_not_rise_is_refused_and_named(
    platform: Platform, visitor: Visitor, tenant: Tenant, count: int
) -> None:
    device = holding(platform, tenant, Device(sign_count=5))
    assert is_refused(shown(visitor, device, sign_count=count))
    assert platform.events[-1].meta == {"method": "passkey", "reason": "count"}
    assert shown(visitor, device, sign_count=6).status == 200


def test_one_made_for_another_host_is_refused(
    platform: Platform, visitor: Visitor, tenant: Tenant
) -> None:
    device = holding(platform, tenant)
    passkey = kept(platform, tenant, device)
    platform.adapters.passkeys.remove(passkey, some_event(tenant.workspace.id))
    moved = replace(passkey, rp_id="old.example")
    platform.adapters.passkeys.add(moved, some_event(tenant.workspace.id))
    assert is_refused(shown(visitor, device))


def test_an_answer_is_taken_once(visitor: Visitor, device: Device) -> None:
    ceremony = asked(visitor)
    said = device.show(ceremony["options"])
    assert handed(visitor, ceremony["challenge"], said).status == 200
    again = handed(visitor, ceremony["challenge"], said)
    assert (again.status, again.code) == (410, "challenge_ended")


def test_a_wrong_answer_uses_the_question_up(visitor: Visitor, device: Device) -> None:
    ceremony = asked(visitor)
    assert is_refused(
        handed(visitor, ceremony["challenge"], device.show(ceremony["options"], flags=PRESENT))
    )
    right = handed(visitor, ceremony["challenge"], device.show(ceremony["options"]))
    assert right.code == "challenge_ended"


def test_a_question_ends_after_five_minutes(
    platform: Platform, visitor: Visitor, device: Device
) -> None:
    ceremony = asked(visitor)
    platform.adapters.clock.pause(CEREMONY_SECONDS)
    said = device.show(ceremony["options"])
    assert handed(visitor, ceremony["challenge"], said).code == "challenge_ended"


@pytest.mark.parametrize("change", ["state", "nonce", "code_challenge", "scope"])
def test_a_question_belongs_to_the_request_it_was_asked_for(
    visitor: Visitor, device: Device, change: str
) -> None:
    ceremony = asked(visitor)
    values = {"scope": "openid", "code_challenge": "B" * 43}
    named = {"workspace_name": visitor.slug, "app_id": "notes"}
    request = {**named, **visitor.params(**{change: values.get(change, "other")})}
    said = device.show(ceremony["options"])
    answer = handed(visitor, ceremony["challenge"], said, request=request)
    assert (answer.status, answer.code) == (410, "challenge_ended")


def test_a_challenge_of_another_kind_is_none(visitor: Visitor, device: Device) -> None:
    reset = visitor.step("password/forgot", email=visitor.tenant.email).json()["challenge"]
    said = device.show({"challenge": reset})
    assert handed(visitor, reset, said).code == "challenge_ended"
    ceremony = asked(visitor)
    typed = visitor.step("steps/totp", challenge=ceremony["challenge"], code="123456")
    assert typed.code == "challenge_ended"


def test_tries_are_counted_delayed_and_recorded(
    platform: Platform, visitor: Visitor, device: Device
) -> None:
    for left in range(FREE_TRIES - 1, -1, -1):
        assert shown(visitor, device, flags=PRESENT).json()["triesLeft"] == left
    before = len(platform.events)
    assert shown(visitor, device).code == "rate_limited"
    assert platform.actions_since(before) == REFUSED
    assert platform.events[-1].meta == {"method": "passkey", "reason": "delayed"}
    platform.adapters.clock.pause(900)
    assert shown(visitor, device).status == 200


def test_questions_from_one_network_are_bounded(platform: Platform, visitor: Visitor) -> None:
    for _ in range(CEREMONIES_PER_NETWORK):
        platform.services.hosted.guard.guesses.admit_ceremony(
            visitor.tenant.workspace.id, ip="192.0.2.7"
        )
    assert visitor.step("passkey/options").code == "rate_limited"


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": "a"},
        {"id": 1, "clientDataJSON": "", "authenticatorData": "", "signature": ""},
        {"id": "a" * 2_000, "clientDataJSON": "", "authenticatorData": "", "signature": ""},
        {"id": "", "clientDataJSON": "", "authenticatorData": "", "signature": "", "more": 1},
    ],
)
def test_what_has_not_the_documented_form_is_refused(visitor: Visitor, credential: Any) -> None:
    answer = visitor.step("passkey", challenge=asked(visitor)["challenge"], credential=credential)
    assert (answer.status, answer.code) == (400, "invalid_input")


def test_noise_in_its_form_is_refused(visitor: Visitor) -> None:
    credential = {"id": "", "clientDataJSON": "é", "authenticatorData": "=", "signature": "\x00"}
    ceremony = asked(visitor)
    assert is_refused(
        visitor.step("passkey", challenge=ceremony["challenge"], credential=credential)
    )


def test_a_session_that_somebody_else_began_is_not_renewed_by_it(platform: Platform) -> None:
    tenant = platform.tenant(return_flow=ReturnFlow.TOKEN)
    visitor = Visitor(platform, tenant)
    other = platform.user(tenant.workspace, "else@acme.example")
    named = {
        "workspace_name": visitor.slug,
        "app_id": "notes",
        "redirect_uri": visitor.redirect_uri,
        "session_token": platform.token(replace(tenant, user=other)),
    }
    device = holding(platform, tenant)
    ceremony = visitor.step("passkey/options", request=named).json()
    said = device.show(ceremony["options"])
    refused = handed(visitor, ceremony["challenge"], said, request=named)
    assert (refused.status, refused.code, refused.cookies) == (403, "not_owner", [])
