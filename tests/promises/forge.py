"""Good tokens, what is needed to make bad ones of them, and the doors to try them at."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from chalicelib.domain.tokens import SigningKey
from tests.api.platform import Answer, Platform, Tenant, send

Claims = dict[str, Any]
SESSION, IDENTITY, MEMBER, PERSON = "session", "identity", "member", "person"
TYP = {SESSION: "at+jwt", IDENTITY: "JWT", MEMBER: "at+jwt", PERSON: "at+jwt"}
DOORS: dict[str, list[tuple[str, str, Any]]] = {
    SESSION: [("GET", "/api/v1/sessions", None), ("PUT", "/api/v1/sessions", {"a": "forged"})],
    IDENTITY: [("POST", "/api/v1/sessions", {"workspaceName": "acme", "payload": {"a": "forged"}})],
    MEMBER: [
        ("GET", "/api/v1/applications", None),
        (
            "POST",
            "/api/v1/applications",
            {"appId": "forged", "displayName": "F", "redirectUris": ["https://evil.example/"]},
        ),
    ],
    PERSON: [("GET", "/api/v1/self/factors", None), ("POST", "/api/v1/self/totp", None)],
}
KINDS = tuple(DOORS)


@dataclass(frozen=True)
class Forge:
    """Good tokens of one tenant, and everything that one needs to make bad ones of them."""

    platform: Platform
    tenant: Tenant
    good: Mapping[str, str]

    @property
    def key(self) -> SigningKey:
        (key,) = self.platform.adapters.keys.signing()
        return key

    def claims(self, kind: str, **changes: Any) -> Claims:
        claims = jwt.decode(self.good[kind], options={"verify_signature": False}) | changes
        return {name: value for name, value in claims.items() if value is not ...}

    def sign(self, claims: object, kind: str, **header: Any) -> str:
        """Sign with the platform's very own key."""
        private = self.platform.adapters.signatures.kms.private(self.key)
        return signed(claims, private, {"kid": self.key.kid, "typ": TYP[kind]} | header)


def forge_on(platform: Platform) -> Forge:
    """Prepare a tenant with a good token of each kind."""
    tenant = platform.tenant()
    good = {
        SESSION: platform.token(tenant, {"a": "kept"}),
        IDENTITY: platform.id_token(tenant),
        MEMBER: platform.member_token(tenant.workspace),
        PERSON: platform.person_token(tenant),
    }
    return Forge(platform, tenant, good)


def signed(claims: object, private: Any, header: Claims, alg: str = "ES256") -> str:
    text = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return jwt.PyJWS().encode(text, private, algorithm=alg, headers=header)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(header: object, claims: object, signature: bytes) -> str:
    return ".".join(
        [b64(json.dumps(header).encode()), b64(json.dumps(claims).encode()), b64(signature)]
    )


def knock(forge: Forge, token: str, kind: str) -> list[Answer]:
    """Knock at every door of a kind, and show that nothing has changed behind it."""
    adapters = forge.platform.adapters
    before = (len(adapters.audit.events), dict(adapters.sessions.payloads))
    answers = [send(method, path, token=token, body=body) for method, path, body in DOORS[kind]]
    assert (len(adapters.audit.events), adapters.sessions.payloads) == before
    return answers


def refused(forge: Forge, token: str, kind: str) -> None:
    for answer in knock(forge, token, kind):
        assert (answer.status, answer.code) == (401, "token_invalid"), answer
        assert "www-authenticate" in answer.headers
