"""Every error has a status, and every status an error."""

import pytest

from chalicelib.api.problems import STATUS
from chalicelib.domain.errors import DomainError

# What does not open, or is missing, is told as an unavailable store: the cause is for the log only.
# Two kinds of bad input have words of their own on the page that a person is shown.
SHARED = {
    "Unbegun": "invalid_input",
    "Unopenable": "store_unavailable",
    "Unregistered": "invalid_input",
}


def kinds() -> list[type[DomainError]]:
    found, waiting = [], [DomainError]
    while waiting:
        children = waiting.pop().__subclasses__()
        waiting += children
        found += children
    return sorted(
        (kind for kind in found if kind.__module__.startswith("chalicelib.")),
        key=lambda kind: kind.__name__,
    )


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_and_a_title(kind: type[DomainError]) -> None:
    status, title = STATUS[kind.code]
    assert 400 <= status < 600
    assert title[0].isupper()
    assert not title.endswith(".")


def test_every_status_belongs_to_an_error() -> None:
    assert {kind.code for kind in kinds()} == set(STATUS)


def test_no_two_errors_share_a_code_without_a_reason() -> None:
    first: dict[str, str] = {}
    for kind in kinds():
        if kind.__name__ not in SHARED:
            assert first.setdefault(kind.code, kind.__name__) == kind.__name__
    assert {kind.__name__: kind.code for kind in kinds() if kind.__name__ in SHARED} == SHARED


def test_errors_live_in_two_rooms() -> None:
    assert {kind.__module__ for kind in kinds()} == {
        "chalicelib.domain.errors",
        "chalicelib.domain.denials",
    }
