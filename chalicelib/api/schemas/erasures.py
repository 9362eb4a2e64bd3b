"""Wire shapes of erasures."""

from typing import Self

from pydantic import Field

from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.erasures import Certificate, Remains


class DestroyedOut(Wire):
    """How much of each there was, beside the profile and the keys."""

    sessions: int
    sign_ins: int = Field(alias="signIns")
    refresh_tokens: int = Field(alias="refreshTokens")
    known_browsers: int = Field(alias="knownBrowsers")
    passkeys: int
    authenticators: int


class ErasedOut(Wire):
    """The certificate of an erasure; times are epoch seconds.

    Nothing can be read since `erasedAt`. Copies of the keys, in recovery and in backups, are all
    gone at `keysGoneAt`. `record` names what stays: that these keys were destroyed, and when.
    """

    model_config = shown(
        {
            "erased": True,
            "record": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "erasedAt": 1_800_000_000,
            "keysGoneAt": 1_800_691_200,
            "destroyed": {
                "sessions": 2,
                "signIns": 1,
                "refreshTokens": 0,
                "knownBrowsers": 1,
                "passkeys": 1,
                "authenticators": 1,
            },
        }
    )

    erased: bool
    record: str
    erased_at: int = Field(alias="erasedAt")
    keys_gone_at: int = Field(alias="keysGoneAt")
    destroyed: DestroyedOut

    @classmethod
    def of(cls, certificate: Certificate) -> Self:
        """Answer a certificate as it is shown."""
        gone = certificate.destroyed
        return cls(
            erased=True,
            record=certificate.erasure.id,
            erased_at=certificate.erasure.at,
            keys_gone_at=certificate.keys_gone_at,
            destroyed=DestroyedOut(
                sessions=gone[Remains.SESSIONS],
                sign_ins=gone[Remains.SIGN_INS],
                refresh_tokens=gone[Remains.REFRESHES],
                known_browsers=gone[Remains.DEVICES],
                passkeys=gone[Remains.PASSKEYS],
                authenticators=gone[Remains.AUTHENTICATORS],
            ),
        )
