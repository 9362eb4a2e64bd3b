"""Ports that are free, occupied, or none."""

from __future__ import annotations

import socket

import pytest

from infra.local.run.ports import Port, complaints


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number: int = listener.getsockname()[1]
    return number


def test_free_ports_are_no_cause_for_complaint() -> None:
    assert complaints([Port(free(), "the platform", "--port")]) == []


def test_an_occupied_port_is_named_with_the_option_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
        said = complaints([Port(free(), "a", "--a"), Port(number, "the platform", "--port")])
    assert said == [f"port {number} for the platform is occupied; choose another with --port N"]


def test_a_port_taken_on_every_address_is_occupied_too() -> None:
    with socket.create_server(("0.0.0.0", 0)) as listener:  # noqa: S104 - closed at once
        number = listener.getsockname()[1]
        assert len(complaints([Port(number, "the platform", "--port")])) == 1


def test_one_number_cannot_serve_two() -> None:
    number = free()
    said = complaints([Port(number, "a", "--a"), Port(number, "b", "--b")])
    assert said == [f"port {number} for b is asked for twice; choose another with --b N"]


@pytest.mark.parametrize("number", [0, -1, 65536])
def test_what_is_no_port_is_refused(number: int) -> None:
    assert "not a port" in complaints([Port(number, "a", "--a")])[0]
