"""Wire shapes of the steps between a first proof and a sign-in."""

from typing import Self

from pydantic import Field

from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.factors import StepKind
from chalicelib.services.enrolments import Setup
from chalicelib.services.steps import Step

_CHALLENGE = "Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"


class DrawingOut(Wire):
    """A QR code: an SVG path of dark squares, `size` squares wide and high, without a margin."""

    size: int
    path: str = Field(repr=False)


class EnrolmentOut(Wire):
    """What an authenticator is set up with: scanned, or typed letter by letter."""

    secret: str = Field(repr=False)
    uri: str = Field(repr=False)
    qr: DrawingOut

    @classmethod
    def of(cls, setup: Setup) -> Self:
        """Answer a set-up as the page reads it."""
        drawing = DrawingOut(size=setup.drawing.size, path=setup.drawing.path)
        return cls(secret=setup.secret, uri=setup.uri, qr=drawing)


class AskedOut(Wire):
    """What a person has to show next, and the challenge to answer it with."""

    kind: StepKind
    challenge: str = Field(repr=False)


class EnrolmentAskedOut(AskedOut):
    """An authenticator has to be set up."""

    setup: EnrolmentOut


class CodesAskedOut(AskedOut):
    """Recovery codes have to be kept; they are shown once."""

    recovery_codes: list[str] = Field(alias="recoveryCodes", repr=False)


class VisitorAskedOut(AskedOut):
    """A visitor left data in this browser: whether the account gets a copy is to be chosen.

    `new` are applications, by name, where it would; in `kept` the account has data, which stays.
    """

    new: list[str] = Field(repr=False)
    kept: list[str] = Field(repr=False)


class StepOut(Wire):
    """The sign-in goes on with another step."""

    model_config = shown({"step": {"kind": "totp", "challenge": _CHALLENGE}})

    step: EnrolmentAskedOut | CodesAskedOut | VisitorAskedOut | AskedOut

    @classmethod
    def of(cls, step: Step) -> Self:
        """Answer a step as the page reads it."""
        if step.setup is not None:
            setup = EnrolmentOut.of(step.setup)
            asked: AskedOut = EnrolmentAskedOut(
                kind=step.kind, challenge=step.challenge, setup=setup
            )
        elif step.recovery_codes:
            codes = list(step.recovery_codes)
            asked = CodesAskedOut(kind=step.kind, challenge=step.challenge, recovery_codes=codes)
        elif step.luggage is not None:
            new, kept = list(step.luggage.new), list(step.luggage.kept)
            asked = VisitorAskedOut(kind=step.kind, challenge=step.challenge, new=new, kept=kept)
        else:
            asked = AskedOut(kind=step.kind, challenge=step.challenge)
        return cls(step=asked)
