"""Settings: the environment, read once and validated whole."""

import os
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_PREFIX = "SECUREFLOWS_"


class SettingsError(Exception):
    """The environment is incomplete; says every variable that is wrong, and no value."""


class Settings(BaseModel):
    """What a deployment decides. The endpoints of AWS are botocore's own business."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str = Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")
    origin: str = Field(pattern=r"^https?://[a-z0-9.-]+(:[0-9]+)?$")
    mail_from: str = Field(default="", max_length=320)
    console_open: bool = False
    payload_bucket: str = ""
    backup_bucket: str = ""
    key_backup_bucket: str = ""

    @property
    def root_key(self) -> str:
        """Answer the alias of the KMS key above all workspace keys."""
        return f"alias/secureflows-{self.stage}-root"

    @property
    def first_signing_key(self) -> str:
        """Answer the alias of the first token-signing key pair."""
        return f"alias/secureflows-{self.stage}-signing-1"


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Read `SECUREFLOWS_*` variables; raises `SettingsError` and names each that is wrong.

    `SECUREFLOWS_DOORS` is left to `app.py`, which must not read anything else.
    """
    values = {
        name.removeprefix(_PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(_PREFIX) and name.removeprefix(_PREFIX).lower() in Settings.model_fields
    }
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        wrong = sorted({_PREFIX + str(e["loc"][0]).upper() for e in error.errors()})
        raise SettingsError("Set these variables properly: " + ", ".join(wrong)) from None


def from_environment() -> Settings:
    """Read the process's own environment."""
    return settings_of(os.environ)  # noqa: TID251 - the one place that reads it
