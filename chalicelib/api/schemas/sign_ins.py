"""Wire shapes of one's own sign-ins; times in epoch seconds, ids that open nothing."""

from collections.abc import Iterable, Sequence
from typing import Self

from pydantic import Field, JsonValue

from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.devices import KnownDevice
from chalicelib.domain.login import BrowserSignIn
from chalicelib.services.own_sign_ins import Holding

_SIGN_IN = "bq3v7a2nd5kx4m6tz8w2c"
_HANDLE = "Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf-uAe2Dg5Kp7Nq0"
_HERE: JsonValue = {
    "id": _SIGN_IN,
    "agent": "Firefox on Linux",
    "current": True,
    "signedInAt": 1_800_000_000,
    "expiresAt": 1_802_592_000,
    "methods": ["pwd", "otp", "mfa"],
}


class SignInOut(Wire):
    """A browser in which one is signed in; `methods` are how, as RFC 8176 names them."""

    id: str
    agent: str
    current: bool
    signed_in_at: int = Field(alias="signedInAt")
    expires_at: int = Field(alias="expiresAt")
    methods: list[str]


class SignInsOut(Wire):
    """Every browser in which one is signed in, the newest first."""

    model_config = shown({"signIns": [_HERE]})

    sign_ins: list[SignInOut] = Field(alias="signIns")

    @classmethod
    def of(cls, browsers: Iterable[BrowserSignIn], *, here: BrowserSignIn) -> Self:
        """Answer sign-ins as the page reads them."""
        return cls(
            sign_ins=[
                SignInOut(
                    id=each.id,
                    agent=each.agent,
                    current=each.digest == here.digest,
                    signed_in_at=each.sign_in.auth_time,
                    expires_at=each.exp,
                    methods=list(each.sign_in.amr),
                )
                for each in browsers
            ]
        )


class HolderOut(Wire):
    """An application, as people know it."""

    app_id: str = Field(alias="appId")
    name: str


class GrantOut(Wire):
    """An application that goes on without its person, and the sign-in that let it, if it stands."""

    id: str
    application: HolderOut
    sign_in_id: str | None = Field(alias="signInId")
    created_at: int = Field(alias="createdAt")
    last_used_at: int = Field(alias="lastUsedAt")
    expires_at: int = Field(alias="expiresAt")


class GrantsOut(Wire):
    """Every application that holds a refresh token, the last used first."""

    model_config = shown(
        {
            "grants": [
                {
                    "id": _HANDLE,
                    "application": {"appId": "notes", "name": "Notes"},
                    "signInId": _SIGN_IN,
                    "createdAt": 1_800_000_000,
                    "lastUsedAt": 1_800_086_400,
                    "expiresAt": 1_802_678_400,
                }
            ]
        }
    )

    grants: list[GrantOut]

    @classmethod
    def of(cls, holdings: Iterable[Holding]) -> Self:
        """Answer what applications hold as the page reads it."""
        return cls(
            grants=[
                GrantOut(
                    id=each.family.handle,
                    application=HolderOut(app_id=each.family.ref.partition.app, name=each.name),
                    sign_in_id=each.browser,
                    created_at=each.family.created_at,
                    last_used_at=each.family.rotated_at,
                    expires_at=each.family.exp,
                )
                for each in holdings
            ]
        )


class DeviceOut(Wire):
    """A browser that is known as one's own, signed in or not."""

    id: str
    agent: str
    current: bool
    signed_in_at: int = Field(alias="signedInAt")
    expires_at: int = Field(alias="expiresAt")


class DevicesOut(Wire):
    """Every browser that is known as one's own, the last used first."""

    model_config = shown(
        {
            "devices": [
                {
                    "id": _HANDLE,
                    "agent": "Safari on iPhone",
                    "current": False,
                    "signedInAt": 1_800_000_000,
                    "expiresAt": 1_815_552_000,
                }
            ]
        }
    )

    devices: list[DeviceOut]

    @classmethod
    def of(cls, devices: Sequence[KnownDevice], here: str | None) -> Self:
        """Answer devices as the page reads them; `here` names the one that asks."""
        return cls(
            devices=[
                DeviceOut(
                    id=each.id,
                    agent=each.agent,
                    current=each.id == here,
                    signed_in_at=each.seen_at,
                    expires_at=each.exp,
                )
                for each in devices
            ]
        )
