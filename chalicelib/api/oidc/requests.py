"""What requests to a provider have in common: the workspace they name, forms, credentials."""

import base64
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

from chalicelib.api.contract import Parameter
from chalicelib.api.request import Incoming
from chalicelib.domain.clients import Credentials
from chalicelib.domain.errors import InvalidInput

WORKSPACE = Parameter(
    "path",
    "workspace",
    "The workspace's name in addresses.",
    {"type": "string", "examples": ["demo"]},
)
_FORM = "application/x-www-form-urlencoded"
_MAX_FIELDS = 50


def params_of(request: Incoming) -> Mapping[str, str]:
    """Answer the parameters of a query or, of a POST, of its form."""
    return form_of(request) if request.method == "POST" else request.query


def form_of(request: Incoming) -> dict[str, str]:
    """Answer the fields of a form, each sent once; raises `InvalidInput`."""
    media_type = (request.header("content-type") or "").split(";")[0].strip().lower()
    if media_type != _FORM:
        raise InvalidInput(f"Send the parameters as {_FORM}.")
    try:
        pairs = parse_qsl(
            request.body.decode(),
            keep_blank_values=True,
            max_num_fields=_MAX_FIELDS,
            errors="strict",
        )
    except ValueError as error:
        raise InvalidInput("The form cannot be read.") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise InvalidInput("A parameter is repeated.")
    return form


def credentials_of(request: Incoming, params: Mapping[str, str]) -> Credentials | None:
    """Answer what a client proves itself by (RFC 6749, 2.3.1); raises `InvalidInput`.

    A secret comes in the header or in the form, and an id in both has to be the same one.
    """
    named, secret = params.get("client_id"), params.get("client_secret")
    scheme, _, sent = (request.header("authorization") or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return Credentials(named, secret or None) if named else None
    shown = _basic(sent.strip())
    if secret or (named and named != shown.client_id):
        raise InvalidInput("The client shows who it is in two ways.")
    return shown


def _basic(sent: str) -> Credentials:
    # RFC 6749 has both parts encoded as in a form before RFC 7617 joins them.
    try:
        joined = base64.b64decode(sent, validate=True).decode()
        named, _, secret = (unquote_plus(part, errors="strict") for part in joined.partition(":"))
    except ValueError:
        return Credentials("")
    return Credentials(named, secret or None)
