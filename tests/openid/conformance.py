"""What a client of the conformance suite does: asks, follows, signs in, exchanges, verifies."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import jwt

from chalicelib.domain.clients import ClientKind
from tests.api.platform import OWN_ORIGIN, Answer, Platform, send
from tests.api.server import Server, secret_of, server_on
from tests.api.visitor import PASSWORD, Visitor, post_form, query_of

ISSUER = f"{OWN_ORIGIN}/oidc/acme"
LOGIN = "/app/sessions/login"
USERINFO = "/oidc/acme/userinfo"


@dataclass
class Client:
    """A registered client with its secret, and the one browser in which everything is tried."""

    server: Server
    codes: list[str] = field(default_factory=list)

    @property
    def platform(self) -> Platform:
        return self.server.platform

    @property
    def visitor(self) -> Visitor:
        return self.server.visitor

    @property
    def id(self) -> str:
        return self.server.client_id

    def pause(self, seconds: float) -> None:
        self.platform.adapters.clock.pause(seconds)

    def sent(self, **changes: str | None) -> Answer:
        """Where the browser is sent that a request brings."""
        answer = self.visitor.authorize(**changes)
        assert answer.status == 302, answer
        return answer

    def asked(self, **changes: str | None) -> dict[str, Any]:
        """What the login's page shows for a request, which has to lead there."""
        return self.page(self.sent(**changes)).json()  # type: ignore[no-any-return]

    def page(self, sent: Answer) -> Answer:
        """The page's first question about the request it was opened with."""
        location = sent.headers["location"]
        assert location.startswith(f"{LOGIN}?"), location
        return self.visitor.step("context", request=query_of(location))

    def signed_in(self, sent: Answer) -> dict[str, str]:
        """Type a password at the page; answers what the browser comes back with."""
        words = {"email": self.visitor.tenant.email, "password": PASSWORD}
        request = query_of(sent.headers["location"])
        answer = self.visitor.step("sign-in", request=request, **words)
        assert answer.status == 200, answer
        return self.back(answer.json()["redirectTo"])

    def went_on(self, sent: Answer) -> dict[str, str]:
        """Press "Continue as"; answers what the browser comes back with."""
        answer = self.visitor.step("continue", request=query_of(sent.headers["location"]))
        assert answer.status == 200, answer
        return self.back(answer.json()["redirectTo"])

    def back(self, location: str) -> dict[str, str]:
        """What the answer at the redirect URI says, which is never in a fragment."""
        assert location.startswith(f"{self.visitor.redirect_uri}?"), location
        assert "#" not in location
        found = query_of(location)
        assert found["iss"] == ISSUER
        return found

    def code(self, **changes: str | None) -> str:
        """A code for a request, after a sign-in."""
        back = self.signed_in(self.sent(**changes))
        assert back["state"] == "s-1"
        return back["code"]

    def denied(self, sent: Answer) -> str:
        """The error that a browser brings back."""
        found = self.back(sent.headers["location"])
        assert found["state"] == "s-1"
        assert "code" not in found
        return found["error"]

    def exchanged(self, code: str, **changes: Any) -> Answer:
        """The token endpoint's answer to a code, with `client_secret_basic`."""
        headers = changes.pop("headers", self.server.basic)
        return self.visitor.exchange(code, headers=headers, **{"client_id": None, **changes})

    def tokens(self, code: str, **changes: Any) -> dict[str, Any]:
        """Tokens, as the standard has them answered."""
        answer = self.exchanged(code, **changes)
        assert answer.status == 200, answer
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == (
            "no-store",
            "no-cache",
        )
        tokens: dict[str, Any] = answer.json()
        return tokens

    def flow(self, **changes: str | None) -> dict[str, Any]:
        """The whole way; answers the tokens."""
        return self.tokens(self.code(**changes))

    def told(self, tokens: dict[str, Any], *, nonce: str | None = "n-1") -> dict[str, Any]:
        """The claims of an ID token, verified as a client has to (Core 1.0, 3.1.3.7)."""
        text = tokens["id_token"]
        header = jwt.get_unverified_header(text)
        keys = jwt.PyJWKSet.from_dict(send("GET", "/oidc/acme/jwks.json").json())
        claims: dict[str, Any] = jwt.decode(
            text,
            keys[header["kid"]],
            algorithms=["ES256", "RS256"],
            issuer=ISSUER,
            audience=self.id,
            # The platform's clock is not the machine's.
            options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "sub"]},
        )
        now = self.platform.adapters.clock.now()
        assert claims["iat"] <= now < claims["exp"]
        assert claims.get("nonce") == nonce
        left = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
        assert claims["at_hash"] == urlsafe_b64encode(left).rstrip(b"=").decode()
        return claims

    @staticmethod
    def told_before(tokens: dict[str, Any]) -> dict[str, Any]:
        """What an ID token said that was verified when it came."""
        claims: dict[str, Any] = jwt.decode(tokens["id_token"], options={"verify_signature": False})
        return claims

    def userinfo(self, token: str) -> dict[str, Any]:
        """The claims at userinfo."""
        answer = send("GET", USERINFO, token=token)
        assert answer.status == 200, answer
        claims: dict[str, Any] = answer.json()
        return claims

    def second(self) -> "Client":
        """Another client of the same workspace, in the same browser."""
        tenant = self.visitor.tenant
        forms = self.platform.application(
            tenant.workspace,
            tenant.user,
            "forms",
            page="https://forms.example",
            kind=ClientKind.SERVER,
        )
        other = replace(tenant, application=forms)
        secret = secret_of(self.platform, other)
        return Client(Server(replace(self.visitor, tenant=other), secret))


def client_on(platform: Platform) -> Client:
    """Register the client of a plan."""
    return Client(server_on(platform))


def pushed(client: Client, **changes: str | None) -> str:
    """The address of a request that was pushed."""
    params = client.visitor.params(**changes)
    answer = post_form("/oidc/acme/par", params, **client.server.basic)
    assert answer.status == 201, answer
    return str(answer.json()["request_uri"])


def named(client: Client, request_uri: str) -> Answer:
    """Where a browser goes with a request that was pushed."""
    query = urlencode({"client_id": client.id, "request_uri": request_uri})
    return client.visitor.get(f"/oidc/acme/authorize?{query}")
