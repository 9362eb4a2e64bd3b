"""Makes one Chalice application safe to call from many threads at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from chalice.app import Chalice

if TYPE_CHECKING:
    from chalice.app import Request
    from chalice.local import LambdaContext

_CALL = threading.local()


class _PerThread(Chalice):
    """Chalice with the request and the context of the calling thread.

    In Lambda one process serves one request at a time, so Chalice keeps both on the application;
    here one request would see the other's.
    """

    @property
    def current_request(self) -> Request | None:
        return getattr(_CALL, "request", None)

    @current_request.setter
    def current_request(self, request: Request | None) -> None:
        _CALL.request = request

    @property
    def lambda_context(self) -> LambdaContext:
        context: LambdaContext = _CALL.context
        return context

    @lambda_context.setter
    def lambda_context(self, context: LambdaContext) -> None:
        _CALL.context = context


def isolate_threads(app: Chalice) -> None:
    """Give every thread its own request and context; doing it twice is harmless."""
    own = type(app)
    if not issubclass(own, _PerThread):
        bases: tuple[Any, ...] = (_PerThread,) if own is Chalice else (_PerThread, own)
        app.__class__ = type(f"PerThread{own.__name__}", bases, {})
