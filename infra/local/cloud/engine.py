"""The engine itself: moto, held to one version, with what it gets wrong put right."""

import importlib.metadata
import os
from collections.abc import Callable, Iterable
from typing import Any

MOTO = "5.2.5"
ACCOUNT = "000000000000"

WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]


def application() -> WSGIApplication:
    """Moto's WSGI application, corrected.

    Raises:
        RuntimeError: another version of moto is installed; the corrections reach into moto and
            have to be looked at again before they may be trusted with it.
    """
    found = importlib.metadata.version("moto")
    if found != MOTO:
        raise RuntimeError(f"the embedded cloud is made for moto {MOTO}, and this is {found}")
    # moto reads this once, when it is imported; the template's bucket names contain the account.
    os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT  # noqa: TID251

    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        create_backend_app,
    )

    from infra.local.cloud import indexes, keystates, mail, sizes, transactions  # noqa: PLC0415

    for room in (indexes, sizes, transactions, keystates, mail):
        room.install()
    return DomainDispatcherApplication(create_backend_app)
