"""A Chalice application that does nothing, for what the local server itself costs."""

from chalice.app import Chalice

app = Chalice(app_name="trivial")


@app.route("/api/v1/hello", methods=["GET"])
def hello() -> dict[str, bool]:
    """Answer at once."""
    return {"hello": True}
