"""Settings: the environment, read once and validated whole."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

_PREFIX = "SECUREFLOWS_"
_BUCKET = r"[a-z0-9.-]*"
# What is not given is the empty text. No library judges them: every function reads its settings
# when it starts, and most of them need pydantic for nothing else.
_FORMS = {
    "stage": r"[a-z][a-z0-9-]{1,30}",
    "origin": r"https?://[a-z0-9.-]+(:[0-9]+)?",
    "mail_from": r".{0,320}",
    "console_open": r"(true|false|1|0)?",
    "payload_bucket": _BUCKET,
    "backup_bucket": _BUCKET,
    "key_backup_bucket": _BUCKET,
}


class SettingsError(Exception):
    """The environment is incomplete; says every variable that is wrong, and no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployment decides. The endpoints of AWS are botocore's own business."""

    stage: str
    origin: str
    mail_from: str = ""
    console_open: bool = False
    payload_bucket: str = ""
    backup_bucket: str = ""
    key_backup_bucket: str = ""

    @property
    def is_on_loopback(self) -> bool:
        """Tell whether all of it runs on one machine, as for a developer."""
        return re.match(r"http://(localhost|127\.0\.0\.1)(:|$)", self.origin) is not None

    @property
    def root_key(self) -> str:
        """Answer the alias of the KMS key above all workspace keys."""
        return f"alias/secureflows-{self.stage}-root"

    @property
    def first_signing_key(self) -> str:
        """Answer the alias of the first token-signing key pair."""
        return f"{self.signing_keys}1"

    @property
    def signing_keys(self) -> str:
        """Answer how the aliases of all token-signing key pairs begin."""
        return f"alias/secureflows-{self.stage}-signing-"


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Read `SECUREFLOWS_*` variables; raises `SettingsError` and names each that is wrong.

    `SECUREFLOWS_DOORS` is left to `api/doors.py`, which must not read anything else.
    """
    said = {name: environment.get(_PREFIX + name.upper(), "") for name in _FORMS}
    wrong = [name for name, form in _FORMS.items() if not re.fullmatch(form, said[name])]
    if wrong:
        names = sorted(_PREFIX + name.upper() for name in wrong)
        raise SettingsError("Set these variables properly: " + ", ".join(names))
    is_open = said.pop("console_open") in {"true", "1"}
    return Settings(**said, console_open=is_open)


def from_environment() -> Settings:
    """Read the process's own environment."""
    return settings_of(os.environ)  # noqa: TID251 - the one place that reads it
