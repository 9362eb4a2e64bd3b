"""Wire shapes of the token endpoint and of what stands around it, in RFC 6749's words."""

from typing import Any

from pydantic import BaseModel, Field

from chalicelib.api.schemas.session import shown


def left_out() -> Any:  # noqa: ANN401 - a default, whatever the type of its field
    """Answer the default of a member that is absent where there is nothing to say."""
    return Field(default=None, exclude_if=lambda value: value is None)


class TokenParams(BaseModel):
    """A request for tokens (RFC 6749, 4.1.3; RFC 7636, 4.5).

    A client with a secret shows it here or, better, as the password of HTTP Basic.
    """

    grant_type: str = Field(examples=["authorization_code"])
    client_id: str = Field(default="", examples=["c7f3b2a1"])
    client_secret: str = Field(default="", examples=["sfs_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"])
    code: str = Field(default="", examples=["sfc_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"])
    redirect_uri: str = Field(default="", examples=["https://notes.example/"])
    code_verifier: str = Field(default="", examples=["dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"])


class TokenOut(BaseModel):
    """Tokens (RFC 6749, 5.1; OpenID Connect Core 1.0, 3.1.3.3)."""

    model_config = shown(
        {
            "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl",
            "token_type": "Bearer",
            "expires_in": 900,
            "scope": "openid email",
            "id_token": "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl",
        }
    )

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int
    scope: str
    id_token: str | None = left_out()
    refresh_token: str | None = left_out()


class DeniedOut(BaseModel):
    """Why there are no tokens (RFC 6749, 5.2)."""

    model_config = shown({"error": "invalid_grant", "error_description": "the code is used"})

    error: str
    error_description: str
