"""Wire shape of the question whether the platform can serve."""

from typing import Literal

from chalicelib.api.schemas.session import Wire, shown


class HealthOut(Wire):
    """The store answers, and tokens can be verified."""

    model_config = shown({"status": "ok"})

    status: Literal["ok"]
