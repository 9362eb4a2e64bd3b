"""What requests to a provider have in common: the workspace they name, parameters in a form."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from chalicelib.api.contract import Parameter
from chalicelib.api.request import Incoming
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
