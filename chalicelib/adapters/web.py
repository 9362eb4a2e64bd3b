"""The web: asks addresses that operators chose, and reaches nothing that is not public."""

import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urlsplit

from chalicelib.domain.errors import UpstreamUnavailable
from chalicelib.domain.ports.surroundings import Clock

_CONNECT_SECONDS = 3.0
_SECONDS = 8.0  # for all of an answer
_MAX_BYTES = 256 * 1024
_CHUNK = 16 * 1024
_OK = 200
_NONE: Mapping[str, str] = {}
_UNREACHED = "does not answer"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Page:
    """An answer whose body is a JSON object."""

    status: int
    members: Mapping[str, object] = field(repr=False)


class Web:
    """Fetches over https: no redirect is followed, and size and time have limits.

    Whoever names an address must not get to reach what stands beside us (CWE-918): a host is
    resolved once, each of its addresses has to be public, and the connection goes to the one
    that was looked at. A deployment on one machine reaches that machine too. What is no JSON
    it answers as `Documents`.
    """

    def __init__(self, *, clock: Clock, reaches_loopback: bool) -> None:
        """Take the clock, and whether this machine may be reached."""
        self._clock = clock
        self._reaches_loopback = reaches_loopback

    def get(self, url: str, headers: Mapping[str, str] = _NONE) -> Page:
        """Answer a JSON object; raises `UpstreamUnavailable`."""
        return self._object("GET", url, b"", headers)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Page:
        """Send a form, once; raises `UpstreamUnavailable`."""
        return self._object("POST", url, body, headers)

    def fetch(self, url: str) -> str:
        status, content = self._asked("GET", url, b"", {"Accept": "*/*"})
        if status != _OK:
            raise _silent(f"answers with status {status}")
        with suppress(UnicodeDecodeError):
            return content.decode()
        raise _silent("answers with what is no UTF-8")

    def _object(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Page:
        status, content = self._asked(method, url, body, {"Accept": "application/json", **headers})
        return Page(status=status, members=_members(content, status))

    def _asked(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        started = self._clock.monotonic()
        try:
            connection = self._connected(url)
        except (OSError, ValueError) as error:
            # One word for whatever is not reached, so that nobody learns what stands beside us.
            raise _silent(_UNREACHED) from error
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(
                method,
                path,
                body=body or None,
                headers={"Host": parts.netloc, **headers},
            )
            # By itself the connection leaves an answer open that was not read to its end.
            with connection.getresponse() as answer:
                content = self._content(answer, until=started + _SECONDS)
        except (OSError, HTTPException, ValueError) as error:
            raise _silent(_UNREACHED) from error
        finally:
            connection.close()
        return answer.status, content

    def _connected(self, url: str) -> HTTPConnection:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_here = self._reaches_loopback and host in _LOOPBACK
        if not (parts.scheme == "https" or (parts.scheme == "http" and is_here)):
            raise ValueError("not an address to ask")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        raw = socket.create_connection((self._address(host, port), port), _CONNECT_SECONDS)
        try:
            own = raw
            if parts.scheme == "https":
                own = self._context.wrap_socket(raw, server_hostname=host)
        except OSError:
            raw.close()
            raise
        connection = HTTPConnection(host, port)
        connection.sock = own
        return connection

    def _address(self, host: str, port: int) -> str:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(each[4][0]) for each in found]
        if not all(map(self._is_reached, addresses)):
            raise ValueError("not a public address")
        return addresses[0]

    def _is_reached(self, address: str) -> bool:
        ip = ipaddress.ip_address(address)
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        if ip.is_loopback:
            return self._reaches_loopback
        return ip.is_global and not ip.is_multicast

    def _content(self, answer: HTTPResponse, *, until: float) -> bytes:
        content = bytearray()
        while piece := answer.read1(_CHUNK):
            content += piece
            if len(content) > _MAX_BYTES or self._clock.monotonic() > until:
                raise ValueError("too much, or too slow")
        return bytes(content)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def _members(content: bytes, status: int) -> Mapping[str, object]:
    with suppress(ValueError, RecursionError):
        members = json.loads(content)
        if isinstance(members, dict):
            return members
    raise _silent(f"answers with status {status}, and not with a JSON object")


def _silent(why: str) -> UpstreamUnavailable:
    return UpstreamUnavailable("The identity provider did not answer as one. Try again.", why=why)
