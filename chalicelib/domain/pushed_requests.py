"""Pushed requests: what a client asks for, left here before the browser comes (RFC 9126)."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.ids import UserId, WorkspaceId, digest
from chalicelib.domain.keys import KeyKind, Place, Sealed

REQUEST_URI = "urn:ietf:params:oauth:request_uri:"
PREFIX = "sfp_"

_NAMED = re.compile(re.escape(f"{REQUEST_URI}{PREFIX}") + r"(?P<secret>[A-Za-z0-9_-]{43})")
_NOBODY = UserId(0)  # who signs in is not known yet


@dataclass(frozen=True, slots=True)
class PushedRequest:
    """A request that waits for its browser; what it says is sealed under its own address."""

    digest: str
    workspace: WorkspaceId
    client_id: str
    sealed: Sealed
    exp: int

    @property
    def place(self) -> Place:
        """Answer the only place in which it opens."""
        return pushed_place(self.workspace)


@dataclass(frozen=True, slots=True)
class Pushed:
    """What the client is told: the address of its request, and for how many seconds it is one.

    `nonce` is for its next proof, if it proved a key.
    """

    request_uri: str
    expires_in: int
    nonce: str | None = None


def pushed_place(workspace: WorkspaceId) -> Place:
    """Answer the place of the pushed requests of a workspace."""
    return Place(workspace=workspace, user=_NOBODY, kind=KeyKind.IK, purpose="login")


def secret_named(request_uri: str) -> str | None:
    """Answer the secret in the address of a pushed request, if it looks like one."""
    found = _NAMED.fullmatch(request_uri)
    return None if found is None else f"{PREFIX}{found['secret']}"


def key_in(secret: str) -> bytes:
    """Answer the 32 bytes of a secret; what is stored of it, its digest, does not tell them."""
    return base64.urlsafe_b64decode(secret.removeprefix(PREFIX) + "=")


def named(secret: str) -> str:
    """Answer by what a request is found."""
    return digest(secret)


def written(params: Mapping[str, str]) -> bytes:
    """Answer parameters as they are sealed."""
    return json.dumps(dict(params), separators=(",", ":"), ensure_ascii=False).encode()


def read(plain: bytes) -> dict[str, str]:
    """Answer parameters as they were sealed."""
    found: dict[str, str] = json.loads(plain)
    return found
