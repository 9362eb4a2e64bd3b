"""Requests at the exchange of tokens, and what must not change by them."""

from collections.abc import Callable, Mapping
from typing import Any

import jwt

from tests.api.platform import Answer, Platform, Tenant, send

CREATE = "/api/v1/sessions"
CONTINUE = "/api/v1/sessions/get-or-create"
RENEW = "/api/v1/sessions/renew"
BEGINNINGS = [CREATE, CONTINUE]
ALL = [*BEGINNINGS, RENEW]


def body_for(platform: Platform, tenant: Tenant, path: str) -> Mapping[str, Any]:
    if path == RENEW:
        return {"sessionToken": platform.token(tenant, {"a": 1})}
    return {"workspaceName": tenant.workspace.slug, "app_id": "notes", "payload": {"a": 2}}


def unchanged(platform: Platform, act: Callable[[], Answer]) -> Answer:
    """Call, and show that no session, no payload and no event has come or gone."""
    sessions = platform.adapters.sessions
    before = (dict(sessions.heads), dict(sessions.payloads), len(platform.events))
    answer = act()
    assert (sessions.heads, sessions.payloads, len(platform.events)) == before
    assert "sessionToken" not in answer.body or answer.status == 400
    return answer


def post(platform: Platform, tenant: Tenant, path: str, body: Any, **words: Any) -> Answer:
    return send("POST", path, token=platform.id_token(tenant), body=body, **words)


def sid_of(token: str) -> str:
    return str(jwt.decode(token, options={"verify_signature": False})["sid"])


def read(token: str) -> Any:
    answer = send("GET", "/api/v1/sessions", token=token)
    assert answer.status == 200, answer
    return answer.json()
