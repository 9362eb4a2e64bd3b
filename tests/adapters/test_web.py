import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.web import Web
from chalicelib.domain.errors import UpstreamUnavailable
from tests.fakes.surroundings import FakeClock
from tests.upstream import Upstream, serving


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serving() as upstream:
        yield upstream


@pytest.fixture
def web() -> Web:
    return Web(clock=SystemClock(), reaches_loopback=True)


def test_an_object_is_fetched_from_this_machine_where_that_is_allowed(
    web: Web, upstream: Upstream
) -> None:
    page = web.get(f"{upstream.issuer}/.well-known/openid-configuration?x=y")
    assert (page.status, page.members["issuer"]) == (200, upstream.issuer)
    assert web.get(f"{upstream.issuer}/nowhere").status == 404


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_deployment_never_reaches_its_own_machine(upstream: Upstream, host: str) -> None:
    deployed = Web(clock=SystemClock(), reaches_loopback=False)
    for scheme in ("http", "https"):
        with pytest.raises(UpstreamUnavailable):
            deployed.get(upstream.issuer.replace("http://127.0.0.1", f"{scheme}://{host}"))
    assert upstream.asked == []


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        "0.0.0.0",  # noqa: S104 - nothing listens there
        *("127.0.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00:ec2::254"),
        *("::ffff:10.0.0.1", "::ffff:169.254.169.254", "ff02::1"),
    ],
)
def test_no_address_that_is_not_public_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    connected: list[object] = []
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))
    found = (family, socket.SOCK_STREAM, 6, "", (address, 443))
    # One among public ones is enough: which of them would be taken is chance.
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: [public, found])
    monkeypatch.setattr(socket, "create_connection", lambda *a, **_k: connected.append(a))
    with pytest.raises(UpstreamUnavailable) as refused:
        Web(clock=FakeClock(), reaches_loopback=False).get("https://inside.example/")
    assert connected == []
    # As of a host that is not there.
    assert refused.value.why == "does not answer"


def test_the_connection_goes_to_the_address_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []
    connected: list[Any] = []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]

    def connect(address: Any, *_: Any) -> None:
        connected.append(address)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(UpstreamUnavailable):
        Web(clock=FakeClock(), reaches_loopback=False).get("https://rebinding.example:8443/x")
    assert (asked, connected) == (["rebinding.example"], [("93.184.216.34", 8443)])


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "http://93.184.216.34/", "https:///x", "file:///etc/passwd", "x"]
)
def test_nothing_but_https_is_asked(web: Web, url: str) -> None:
    with pytest.raises(UpstreamUnavailable):
        web.get(url)


def test_no_redirect_is_followed(web: Web, upstream: Upstream) -> None:
    def redirect(handler: BaseHTTPRequestHandler) -> bool:
        if handler.path != "/away":
            return False
        handler.send_response(302)
        handler.send_header("Location", f"{upstream.issuer}/jwks")
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"{}")
        return True

    upstream.raw = redirect
    assert web.get(f"{upstream.issuer}/away").status == 302
    assert upstream.asked == []


def answering(status: int, body: bytes) -> Callable[[BaseHTTPRequestHandler], bool]:
    def answer(handler: BaseHTTPRequestHandler) -> bool:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Location", "/elsewhere")
        handler.end_headers()
        handler.wfile.write(body)
        return True

    return answer


def test_a_document_is_fetched_as_it_is(web: Web, upstream: Upstream) -> None:
    upstream.raw = answering(200, "<a>\N{SNOWMAN}</a>".encode())
    assert web.fetch(f"{upstream.issuer}/metadata?x=y") == "<a>\N{SNOWMAN}</a>"


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (404, b"<a/>", "answers with status 404"),
        (302, b"<a/>", "answers with status 302"),
        (200, b"\xff", "answers with what is no UTF-8"),
        (200, b"x" * (256 * 1024 + 1), "does not answer"),
    ],
)
def test_what_is_no_document_is_none(
    web: Web, upstream: Upstream, status: int, body: bytes, why: str
) -> None:
    upstream.raw = answering(status, body)
    with pytest.raises(UpstreamUnavailable) as refused:
        web.fetch(f"{upstream.issuer}/metadata")
    assert refused.value.why == why


def test_no_document_is_fetched_from_what_is_not_public(upstream: Upstream) -> None:
    with pytest.raises(UpstreamUnavailable):
        Web(clock=SystemClock(), reaches_loopback=False).fetch(upstream.issuer)
    assert upstream.asked == []


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b"<html>"])
def test_what_is_no_json_object_is_no_answer(web: Web, upstream: Upstream, body: bytes) -> None:
    upstream.token = lambda _form: (200, body)
    with pytest.raises(UpstreamUnavailable) as refused:
        web.post(f"{upstream.issuer}/token", b"a=b", {})
    assert refused.value.why == "answers with status 200, and not with a JSON object"


def test_an_answer_has_a_size_at_most(web: Web, upstream: Upstream) -> None:
    most = 256 * 1024
    for size, is_read in ((most, True), (most + 1, False)):
        body = b'{"a":"' + b"x" * (size - 8) + b'"}'
        upstream.token = lambda _form, body=body: (200, body)  # type: ignore[misc]
        try:
            assert web.post(f"{upstream.issuer}/token", b"a=b", {}).status == 200
        except UpstreamUnavailable:
            assert not is_read
        else:
            assert is_read


def test_an_answer_has_a_time_at_most(upstream: Upstream) -> None:
    clock = FakeClock()

    def drip(handler: BaseHTTPRequestHandler) -> bool:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(4):
            clock.pause(3)
            handler.wfile.write(b" ")
            time.sleep(0.05)
        handler.wfile.write(b"{}")
        return True

    upstream.raw = drip
    with pytest.raises(UpstreamUnavailable):
        Web(clock=clock, reaches_loopback=True).get(upstream.issuer)


def certificate(tmp_path: Path, *names: str) -> tuple[Path, Path]:
    """Make a certificate that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    said: list[x509.GeneralName] = [
        x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
        for name in names
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))  # noqa: TID251
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))  # noqa: TID251
        .add_extension(x509.SubjectAlternativeName(said), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    at = (tmp_path / "cert.pem", tmp_path / "key.pem")
    at[0].write_bytes(made.public_bytes(Encoding.PEM))
    at[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return at


@pytest.mark.parametrize(
    ("names", "is_trusted", "is_read"),
    [
        (("localhost",), True, True),
        (("localhost",), False, False),
        (("other.example",), True, False),
        (("127.0.0.1",), True, False),
    ],
)
def test_a_certificate_has_to_be_trusted_and_of_the_host(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    names: tuple[str, ...],
    is_trusted: bool,  # noqa: FBT001
    is_read: bool,  # noqa: FBT001
) -> None:
    cert, key = certificate(tmp_path, *names)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]

    def serve() -> None:
        raw, _ = listening.accept()
        try:
            with context.wrap_socket(raw, server_side=True) as own:
                own.recv(4096)
                own.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        except OSError:
            raw.close()

    thread = threading.Thread(target=serve)
    thread.start()
    web = Web(clock=SystemClock(), reaches_loopback=True)
    try:
        assert web.get(f"https://localhost:{port}/").status == 200
    except UpstreamUnavailable:
        assert not is_read
    else:
        assert is_read
    finally:
        thread.join(timeout=10)
        listening.close()
