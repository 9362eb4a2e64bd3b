"""Promise 7, read by the attacks of RFC 9700 and RFC 8628: each is tried, and comes to nothing."""

import pytest

from tests.api.platform import Platform
from tests.promises.attacks import ATTACKS, Attack, field_on
from tests.promises.device_attacks import DEVICE_ATTACKS


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(attack, id=f"{section} {name}")
        for section, name, attack in (*ATTACKS, *DEVICE_ATTACKS)
    ],
)
def test_an_attack_comes_to_nothing(platform: Platform, attack: Attack) -> None:
    attack(field_on(platform))
