"""Which client asks at an endpoint of the provider, and with which form."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.api.endpoint import Call
from chalicelib.api.oidc.requests import credentials_of, form_of
from chalicelib.domain.callers import Visit
from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.oidc import Denial, Denied
from chalicelib.services.clients import Client


@dataclass(frozen=True, slots=True)
class Asking:
    """A request of a client that was authenticated."""

    client: Client
    params: Mapping[str, str] = field(repr=False)


def asking(call: Call[Visit], *needed: str) -> Asking | Denied:
    """Answer who asks, or why they are not let in; each needed parameter has to be there."""
    try:
        params = form_of(call.request)
        credentials = credentials_of(call.request, params)
    except InvalidInput as error:
        return Denied(Denial.INVALID_REQUEST, error.detail)
    clients = call.services.provider.clients
    client = clients.authenticate(call.request.param("workspace"), credentials, call.caller)
    if isinstance(client, Denied):
        return client
    for name in needed:
        if not params.get(name):
            return Denied(Denial.INVALID_REQUEST, f"{name} is missing")
    return Asking(client, params)
