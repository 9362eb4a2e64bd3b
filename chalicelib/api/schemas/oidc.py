"""Wire shapes of the OpenID provider, in the words of its standards."""

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, JsonValue

from chalicelib.api.schemas.session import Wire, shown

_CLIENT = "The application's client id."
_RETURN = "Where to return to, as it was registered."
_CHALLENGE = "The SHA-256 of the verifier, base64url (RFC 7636, 4.2)."
_ASKED: dict[str, JsonValue] = {
    "client_id": "c7f3b2a1",
    "redirect_uri": "https://notes.example/",
    "response_type": "code",
    "scope": "openid email",
    "state": "af0ifjsldkj",
    "nonce": "n-0S6_WzA2Mj",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


class RequestParams(BaseModel):
    """An authorisation request (OpenID Connect Core 1.0, 3.1.2.1, with PKCE, RFC 7636).

    The types are those of a query or a form: everything is text.
    """

    model_config = shown(_ASKED)

    client_id: str = Field(description=_CLIENT, examples=["c7f3b2a1"])
    redirect_uri: str = Field(description=_RETURN, examples=["https://notes.example/"])
    response_type: str = Field(description="`code`, and no other.", examples=["code"])
    code_challenge: str = Field(
        description=_CHALLENGE, examples=["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"]
    )
    code_challenge_method: str = Field(description="`S256`, and no other.", examples=["S256"])
    dpop_jkt: str = Field(
        default="",
        description="The thumbprint of the one key that may exchange the code (RFC 9449, 10).",
        examples=["0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"],
    )
    scope: str = Field(
        default="openid",
        description="What is asked for: `openid email profile offline_access`, or less.",
        examples=["openid email"],
    )
    state: str = Field(
        default="", description="Comes back as it was sent.", examples=["af0ifjsldkj"]
    )
    nonce: str = Field(
        default="", description="Stands in the ID token as it was sent.", examples=["n-0S6_WzA2Mj"]
    )
    response_mode: str = Field(
        default="query", description="`query`, and no other.", examples=["query"]
    )
    prompt: str = Field(
        default="",
        description="`none` shows nothing, `login` and `select_account` always ask, `create` is a "
        "new account.",
        examples=["login"],
    )
    login_hint: str = Field(
        default="", description="An address to begin with.", examples=["mira@demo.example"]
    )
    max_age: str = Field(
        default="", description="Seconds since the person last proved it.", examples=["3600"]
    )
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
    ui_locales: str = Field(
        default="", description="Languages of the page; there is one.", examples=["en"]
    )
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

    redirect_uri: str = Field(default="", description=_RETURN, examples=["https://notes.example/"])
    response_type: str = Field(default="", description="`code`, and no other.", examples=["code"])
    code_challenge: str = Field(
        default="",
        description=_CHALLENGE,
        examples=["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
    )
    code_challenge_method: str = Field(
        default="", description="`S256`, and no other.", examples=["S256"]
    )
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

    model_config = shown(
        {
            "client_id": "c7f3b2a1",
            "post_logout_redirect_uri": "https://notes.example/",
            "state": "af0ifjsldkj",
        }
    )

    id_token_hint: str = Field(
        default="", description="An ID token of who signs out, also one of long ago."
    )
    post_logout_redirect_uri: str = Field(
        default="",
        description="Where to go then, as it was registered for that.",
        examples=["https://notes.example/"],
    )
    client_id: str = Field(default="", description=_CLIENT, examples=["c7f3b2a1"])
    state: str = Field(
        default="", description="Comes back as it was sent.", examples=["af0ifjsldkj"]
    )


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
