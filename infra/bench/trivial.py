"""The application with one route more, which does nothing: what the local server itself costs."""

from app import app

__all__ = ["app"]


@app.route("/api/v1/hello", methods=["GET"])
def hello() -> dict[str, bool]:
    """Answer at once."""
    return {"hello": True}
