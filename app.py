"""The entry point: every door and every job, for whoever wants them all. Imported by nobody."""

from importlib import import_module

from chalicelib.api.doors import app, open_all

__all__ = ["app"]

open_all()
for _room in ("expiry", "erasures", "guests", "backups", "objects", "activity", "usage"):
    app.register_blueprint(import_module(f"chalicelib.jobs.{_room}").jobs)
