"""The door for programs that ask how to talk to the platform."""

import json
from functools import cache
from hashlib import sha256

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import CACHE_CONTROL, ETAG, IF_NONE_MATCH
from chalicelib.api.schemas.openapi import OpenApi
from chalicelib.domain.callers import Visit

routes = Blueprint(__name__)

_CACHEABLE = {"Cache-Control": "public, max-age=300"}


@routes.route("/api/v1/openapi.json", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    reads=(IF_NONE_MATCH,),
    sends=(ETAG, CACHE_CONTROL),
)
def get_openapi(call: Call[Visit]) -> Reply[OpenApi] | Reply[None]:
    """Answer this document, the contract of every route that is served here."""
    document, etag = _document(call.services.settings.origin)
    headers = {"ETag": etag, **_CACHEABLE}
    known = (call.request.header("if-none-match") or "").split(",")
    if {"*", etag} & {tag.strip().removeprefix("W/") for tag in known}:
        return Reply(None, status=304, headers=headers)
    return Reply(document, headers=headers)


@cache
def _document(origin: str) -> tuple[OpenApi, str]:
    # Imported here, as no other route should wait for what only this one needs.
    from chalicelib.api.document import document_of  # noqa: PLC0415

    document = document_of(routes.current_app.routes, origin=origin)
    digest = sha256(json.dumps(document).encode()).hexdigest()
    return OpenApi(document), f'"{digest[:32]}"'
