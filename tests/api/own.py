"""A person at their own account, as the dashboard's pages would ask for them."""

from dataclasses import dataclass
from typing import Any

from tests.api.authenticator import Authenticator
from tests.api.platform import Answer, Platform, Tenant, send
from tests.api.visitor import OWN_PAGE, PASSWORD, Visitor, account

SELF = "/api/v1/self"
NEW = "other words are long too"
BY_PERSON: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("DELETE", "", None),
    ("GET", "/factors", None),
    ("POST", "/totp", None),
    ("POST", "/totp/confirm", {"challenge": "a" * 43, "code": "123456"}),
    ("DELETE", "/totp", None),
    ("POST", "/recovery-codes", None),
    ("GET", "/passkeys", None),
    ("POST", "/passkeys/options", None),
    (
        "POST",
        "/passkeys",
        {
            "challenge": "a" * 43,
            "credential": {"id": "AAAA", "clientDataJSON": "AAAA", "attestationObject": "AAAA"},
        },
    ),
    ("PATCH", f"/passkeys/{'a' * 43}", {"name": "Laptop"}),
    ("DELETE", f"/passkeys/{'a' * 43}", None),
    ("GET", "/identity-providers", None),
    ("DELETE", f"/identity-providers/{'a' * 43}", None),
    ("GET", "/sign-ins", None),
    ("DELETE", "/sign-ins/baaaaaaaaaaaaaaaaaaaa", None),
    ("POST", "/sign-ins/end-others", None),
    ("GET", "/grants", None),
    ("DELETE", f"/grants/{'a' * 43}", None),
    ("GET", "/devices", None),
    ("DELETE", f"/devices/{'a' * 43}", None),
    ("POST", "/password", {"password": PASSWORD, "newPassword": NEW}),
    ("POST", "/email", {"email": "new@acme.example"}),
    ("POST", "/email/confirm", {"challenge": "a" * 43, "code": "123456"}),
]
# What a passkey is called proves nothing, what a sign-in gave may be ended by it at any time, and
# after a deletion nothing can be asked: it is tried for itself.
_ENDS = ("/sign-ins", "/grants", "/devices")
CHANGES = [
    each
    for each in BY_PERSON
    if each[0] not in {"GET", "PATCH"} and each[1] and not each[1].startswith(_ENDS)
]
BY_PAGE: list[tuple[str, dict[str, Any]]] = [
    ("/member-token", {"workspaceName": "acme"}),
    ("/step-up", {"workspaceName": "acme", "password": PASSWORD}),
    ("/step-up/passkey/options", {"workspaceName": "acme"}),
    (
        "/step-up/passkey",
        {
            "workspaceName": "acme",
            "challenge": "a" * 43,
            "credential": {
                "id": "AAAA",
                "clientDataJSON": "AAAA",
                "authenticatorData": "AAAA",
                "signature": "AAAA",
            },
        },
    ),
    ("/step-up/totp", {"workspaceName": "acme", "challenge": "a" * 43, "code": "123456"}),
    ("/step-up/recovery", {"workspaceName": "acme", "challenge": "a" * 43, "code": "123456"}),
]


@dataclass
class Home:
    """One browser in which a person has signed in."""

    visitor: Visitor
    token: str = ""

    @property
    def platform(self) -> Platform:
        return self.visitor.platform

    @property
    def tenant(self) -> Tenant:
        return self.visitor.tenant

    def post(self, path: str, **body: Any) -> Answer:
        """Ask by the cookie."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.visitor.cookies.items())
        headers = {**OWN_PAGE, **({"cookie": cookie} if cookie else {})}
        sent = {"workspaceName": self.visitor.slug, **body}
        answer = send("POST", f"{SELF}{path}", body=sent, headers=headers)
        for line in answer.cookies:
            name, _, value = line.split(";")[0].partition("=")
            self.visitor.cookies[name] = value
        if answer.status == 200 and "memberToken" in answer.json():
            self.token = answer.json()["memberToken"]
        return answer

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Ask by the token."""
        return send(method, f"{SELF}{path}", token=self.token, body=body)

    def step_up(self, authenticator: Authenticator | None = None) -> None:
        """Prove once more who it is."""
        answer = self.post("/step-up", password=PASSWORD)
        assert answer.status == 200, answer
        if authenticator is not None:
            challenge = answer.json()["step"]["challenge"]
            code = authenticator.code()
            assert self.post("/step-up/totp", challenge=challenge, code=code).status == 200


def home_of(platform: Platform, slug: str = "acme") -> Home:
    """A tenant with a person who has just signed in, at their own account."""
    tenant = platform.tenant(slug)
    tenant.email = f"anna@{slug}.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return home_at(platform, tenant)


def home_at(platform: Platform, tenant: Tenant) -> Home:
    """Another browser in which the same person has just signed in."""
    home = Home(Visitor(platform, tenant))
    assert home.visitor.sign_in().status == 200
    assert home.post("/member-token").status == 200
    return home
