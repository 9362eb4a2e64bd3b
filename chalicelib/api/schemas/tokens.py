"""Wire shapes of the token endpoint and of what stands around it, in RFC 6749's words."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.api.schemas.session import shown


def left_out() -> Any:  # noqa: ANN401 - a default, whatever the type of its field
    """Answer the default of a member that is absent where there is nothing to say."""
    return Field(default=None, exclude_if=lambda value: value is None)


class TokenParams(BaseModel):
    """A request for tokens (RFC 6749, 4.1.3; RFC 7636, 4.5).

    A client with a secret shows it here or, better, as the password of HTTP Basic.
    """

    model_config = shown(
        {
            "grant_type": "authorization_code",
            "client_id": "c7f3b2a1",
            "code": "sfc_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf",
            "redirect_uri": "https://notes.example/",
            "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        },
        {
            "grant_type": "refresh_token",
            "client_id": "c7f3b2a1",
            "refresh_token": "sfr_f2d4k6m3q5x7v2b4n6c3a_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf",
        },
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "client_id": "c7f3b2a1",
            "device_code": "sfd_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf",
        },
    )

    grant_type: str = Field(examples=["authorization_code"])
    client_id: str = Field(default="", examples=["c7f3b2a1"])
    client_secret: str = Field(default="", examples=["sfs_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"])
    device_code: str = Field(default="", examples=["sfd_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"])
    code: str = Field(default="", examples=["sfc_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"])
    redirect_uri: str = Field(default="", examples=["https://notes.example/"])
    refresh_token: str = Field(
        default="", examples=["sfr_f2d4k6m3q5x7v2b4n6c3a_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"]
    )
    scope: str = Field(
        default="",
        description="Less than the sign-in was given, for this one access token.",
        examples=["openid email"],
    )
    code_verifier: str = Field(default="", examples=["dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"])


class TokenHintParams(BaseModel):
    """A token that something is to be done about (RFC 7009, 2.1; RFC 7662, 2.1)."""

    model_config = shown(
        {
            "token": "sfr_f2d4k6m3q5x7v2b4n6c3a_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf",
            "client_id": "c7f3b2a1",
        }
    )

    token: str = Field(examples=["sfr_f2d4k6m3q5x7v2b4n6c3a_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"])
    token_type_hint: str = Field(
        default="",
        description="Not needed: each kind of token shows what it is.",
        examples=["refresh_token"],
    )
    client_id: str = Field(default="", examples=["c7f3b2a1"])
    client_secret: str = Field(default="", examples=["sfs_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"])


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


class TokenRevokedOut(BaseModel):
    """The token is none any more; nothing else is said (RFC 7009, section 2.2)."""

    model_config = ConfigDict(extra="forbid") | shown({})


class IntrospectedOut(BaseModel):
    """What a token is good for now; of one that is not good nothing is said (RFC 7662, 2.2)."""

    model_config = shown(
        {
            "active": True,
            "iss": "https://flows.example/oidc/demo",
            "client_id": "c7f3b2a1",
            "sub": "1234567890123456",
            "scope": "openid email",
            "token_type": "Bearer",
            "exp": 1_795_000_900,
            "sid": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "auth_time": 1_795_000_000,
            "acr": "sf:1",
            "amr": ["pwd"],
        }
    )

    active: bool
    iss: str | None = left_out()
    client_id: str | None = left_out()
    sub: str | None = left_out()
    scope: str | None = left_out()
    token_type: str | None = left_out()
    cnf: dict[str, str] | None = left_out()
    exp: int | None = left_out()
    sid: str | None = left_out()
    auth_time: int | None = left_out()
    acr: str | None = left_out()
    amr: list[str] | None = left_out()


class DeniedOut(BaseModel):
    """Why there are no tokens (RFC 6749, 5.2)."""

    model_config = shown({"error": "invalid_grant", "error_description": "the code is used"})

    error: str
    error_description: str
