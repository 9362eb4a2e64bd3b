"""Wire shapes of what is known of a person, in the words of OpenID Connect Core 1.0, 5.1."""

from typing import Self

from pydantic import BaseModel, Field

from chalicelib.api.schemas.session import shown
from chalicelib.api.schemas.tokens import left_out
from chalicelib.domain.tokens import SessionToken
from chalicelib.domain.users import Profile

_TOKEN = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl"  # noqa: S105 - of nobody


class UserInfoParams(BaseModel):
    """A token in a form, where no header brings it."""

    model_config = shown({"access_token": _TOKEN})

    access_token: str = Field(default="", description="A token that is bound to no key.")


class UserInfoOut(BaseModel):
    """A person's claims; what the scope does not cover is absent."""

    model_config = shown(
        {
            "sub": "1234567890123456",
            "email": "mira@demo.example",
            "email_verified": True,
            "name": "Mira",
        }
    )

    sub: str
    email: str | None = left_out()
    email_verified: bool | None = left_out()
    name: str | None = left_out()

    @classmethod
    def of(cls, token: SessionToken, profile: Profile) -> Self:
        """Answer what a token's scope covers of a profile."""
        scopes = token.scope.split()
        has_email = "email" in scopes
        return cls(
            sub=str(token.access.ref.partition.user),
            email=profile.email if has_email else None,
            email_verified=profile.email_verified if has_email and profile.email else None,
            name=profile.name if "profile" in scopes else None,
        )
