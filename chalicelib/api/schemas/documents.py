"""Wire shapes of documents whose members a standard fixes."""

from pydantic import ConfigDict, JsonValue, RootModel

_ADDRESSES = (
    *("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"),
    *("userinfo_endpoint", "revocation_endpoint", "introspection_endpoint"),
    *("device_authorization_endpoint", "pushed_authorization_request_endpoint"),
)
_LISTS = (
    *("response_types_supported", "response_modes_supported", "grant_types_supported"),
    *("subject_types_supported", "id_token_signing_alg_values_supported"),
    *("token_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported"),
    *("introspection_endpoint_auth_methods_supported", "code_challenge_methods_supported"),
    *("dpop_signing_alg_values_supported", "scopes_supported", "prompt_values_supported"),
    *("acr_values_supported", "ui_locales_supported", "claim_types_supported"),
    "claims_supported",
)
_SWITCHES = (
    *("authorization_response_iss_parameter_supported", "claims_parameter_supported"),
    *("request_parameter_supported", "request_uri_parameter_supported"),
    "require_pushed_authorization_requests",
)
_KEY: dict[str, JsonValue] = {
    "type": "object",
    "properties": {
        name: {"type": "string"} for name in ("kty", "kid", "use", "alg", "crv", "x", "y", "n", "e")
    },
    "required": ["kty", "kid", "use", "alg"],
}


class Document(RootModel[dict[str, object]]):
    """A document whose members a standard fixes."""


class Metadata(Document):
    """The provider's metadata (OpenID Connect Discovery 1.0, section 3; RFC 8414, section 2)."""

    model_config = ConfigDict(
        json_schema_extra={
            "properties": {
                **{name: {"type": "string", "format": "uri"} for name in _ADDRESSES},
                **{name: {"type": "array", "items": {"type": "string"}} for name in _LISTS},
                **{name: {"type": "boolean"} for name in _SWITCHES},
            },
            "required": ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"],
            "examples": [
                {
                    "issuer": "https://flows.example/oidc/demo",
                    "authorization_endpoint": "https://flows.example/oidc/demo/authorize",
                    "token_endpoint": "https://flows.example/oidc/demo/token",
                    "jwks_uri": "https://flows.example/oidc/demo/jwks.json",
                    "response_types_supported": ["code"],
                    "code_challenge_methods_supported": ["S256"],
                    "authorization_response_iss_parameter_supported": True,
                }
            ],
        }
    )


class KeySet(Document):
    """A JWK Set (RFC 7517, section 5)."""

    model_config = ConfigDict(
        json_schema_extra={
            "required": ["keys"],
            "properties": {"keys": {"type": "array", "items": _KEY}},
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
