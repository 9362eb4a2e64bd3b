"""Promise 7, read by the attacks of RFC 9700: each of the table is tried, and comes to nothing."""

import pytest

from tests.api.platform import Platform
from tests.promises.attacks import ATTACKS, Attack, field_on


@pytest.mark.parametrize(
    "attack",
    [pytest.param(attack, id=f"{section} {name}") for section, name, attack in ATTACKS],
)
def test_an_attack_comes_to_nothing(platform: Platform, attack: Attack) -> None:
    attack(field_on(platform))
