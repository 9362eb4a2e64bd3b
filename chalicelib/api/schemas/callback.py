"""Wire shapes of what a browser brings back from a provider."""

from pydantic import BaseModel, Field

from chalicelib.api.schemas.session import shown


class CallbackParams(BaseModel):
    """An authentication response (OpenID Connect Core 1.0, 3.1.2.5; RFC 9207)."""

    state: str | None = Field(default=None, description="What we sent, word for word.")
    code: str | None = Field(default=None, description="What is exchanged for an ID token.")
    iss: str | None = Field(default=None, description="Who answers (RFC 9207).")
    error: str | None = Field(default=None, description="Why there is no code.")


class SamlParams(BaseModel):
    """A response by the POST binding (SAML Bindings 2.0, section 3.5)."""

    model_config = shown(
        {"SAMLResponse": "PHNhbWxwOlJlc3BvbnNlPg==", "RelayState": "Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"}
    )

    SAMLResponse: str | None = Field(default=None, description="The response, as base64.")
    RelayState: str | None = Field(default=None, description="What we sent, word for word.")
