"""Wire shapes of the login's steps for people without an account."""

from pydantic import Field

from chalicelib.api.schemas.login import REQUEST, ResendIn
from chalicelib.api.schemas.session import Wire, shown

_CHALLENGE = "Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"


class ChoiceIn(ResendIn):
    """The choice that a person has made of what a visitor left in this browser."""

    model_config = shown({"request": REQUEST, "challenge": _CHALLENGE})


class CopiedOut(Wire):
    """The applications into which a visitor's data was copied, by name; the visitor is gone."""

    model_config = shown({"copied": ["Notes"]})

    copied: list[str] = Field(repr=False)
