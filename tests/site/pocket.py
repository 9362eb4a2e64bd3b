"""A virtual authenticator in a real browser, and the platform's side of its ceremonies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

    from tests.site.platform import Platform

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


class Pocket:
    """A virtual authenticator, and the platform's side of its ceremonies."""

    def __init__(
        self, page: Page, platform: Platform, *, make: str = "steps/passkey", show: str = "passkey"
    ) -> None:
        self.platform = platform
        self.make, self.show = make, show
        self.party = RelyingParty.at(platform.origin)
        self.devtools: CDPSession = page.context.new_cdp_session(page)
        self.devtools.send("WebAuthn.enable", {"enableUI": False})
        added = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        self.id = added["authenticatorId"]
        self.challenge = ""
        platform.answer(make, {"redirectTo": platform.back})
        platform.answer(show, {"redirectTo": platform.back})

    def tell(self, command: str, **words: Any) -> None:
        self.devtools.send(f"WebAuthn.{command}", {"authenticatorId": self.id, **words})

    def asks_to_show(self) -> None:
        self.challenge = new_secret()
        options = CEREMONIES.to_show(self.party, challenge=self.challenge)
        self.answer(self.show, options)

    def asks_to_make(self) -> None:
        self.challenge = new_secret()
        holder = Holder(handle_of(PERSON), "mira@lindqvist.se · demo", "Mira · demo")
        options = CEREMONIES.to_make(self.party, challenge=self.challenge, holder=holder, known=())
        self.answer(self.make, options)

    def answer(self, route: str, options: Any) -> None:
        told = {"challenge": self.challenge, "options": options}
        self.platform.answer(f"{route}/options", told)

    def made(self) -> Passkey:
        """The passkey that the page handed over, verified."""
        body = self.platform.last(self.make)
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
        body = self.platform.last(self.show)
        assert body["challenge"] == self.challenge
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
