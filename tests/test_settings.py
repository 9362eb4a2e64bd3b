"""The environment is judged whole, and what is wrong is named without its value."""

import pytest

from chalicelib.settings import Settings, SettingsError, settings_of

GIVEN = {"SECUREFLOWS_STAGE": "dev", "SECUREFLOWS_ORIGIN": "https://flows.example:8443"}


def test_two_variables_are_enough() -> None:
    assert settings_of(GIVEN) == Settings(stage="dev", origin="https://flows.example:8443")


@pytest.mark.parametrize(("said", "is_open"), [("true", True), ("1", True), ("false", False)])
def test_the_console_opens_only_when_it_is_said(said: str, is_open: bool) -> None:  # noqa: FBT001
    assert settings_of({**GIVEN, "SECUREFLOWS_CONSOLE_OPEN": said}).console_open is is_open


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STAGE", ""),
        ("STAGE", "Dev"),
        ("STAGE", "dev\n"),
        ("ORIGIN", "https://flows.example/"),
        ("ORIGIN", "javascript:alert(1)"),
        ("MAIL_FROM", "x" * 321),
        ("CONSOLE_OPEN", "perhaps"),
        ("PAYLOAD_BUCKET", "../other"),
    ],
)
def test_what_a_variable_cannot_be_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_of({**GIVEN, f"SECUREFLOWS_{name}": value})
    assert str(refused.value) == f"Set these variables properly: SECUREFLOWS_{name}"


def test_everything_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(SettingsError, match=r"SECUREFLOWS_ORIGIN, SECUREFLOWS_STAGE$"):
        settings_of({})


def test_what_belongs_to_others_is_left_alone() -> None:
    assert settings_of({**GIVEN, "SECUREFLOWS_DOORS": "session", "PATH": "/bin"}).stage == "dev"
