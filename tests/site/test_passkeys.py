"""Passkeys on the hosted login: a real browser, its virtual authenticator, the real verifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from chalicelib.adapters.passkeys import WebAuthnCeremonies
from chalicelib.domain.ids import new_secret
from chalicelib.domain.passkeys import (
    Assertion,
    Attestation,
    Holder,
    Passkey,
    RelyingParty,
    handle_of,
)
from tests.builders import NOW, some_person, some_sealed
from tests.site import walks
from tests.site.walks import PASSWORD, REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import CDPSession, Page

    from tests.site.platform import Platform

pytestmark = pytest.mark.slow

CEREMONIES = WebAuthnCeremonies()
PERSON = some_person()
AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
    "defaultBackupEligibility": True,
    "defaultBackupState": True,
}
BUTTON = "Use a passkey"


class Pocket:
    """A virtual authenticator, and the platform's side of its ceremonies."""

    def __init__(self, page: Page, platform: Platform) -> None:
        self.platform = platform
        self.party = RelyingParty.at(platform.origin)
        self.devtools: CDPSession = page.context.new_cdp_session(page)
        self.devtools.send("WebAuthn.enable", {"enableUI": False})
        added = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        self.id = added["authenticatorId"]
        self.challenge = ""
        platform.answer("passkey", {"redirectTo": platform.back})
        platform.answer("steps/passkey", {"redirectTo": platform.back})

    def tell(self, command: str, **words: Any) -> None:
        self.devtools.send(f"WebAuthn.{command}", {"authenticatorId": self.id, **words})

    def asks_to_show(self) -> None:
        self.challenge = new_secret()
        options = CEREMONIES.to_show(self.party, challenge=self.challenge)
        self.platform.answer("passkey/options", {"challenge": self.challenge, "options": options})

    def asks_to_make(self) -> None:
        self.challenge = new_secret()
        holder = Holder(handle_of(PERSON), "mira@lindqvist.se · demo", "Mira · demo")
        options = CEREMONIES.to_make(self.party, challenge=self.challenge, holder=holder, known=())
        self.platform.answer(
            "steps/passkey/options", {"challenge": self.challenge, "options": options}
        )

    def made(self) -> Passkey:
        """The passkey that the page handed over, verified."""
        body = self.platform.last("steps/passkey")
        assert body["challenge"] == self.challenge
        said = body["credential"]
        made = CEREMONIES.made(
            self.party,
            Attestation(
                id=said["id"],
                client_data=said["clientDataJSON"],
                attestation_object=said["attestationObject"],
            ),
            challenge=self.challenge,
        )
        assert made is not None
        assert said["transports"] == ["internal"]
        return Passkey(
            id=made.id,
            person=PERSON,
            rp_id=self.party.id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            is_synced=made.is_synced,
            is_backed_up=made.is_backed_up,
            transports=("internal",),
            aaguid=made.aaguid,
            name=some_sealed(),
            created_at=NOW,
        )

    def is_shown(self, passkey: Passkey) -> bool:
        """Tell whether what the page handed over proves the passkey."""
        body = self.platform.last("passkey")
        assert set(body) == {"request", "challenge", "credential"}
        assert (body["request"], body["challenge"]) == (REQUEST, self.challenge)
        said = body["credential"]
        assertion = Assertion(
            id=said["id"],
            client_data=said["clientDataJSON"],
            authenticator_data=said["authenticatorData"],
            signature=said["signature"],
            user_handle=said["userHandle"],
        )
        shown = CEREMONIES.shown(self.party, assertion, challenge=self.challenge, passkey=passkey)
        return shown is not None and shown.sign_count > passkey.sign_count


@pytest.fixture
def pocket(page: Page, platform: Platform) -> Pocket:
    return Pocket(page, platform)


def holding(page: Page, pocket: Pocket) -> Passkey:
    """A passkey, made as it was offered; afterwards the page stands at the application."""
    walks.passkey_offer(page, pocket.platform)
    pocket.asks_to_make()
    page.get_by_role("button", name="Create a passkey").click()
    page.wait_for_url(pocket.platform.back)
    return pocket.made()


def test_one_that_was_offered_is_made_by_keyboard_alone(page: Page, pocket: Pocket) -> None:
    walks.passkey_offer(page, pocket.platform)
    assert pocket.platform.last("sign-in")["passkeyOffer"] is True
    expect(page.get_by_role("button", name="Create a passkey")).to_be_focused()
    pocket.asks_to_make()
    page.keyboard.press("Enter")
    page.wait_for_url(pocket.platform.back)
    assert pocket.platform.last("steps/passkey")["offer"] == "of-1"
    assert pocket.made().is_synced


def test_whoever_declines_goes_on_and_is_not_asked_again_here(page: Page, pocket: Pocket) -> None:
    platform = pocket.platform
    platform.answer("steps/passkey/skip", {"redirectTo": platform.back})
    walks.passkey_offer(page, platform)
    page.get_by_role("button", name="Not now").click()
    page.wait_for_url(platform.back)
    assert platform.last("steps/passkey/skip") == {"request": REQUEST, "offer": "of-1"}
    platform.answer("sign-in", {"redirectTo": platform.back})
    walks.password(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    assert "passkeyOffer" not in platform.last("sign-in")


def test_without_an_authenticator_none_is_offered(page: Page, platform: Platform) -> None:
    platform.answer("sign-in", {"redirectTo": platform.back})
    walks.password(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    assert "passkeyOffer" not in platform.last("sign-in")


def test_one_that_could_not_be_made_is_said_and_can_be_left(page: Page, pocket: Pocket) -> None:
    pocket.platform.answer("steps/passkey/skip", {"redirectTo": pocket.platform.back})
    walks.passkey_offer(page, pocket.platform)
    pocket.asks_to_make()
    pocket.tell("setUserVerified", isUserVerified=False)
    page.get_by_role("button", name="Create a passkey").click()
    expect(page.get_by_text("No passkey was created.")).to_be_visible()
    page.get_by_role("button", name="Not now").click()
    page.wait_for_url(pocket.platform.back)


def test_an_offer_that_took_too_long_starts_again(page: Page, pocket: Pocket) -> None:
    pocket.platform.refuse("steps/passkey/options", 410, "challenge_ended")
    walks.passkey_offer(page, pocket.platform)
    page.get_by_role("button", name="Create a passkey").click()
    expect(page.get_by_text("That took too long. Sign in again.")).to_be_visible()


@pytest.mark.parametrize("walk", [walks.email, walks.password])
def test_the_button_signs_in_and_is_marked_as_last_used(
    page: Page, pocket: Pocket, walk: Callable[[Page, Platform], None]
) -> None:
    passkey = holding(page, pocket)
    # A browser without autofill of passkeys, so that nothing comes before the button is pressed.
    page.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")
    walk(page, pocket.platform)
    pocket.asks_to_show()
    button = page.get_by_role("button", name=BUTTON)
    expect(button).to_contain_text("Last used")
    button.click()
    page.wait_for_url(pocket.platform.back)
    assert pocket.is_shown(passkey)


def test_the_field_s_autofill_signs_in(page: Page, pocket: Pocket) -> None:
    passkey = holding(page, pocket)
    pocket.asks_to_show()
    walks.opened(page, pocket.platform)
    page.wait_for_url(pocket.platform.back)
    assert pocket.is_shown(passkey)


def test_the_field_asks_for_passkeys_in_its_autofill(page: Page, platform: Platform) -> None:
    walks.email(page, platform)
    field = page.get_by_label("Email")
    expect(field).to_have_attribute("autocomplete", "username webauthn")


def test_nothing_is_said_of_passkeys_to_whoever_has_none(page: Page, pocket: Pocket) -> None:
    pocket.asks_to_show()
    walks.email(page, pocket.platform)
    expect(page.get_by_text("Last used")).to_have_count(0)
    expect(page.get_by_role("alert")).to_be_empty()


@pytest.mark.parametrize("failure", ["nobody is verified", "all are gone"])
def test_a_passkey_that_is_not_shown_leaves_the_password(
    page: Page, pocket: Pocket, failure: str
) -> None:
    holding(page, pocket)
    if failure == "nobody is verified":
        pocket.tell("setUserVerified", isUserVerified=False)
    else:
        pocket.tell("clearCredentials")
    walks.password(page, pocket.platform)
    pocket.asks_to_show()
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()


def test_a_passkey_that_is_refused_is_said(page: Page, pocket: Pocket) -> None:
    holding(page, pocket)
    pocket.platform.refuse("passkey", 403, "signin_refused", triesLeft=4)
    walks.password(page, pocket.platform)
    pocket.asks_to_show()
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_text("That passkey does not work here.")).to_be_visible()
    pocket.platform.refuse("passkey", 410, "challenge_ended")
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_text("That took too long. Try again.")).to_be_visible()


def test_a_passkey_may_be_followed_by_another_step(page: Page, pocket: Pocket) -> None:
    holding(page, pocket)
    asked = {"step": {"kind": "totp", "challenge": "ch-2"}}
    pocket.platform.answer("passkey", asked)
    walks.password(page, pocket.platform)
    pocket.asks_to_show()
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
