"""A program in a shell that signs its person in by a code, and the page on which they type it."""

from dataclasses import dataclass
from typing import Any

from chalicelib.domain.clients import ClientKind
from chalicelib.domain.limits import POLL_SECONDS
from chalicelib.domain.oidc import DEVICE_CODE
from tests.api.platform import Answer, Platform, send
from tests.api.visitor import OWN_PAGE, Visitor, account, post_form


@dataclass
class Shell:
    """A device that waits, and the browser of the person who started it."""

    visitor: Visitor
    told: dict[str, Any]

    @property
    def user_code(self) -> str:
        found: str = self.told["user_code"]
        return found

    def ask(self, *, at: str = "acme", headers: Any = None, **changes: str) -> Answer:
        """Come back for tokens, at once."""
        form = {
            "grant_type": DEVICE_CODE,
            "device_code": self.told["device_code"],
            "client_id": self.visitor.tenant.application.client_id,
            **changes,
        }
        return post_form(f"/oidc/{at}/token", form, **(headers or {}))

    def ask_in_time(self, **changes: Any) -> Answer:
        """Come back for tokens after the time that one has to wait."""
        self.visitor.platform.adapters.clock.pause(POLL_SECONDS)
        return self.ask(**changes)

    def look_up(self, typed: str | None = None) -> Answer:
        return on_page(self.visitor, "look-up", userCode=typed or self.user_code)

    def named(self) -> dict[str, str]:
        """What the page knows of it, once the code was typed."""
        answer = self.look_up()
        assert answer.status == 200, answer.body
        return {"device": answer.json()["device"], "userCode": self.user_code}

    def decide(self, *, approve: bool = True) -> Answer:
        return on_page(self.visitor, "decide", **self.named(), approve=approve)


def visitor_on(platform: Platform, slug: str = "acme", **settings: Any) -> Visitor:
    """Somebody with an account, and an application that runs on their machine."""
    tenant = platform.tenant(slug, kind=ClientKind.NATIVE, **settings)
    tenant.email = f"anna@{slug}.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return Visitor(platform, tenant)


def shell_of(visitor: Visitor, *, headers: Any = None, **changes: str) -> Shell:
    """Begin to wait."""
    answer = start(visitor, headers=headers, **changes)
    assert answer.status == 200, answer.body
    return Shell(visitor, answer.json())


def start(visitor: Visitor, *, headers: Any = None, **changes: str) -> Answer:
    client_id = visitor.tenant.application.client_id
    form = {"client_id": client_id, "scope": "openid email", **changes}
    return post_form(f"/oidc/{visitor.slug}/device_authorization", form, **(headers or {}))


def on_page(visitor: Visitor, step: str, **body: Any) -> Answer:
    """What the page of devices posts."""
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    headers = {**OWN_PAGE, **({"cookie": cookie} if cookie else {})}
    sent = {"workspaceName": visitor.slug, **body}
    return send("POST", f"/api/v1/login/device/{step}", body=sent, headers=headers, ip=visitor.ip)


def told(answer: Answer, error: str, status: int = 400) -> None:
    """Fail unless a device is told this, in the words of RFC 8628."""
    assert (answer.status, answer.json()["error"]) == (status, error), answer.body
