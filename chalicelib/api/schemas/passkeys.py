"""Wire shapes of passkeys: what browsers are asked to do, and what they hand over."""

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field, JsonValue

from chalicelib.api.schemas.login import StepIn
from chalicelib.api.schemas.own import HomeIn
from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.passkeys import Assertion, Attestation
from chalicelib.services.passkeys import Ceremony
from chalicelib.services.registrations import Named

_CHALLENGE = "Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf-uAe2Dg5Kp7Nq0"
_REQUEST: JsonValue = {"workspace_name": "demo", "app_id": "notes", "client_id": "c7f3b2a1"}
_MAX_ID = 1_400  # characters; authenticators make ids of 1,023 bytes at most
_MAX_PART = 16_384
_ID = "k9TqHk1kRmOyv2bF1n0cWg"
_CLIENT_DATA = "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0"
_SHOWN: JsonValue = {
    "id": _ID,
    "clientDataJSON": _CLIENT_DATA,
    "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAQ",
    "signature": "MEUCIQDaVZ",
    "userHandle": "dzEuMQ",
}


class AskedPasskeyOut(Wire):
    """What a browser is asked to do (WebAuthn level 3, 5.1: the options as JSON)."""

    model_config = shown(
        {
            "challenge": _CHALLENGE,
            "options": {
                "challenge": _CHALLENGE,
                "timeout": 300_000,
                "rpId": "flows.example",
                "allowCredentials": [],
                "userVerification": "required",
            },
        }
    )

    challenge: str = Field(repr=False)
    options: dict[str, JsonValue] = Field(repr=False)

    @classmethod
    def of(cls, ceremony: Ceremony) -> Self:
        """Answer a ceremony as the page reads it."""
        return cls(challenge=ceremony.challenge, options=dict(ceremony.options))


class AssertionIn(Wire):
    """What the browser handed over, each part base64url."""

    id: str = Field(max_length=_MAX_ID)
    client_data: str = Field(alias="clientDataJSON", max_length=_MAX_PART, repr=False)
    authenticator_data: str = Field(alias="authenticatorData", max_length=_MAX_PART, repr=False)
    signature: str = Field(max_length=_MAX_PART, repr=False)
    user_handle: str | None = Field(
        alias="userHandle", default=None, max_length=_MAX_ID, repr=False
    )

    def said(self) -> Assertion:
        """Answer it as the domain knows it."""
        return Assertion(
            id=self.id,
            client_data=self.client_data,
            authenticator_data=self.authenticator_data,
            signature=self.signature,
            user_handle=self.user_handle,
        )


class ShownIn(StepIn):
    """A passkey that was shown."""

    model_config = shown(
        {
            "request": _REQUEST,
            "challenge": _CHALLENGE,
            "credential": _SHOWN,
        }
    )

    challenge: str = Field(max_length=100, repr=False)
    credential: AssertionIn


class PasskeyProofIn(HomeIn):
    """A passkey that was shown, once more."""

    model_config = shown({"workspaceName": "demo", "challenge": _CHALLENGE, "credential": _SHOWN})

    challenge: str = Field(max_length=100, repr=False)
    credential: AssertionIn


class AttestationIn(Wire):
    """What the browser handed over of a new passkey, each part base64url."""

    id: str = Field(max_length=_MAX_ID)
    client_data: str = Field(alias="clientDataJSON", max_length=_MAX_PART, repr=False)
    attestation_object: str = Field(alias="attestationObject", max_length=_MAX_PART, repr=False)
    transports: list[Annotated[str, Field(max_length=40)]] = Field(default=[], max_length=20)

    def said(self) -> Attestation:
        """Answer it as the domain knows it."""
        return Attestation(
            id=self.id,
            client_data=self.client_data,
            attestation_object=self.attestation_object,
            transports=tuple(self.transports),
        )


_MADE: JsonValue = {
    "id": _ID,
    "clientDataJSON": _CLIENT_DATA,
    "attestationObject": "o2NmbXRkbm9uZQ",
    "transports": ["internal", "hybrid"],
}


class MadeIn(Wire):
    """A passkey that was made; without a name it gets one of its keeper."""

    model_config = shown({"challenge": _CHALLENGE, "credential": _MADE, "name": "Laptop"})

    challenge: str = Field(max_length=100, repr=False)
    credential: AttestationIn
    name: str | None = Field(default=None, max_length=400, repr=False)


class OfferIn(StepIn):
    """The challenge of the step that offered a passkey."""

    model_config = shown({"request": _REQUEST, "offer": _CHALLENGE})

    offer: str = Field(max_length=100, repr=False)


class OfferedIn(OfferIn):
    """A passkey that was made because it was offered."""

    model_config = shown(
        {
            "request": _REQUEST,
            "offer": _CHALLENGE,
            "challenge": _CHALLENGE,
            "credential": _MADE,
        }
    )

    challenge: str = Field(max_length=100, repr=False)
    credential: AttestationIn


class PasskeyNameIn(Wire):
    """What a passkey is called."""

    model_config = shown({"name": "Laptop"})

    name: str = Field(max_length=400, repr=False)


class PasskeyOut(Wire):
    """A passkey; times in epoch seconds, `synced` when it can be on several devices."""

    model_config = shown(
        {
            "id": _CHALLENGE,
            "name": "iCloud Keychain",
            "createdAt": 1_800_000_000,
            "lastUsedAt": None,
            "synced": True,
        }
    )

    id: str
    name: str = Field(repr=False)
    created_at: int = Field(alias="createdAt")
    last_used_at: int | None = Field(alias="lastUsedAt")
    synced: bool

    @classmethod
    def of(cls, named: Named) -> Self:
        """Answer a passkey as the page reads it."""
        passkey = named.passkey
        return cls(
            id=passkey.digest,
            name=named.name,
            created_at=passkey.created_at,
            last_used_at=passkey.last_used_at,
            synced=passkey.is_synced,
        )


class PasskeysOut(Wire):
    """All passkeys of a person, the oldest first."""

    model_config = shown(
        {
            "passkeys": [
                {
                    "id": _CHALLENGE,
                    "name": "iCloud Keychain",
                    "createdAt": 1_800_000_000,
                    "lastUsedAt": 1_800_086_400,
                    "synced": True,
                }
            ]
        }
    )

    passkeys: list[PasskeyOut]

    @classmethod
    def of(cls, named: Iterable[Named]) -> Self:
        """Answer passkeys as the page reads them."""
        return cls(passkeys=[PasskeyOut.of(each) for each in named])
