"""Doors: the application, and the order in which its doors are opened."""

import gc
import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from chalice.app import Chalice

# Nearly all that a start makes lives for ever, and looking for garbage in it costs a tenth of it.
gc.set_threshold(50_000, 20, 20)

app = Chalice(app_name="secureflows")
app.api.binary_types = []

# What is asked for most stands first. Each plane can be deployed alone, with rights of its own:
# SECUREFLOWS_DOORS names its doors.
DOORS = (
    *("payload", "session", "exchange", "health"),
    *(
        "oidc.discovery",
        "oidc.authorization",
        "oidc.token",
        "oidc.redirects",
        "login",
        "logout",
        "invitation",
        "visits",
        "copies",
        "sso",
        "oidc.callback",
        "oidc.saml",
    ),
    *("oidc.userinfo", "oidc.revocation", "oidc.introspection"),
    *("oidc.device_authorizations", "device_approvals"),
    *("passkeys", "own.door", "own.factors", "own.passkeys", "own.profile", "own.sign_ins"),
    *("own.links", "own.erasure"),
    "oidc.pushed_requests",
    *("console.workspaces", "console.applications", "console.client_secrets"),
    *("console.identity_providers", "console.invites"),
    *("console.sessions", "console.locks", "console.rescues", "console.activity", "openapi"),
)
_closed = os.environ.get("SECUREFLOWS_DOORS", ",".join(DOORS)).split(",")  # noqa: TID251


def answer(event: Mapping[str, Any], context: object) -> Any:  # noqa: ANN401 - Chalice has no types
    """Answer a request as Lambda brings it: doors are opened until one has its route.

    So a cold start pays for the routes that it serves and for what stands before them.
    """
    asked = event["requestContext"]
    while _closed and asked["httpMethod"] not in app.routes.get(asked["resourcePath"], {}):
        _open_next()
    return app(event, context)


def open_all() -> None:
    """Open every door that is still closed: for whoever wants to know all routes."""
    while _closed:
        _open_next()


def _open_next() -> None:
    app.register_blueprint(import_module(f"chalicelib.api.{_closed[0]}").routes)
    # Not before: a door that did not open is tried again.
    del _closed[0]
