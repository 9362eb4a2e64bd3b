"""Registrations: what an operator says of an application before there is one."""

from dataclasses import dataclass, fields

from chalicelib.domain.applications import Application, ReturnFlow
from chalicelib.domain.clients import ClientKind, DpopUse
from chalicelib.domain.ids import AppId, WorkspaceId
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

    def application(
        self, workspace: WorkspaceId, *, client_id: str, created_at: int
    ) -> Application:
        """Answer the application as it begins; each of the words above is one of its own."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return Application(workspace=workspace, client_id=client_id, created_at=created_at, **said)
