"""Which ports are free on the loopback address."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Port:
    """A port somebody will listen on, and the option that chooses another."""

    number: int
    use: str
    option: str


def complaints(ports: Sequence[Port], *, patience_s: float = 0.0) -> list[str]:
    """One sentence for each port that is occupied, asked for twice, or no port at all."""
    deadline = time.monotonic() + patience_s
    while True:
        found = [sentence for port in ports if (sentence := _complaint(port, ports))]
        if not found or time.monotonic() >= deadline:
            return found
        time.sleep(0.1)


def _complaint(port: Port, ports: Sequence[Port]) -> str | None:
    advice = f"choose another with {port.option} N"
    if not 0 < port.number < 65536:  # noqa: PLR2004 - the largest port plus one
        return f"{port.number} is not a port; {advice}"
    if any(other.number == port.number for other in ports[: ports.index(port)]):
        return f"port {port.number} for {port.use} is asked for twice; {advice}"
    try:
        # Not for listening: a connection that is still fading away is no obstacle.
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port.number))
    except PermissionError:
        return f"port {port.number} for {port.use} needs privileges; {advice}"
    except OSError:
        return f"port {port.number} for {port.use} is occupied; {advice}"
    return None
