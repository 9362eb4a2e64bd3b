"""Errands: what a browser is sent to an upstream for."""

from dataclasses import dataclass, field

from chalicelib.domain.login import AuthorizationRequest
from chalicelib.domain.upstreams import Upstream


@dataclass(frozen=True, slots=True)
class Errand:
    """A request on its way to an upstream; `email` is what the person typed here."""

    request: AuthorizationRequest
    upstream: Upstream
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    email: str | None = field(repr=False, default=None)
