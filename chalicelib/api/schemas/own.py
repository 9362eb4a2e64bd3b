"""Wire shapes of one's own account."""

from typing import Self

from pydantic import Field

from chalicelib.api.schemas.session import Wire, shown
from chalicelib.api.schemas.steps import EnrolmentOut
from chalicelib.domain.factors import Factors
from chalicelib.domain.users import Profile, User
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.enrolments import Setup

_CHALLENGE = "Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"
_CODES = ["abcde-fghjk", "mnpqr-stuvw"]
_MAX_PASSWORD = 1_024  # characters read at all; how many count is the domain's business


class HomeIn(Wire):
    """The workspace whose person the browser remembers."""

    model_config = shown({"workspaceName": "demo"})

    workspace_name: str = Field(alias="workspaceName", max_length=100)


class ProofIn(HomeIn):
    """The password, once more."""

    model_config = shown({"workspaceName": "demo", "password": "plain words are long"})

    password: str = Field(max_length=_MAX_PASSWORD, repr=False)


class SecondProofIn(HomeIn):
    """A code, after the password."""

    model_config = shown({"workspaceName": "demo", "challenge": _CHALLENGE, "code": "123456"})

    challenge: str = Field(max_length=100, repr=False)
    code: str = Field(max_length=32, repr=False)


class HomeOut(Wire):
    """A token for one's own account; `expiresIn` seconds."""

    model_config = shown({"memberToken": "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl", "expiresIn": 600})

    member_token: str = Field(alias="memberToken", repr=False)
    expires_in: int = Field(alias="expiresIn")


class PlaceOut(Wire):
    """A workspace, as its people know it."""

    slug: str
    name: str


class SelfOut(Wire):
    """Who one is, and where."""

    model_config = shown(
        {
            "workspace": {"slug": "demo", "name": "Demo"},
            "email": "mira@demo.example",
            "name": "Mira Lindqvist",
        }
    )

    workspace: PlaceOut
    email: str = Field(repr=False)
    name: str | None = Field(repr=False)

    @classmethod
    def of(cls, workspace: Workspace, profile: Profile) -> Self:
        """Answer a person as the page greets them."""
        place = PlaceOut(slug=workspace.slug, name=workspace.name)
        return cls(workspace=place, email=profile.email, name=profile.name)


class TotpOut(Wire):
    """An authenticator; `createdAt` epoch seconds."""

    created_at: int = Field(alias="createdAt")


class FactorsOut(Wire):
    """What a person proves themselves with."""

    model_config = shown(
        {"password": True, "totp": {"createdAt": 1_800_000_000}, "recoveryCodesLeft": 9}
    )

    password: bool
    totp: TotpOut | None
    recovery_codes_left: int = Field(alias="recoveryCodesLeft")

    @classmethod
    def of(cls, user: User, factors: Factors) -> Self:
        """Answer a person's factors as the page reads them."""
        totp, recovery = factors.totp, factors.recovery
        return cls(
            password=user.password is not None,
            totp=None if totp is None else TotpOut(created_at=totp.created_at),
            recovery_codes_left=0 if recovery is None else len(recovery.left),
        )


class SetupOut(EnrolmentOut):
    """What an authenticator is set up with: scanned, or typed letter by letter."""

    model_config = shown(
        {
            "challenge": _CHALLENGE,
            "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
            "uri": "otpauth://totp/Demo:mira%40demo.example?secret=JBSWY3DPEHPK3PXP&issuer=Demo",
            "qr": {"size": 45, "path": "M0 0h1v1h-1z"},
        }
    )

    challenge: str = Field(repr=False)

    @classmethod
    def of(cls, setup: Setup) -> Self:
        """Answer a set-up as the page reads it."""
        return cls(challenge=setup.challenge, **EnrolmentOut.of(setup).model_dump())


class TypedIn(Wire):
    """A typed code, and the challenge that it answers."""

    model_config = shown({"challenge": _CHALLENGE, "code": "123456"})

    challenge: str = Field(max_length=100, repr=False)
    code: str = Field(max_length=32, repr=False)


class RecoveryCodesOut(Wire):
    """Codes that are shown once, and never again."""

    model_config = shown({"recoveryCodes": [*_CODES]})

    recovery_codes: list[str] = Field(alias="recoveryCodes", repr=False)


class PasswordIn(Wire):
    """The password as it is, and as it will be."""

    model_config = shown({"password": "plain words are long", "newPassword": "other words, longer"})

    password: str = Field(max_length=_MAX_PASSWORD, repr=False)
    new_password: str = Field(alias="newPassword", max_length=_MAX_PASSWORD, repr=False)


class PasswordOut(Wire):
    """Whether the password was replaced."""

    model_config = shown({"changed": True})

    changed: bool


class AddressIn(Wire):
    """Another address."""

    model_config = shown({"email": "mira@new.example"})

    email: str = Field(max_length=400)


class AddressAskedOut(Wire):
    """The challenge to answer with the code that was mailed to the new address."""

    model_config = shown({"challenge": _CHALLENGE, "email": "mira@new.example"})

    challenge: str = Field(repr=False)
    email: str = Field(repr=False)


class AddressOut(Wire):
    """The address from now on."""

    model_config = shown({"email": "mira@new.example"})

    email: str = Field(repr=False)
