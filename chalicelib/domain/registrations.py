"""Registrations: what an operator says of an application before there is one."""

from dataclasses import dataclass

from chalicelib.domain.applications import ReturnFlow
from chalicelib.domain.clients import ClientKind, DpopUse
from chalicelib.domain.ids import AppId
from chalicelib.domain.limits import DEFAULT_PAYLOAD_BYTES, DEFAULT_TOKEN_SECONDS
from chalicelib.domain.tokens import SigningAlg
from chalicelib.domain.visitors import VisitorUse


@dataclass(frozen=True, slots=True)
class Registration:
    """What an operator says of a new application; lifetimes are seconds."""

    id: AppId
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_uris: tuple[str, ...]
    token_seconds: int = DEFAULT_TOKEN_SECONDS
    payload_seconds: int = 0
    payload_bytes: int = DEFAULT_PAYLOAD_BYTES
    color: str | None = None
    requires_if_match: bool = False
    requests_per_minute: int | None = None
    return_flow: ReturnFlow = ReturnFlow.CODE
    payload_schema: str | None = None
    kind: ClientKind = ClientKind.BROWSER
    dpop: DpopUse = DpopUse.ALLOWED
    id_token_alg: SigningAlg = SigningAlg.ES256
    visitors: VisitorUse = VisitorUse.OFF
