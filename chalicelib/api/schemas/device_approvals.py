"""Wire shapes of the page on which a person lets a device in."""

from typing import Self

from pydantic import Field, JsonValue

from chalicelib.api.schemas.login import ApplicationLook, PersonOut, WorkspaceName
from chalicelib.api.schemas.session import Wire, shown
from chalicelib.services.device_approvals import Waiting

_DEVICE = "pZk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9JfZk3v0Qd1m2X8y7"
_TYPED: dict[str, JsonValue] = {"workspaceName": "demo", "userCode": "WDJB-MJHT"}
_NAMED: dict[str, JsonValue] = {**_TYPED, "device": _DEVICE}


class UserCodeIn(Wire):
    """A code as it was typed."""

    model_config = shown(_TYPED)

    workspace_name: str = Field(alias="workspaceName", max_length=100)
    user_code: str = Field(alias="userCode", max_length=32, repr=False)


class WaitingIn(UserCodeIn):
    """A device that was looked up before, and the code that it shows."""

    model_config = shown(_NAMED)

    device: str = Field(max_length=100)


class DecisionIn(WaitingIn):
    """Whether a device is let in."""

    model_config = shown({**_NAMED, "approve": True})

    approve: bool


class DecidedOut(Wire):
    """What was decided."""

    model_config = shown({"approved": True})

    approved: bool


class AskedOut(Wire):
    """When and from where a device asked; the network is the beginning of its address."""

    at: int = Field(description="Seconds since 1970.")
    program: str
    network: str | None


class WaitingOut(Wire):
    """What waits for a decision, and as whom it would be made."""

    model_config = shown(
        {
            "device": _DEVICE,
            "userCode": "WDJB-MJHT",
            "workspace": {"name": "Demo"},
            "application": {"appId": "tool", "name": "Notes for the shell", "color": None},
            "asked": {"at": 1_800_000_000, "program": "Python on Linux", "network": "203.0"},
            "person": {"name": "Mira Lindqvist", "email": "mira@demo.example"},
        }
    )

    device: str
    user_code: str = Field(alias="userCode", repr=False)
    workspace: WorkspaceName
    application: ApplicationLook
    asked: AskedOut
    person: PersonOut | None

    @classmethod
    def of(cls, waiting: Waiting) -> Self:
        """Answer what waits as it goes over the wire."""
        opening, asker = waiting.opening, waiting.asked.asker
        person = opening.person
        return cls(
            device=waiting.asked.digest,
            user_code=waiting.user_code,
            workspace=WorkspaceName(name=opening.workspace.name),
            application=ApplicationLook.of(opening.application),
            asked=AskedOut(at=asker.at, program=asker.program, network=asker.network),
            person=None if person is None else PersonOut(name=person.name, email=person.email),
        )
