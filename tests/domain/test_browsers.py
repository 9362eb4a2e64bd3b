import pytest

from chalicelib.domain.browsers import cookie_name, is_cookie_secret, surplus
from chalicelib.domain.devices import device_cookie_name
from chalicelib.domain.ids import WorkspaceId, new_secret, new_workspace_id


def test_ten_cookies_remain_and_the_oldest_go() -> None:
    own, *others = (cookie_name(new_workspace_id()) for _ in range(13))
    assert surplus([*others, own], beside=own) == others[:3]
    assert surplus([*others[:9], own], beside=own) == []


def test_cookies_of_sign_ins_and_of_devices_are_counted_apart() -> None:
    own, *devices = (device_cookie_name(new_workspace_id()) for _ in range(11))
    others = [cookie_name(new_workspace_id()) for _ in range(12)]
    assert surplus([*devices, *others, own], beside=own) == devices[:1]


def test_cookies_of_others_are_left_alone() -> None:
    others = [f"__Host-x{n}" for n in range(20)] + ["__Host-sf-", "__Host-sf-a;b", "sf-acme"]
    assert surplus(others, beside=cookie_name(WorkspaceId("wacme"))) == []


@pytest.mark.parametrize("text", ["", "a", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "\n"])
def test_only_32_bytes_are_a_secret(text: str) -> None:
    assert is_cookie_secret(new_secret())
    assert not is_cookie_secret(text)
