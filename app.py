"""The entry point: registers every door, once. Imported by nobody."""

import gc
import os
from importlib import import_module

from chalice.app import Chalice

# Nearly all that a start makes lives for ever, and looking for garbage in it costs a tenth of it.
gc.set_threshold(50_000, 20, 20)

app = Chalice(app_name="secureflows")
app.api.binary_types = []

# Each plane can be deployed alone, with rights of its own: SECUREFLOWS_DOORS names its doors.
DOORS = (
    *("health", "openapi", "login", "logout", "session", "exchange"),
    *("oidc.discovery", "oidc.authorization", "oidc.token", "oidc.redirects"),
    *("console.workspaces", "console.applications", "console.client_secrets"),
    *("console.sessions", "console.activity"),
)

for _door in os.environ.get("SECUREFLOWS_DOORS", ",".join(DOORS)).split(","):  # noqa: TID251
    app.register_blueprint(import_module(f"chalicelib.api.{_door}").routes)

for _room in ("expiry", "backups", "objects", "activity", "usage"):
    app.register_blueprint(import_module(f"chalicelib.jobs.{_room}").jobs)
