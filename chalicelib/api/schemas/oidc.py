"""Wire shapes of the OpenID provider, in the words of its standards."""

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, RootModel

from chalicelib.api.schemas.session import Wire, shown


class Document(RootModel[dict[str, object]]):
    """A document whose members a standard fixes."""


class Metadata(Document):
    """The provider's metadata (OpenID Connect Discovery 1.0, section 3)."""

    model_config = ConfigDict(
        json_schema_extra={
            "required": ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"],
            "examples": [
                {
                    "issuer": "https://flows.example/oidc/demo",
                    "authorization_endpoint": "https://flows.example/oidc/demo/authorize",
                    "token_endpoint": "https://flows.example/oidc/demo/token",
                    "jwks_uri": "https://flows.example/oidc/demo/jwks.json",
                }
            ],
        }
    )


class KeySet(Document):
    """A JWK Set (RFC 7517, section 5)."""

    model_config = ConfigDict(
        json_schema_extra={
            "required": ["keys"],
            "properties": {"keys": {"type": "array", "items": {"type": "object"}}},
            "examples": [
                {
                    "keys": [
                        {
                            "kty": "EC",
                            "crv": "P-256",
                            "kid": "k1",
                            "use": "sig",
                            "alg": "ES256",
                            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
                        }
                    ]
                }
            ],
        }
    )


class RequestParams(BaseModel):
    """An authorisation request (OpenID Connect Core 1.0, 3.1.2.1, with PKCE, RFC 7636).

    The types are those of a query or a form: everything is text.
    """

    client_id: str = Field(examples=["c7f3b2a1"])
    redirect_uri: str = Field(examples=["https://notes.example/"])
    response_type: str = Field(examples=["code"])
    code_challenge: str = Field(examples=["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"])
    code_challenge_method: str = Field(examples=["S256"])
    dpop_jkt: str = Field(
        default="",
        description="The thumbprint of the one key that may exchange the code (RFC 9449, 10).",
        examples=["0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"],
    )
    scope: str = Field(default="openid", examples=["openid email"])
    state: str = Field(default="", examples=["af0ifjsldkj"])
    nonce: str = Field(default="", examples=["n-0S6_WzA2Mj"])
    response_mode: str = Field(default="query", examples=["query"])
    prompt: str = Field(default="", examples=["login"])
    login_hint: str = Field(default="", examples=["mira@demo.example"])
    max_age: str = Field(default="", examples=["3600"])
    acr_values: str = Field(
        default="",
        description="`sf:2` asks for two factors; the ID token says what it came to.",
        examples=["sf:2"],
    )
    id_token_hint: str = Field(
        default="", description="An ID token, also one of long ago, of the one person meant."
    )
    subject: str = Field(
        default="",
        description="The `sub` of the one person meant, where no hint comes.",
        examples=["1234567890123456"],
    )
    ui_locales: str = Field(default="", examples=["en"])
    ttl_seconds: str = Field(
        default="",
        description="A shorter lifetime of the session, if the login begins one.",
        examples=["3600"],
    )
    payload: str = Field(
        default="",
        description="The first data of the session, if the login begins one: a JSON object.",
        examples=['{"color": "blue"}'],
    )
    app_id: str = Field(default="", description="Has to be the client's own.", examples=["notes"])
    request: str = Field(default="", description="Not supported; sent back as a denial.")
    registration: str = Field(default="", description="Not supported; sent back as a denial.")


class AuthorizeParams(RequestParams):
    """An authorisation request, or where one was pushed (RFC 9126, section 4)."""

    redirect_uri: str = Field(default="", examples=["https://notes.example/"])
    response_type: str = Field(default="", examples=["code"])
    code_challenge: str = Field(
        default="", examples=["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"]
    )
    code_challenge_method: str = Field(default="", examples=["S256"])
    request_uri: str = Field(
        default="",
        description="What `par` answered: with it and `client_id` nothing else counts.",
    )


class PushParams(RequestParams):
    """An authorisation request to be kept (RFC 9126, 2.1), with a secret if the client has one."""

    client_secret: str = Field(default="", examples=["sfs_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"])


class PushedOut(BaseModel):
    """Where a pushed request is, and for how many seconds (RFC 9126, 2.2)."""

    model_config = shown(
        {
            "request_uri": "urn:ietf:params:oauth:request_uri:sfp_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf",
            "expires_in": 90,
        }
    )

    request_uri: str
    expires_in: int


class SignOutParams(BaseModel):
    """A sign-out (OpenID Connect RP-Initiated Logout 1.0, section 2)."""

    id_token_hint: str = ""
    post_logout_redirect_uri: str = Field(default="", examples=["https://notes.example/"])
    client_id: str = Field(default="", examples=["c7f3b2a1"])
    state: str = Field(default="", examples=["af0ifjsldkj"])


class RedirectIn(BaseModel):
    """An address to be judged; both spellings that clients use are read."""

    model_config = ConfigDict(extra="ignore") | shown(
        {"workspaceName": "demo", "appId": "notes", "redirectUri": "https://notes.example/"}
    )

    workspace_name: str = Field(
        default="", validation_alias=AliasChoices("workspaceName", "workspace_name")
    )
    app_id: str = Field(default="", validation_alias=AliasChoices("appId", "app_id"))
    redirect_uri: str = Field(
        default="", validation_alias=AliasChoices("redirectUri", "redirect_uri")
    )


class RedirectOut(Wire):
    """Whether an application may be returned to at an address."""

    model_config = shown(
        {
            "valid": True,
            "appId": "notes",
            "redirectUri": "https://notes.example/",
            "reason": None,
            "displayName": "Notes",
        }
    )

    valid: bool
    app_id: str = Field(alias="appId")
    redirect_uri: str = Field(alias="redirectUri")
    reason: str | None
    display_name: str | None = Field(alias="displayName")
