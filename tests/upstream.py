"""An OpenID provider over HTTP on this machine, which says whatever a test wants."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())


@dataclass
class Upstream:
    """What the provider says; a test changes any of it."""

    issuer: str
    metadata: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=list)
    token: Callable[[dict[str, str]], tuple[int, Any]] = lambda _form: (400, {"error": "x"})
    userinfo: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    credentials: list[str | None] = field(default_factory=list)
    raw: Callable[[BaseHTTPRequestHandler], bool] = lambda _handler: False

    def __post_init__(self) -> None:
        self.metadata = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        }
        self.keys = [
            {**RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True), "kid": "r1", "use": "sig"},
            {**ECAlgorithm.to_jwk(EC.public_key(), as_dict=True), "kid": "e1"},
        ]

    def signs(self, claims: dict[str, Any], **words: Any) -> None:
        """Answer every code with an ID token of these claims."""
        key, alg, kid = words.get("key", RSA), words.get("alg", "RS256"), words.get("kid", "r1")
        headers = {} if kid is None else {"kid": kid}
        token = jwt.encode(claims, key, algorithm=alg, headers=headers)
        self.token = lambda _form: (200, {"id_token": token, "access_token": "at"})

    def answer(self, handler: BaseHTTPRequestHandler) -> tuple[int, Any]:
        path = handler.path.partition("?")[0]
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, self.metadata
        if path == "/userinfo":
            self.credentials.append(handler.headers["authorization"])
            return 200, self.userinfo
        if path == "/jwks":
            return 200, {"keys": self.keys}
        if path == "/token":
            length = int(handler.headers["content-length"])
            sent = parse_qs(handler.rfile.read(length).decode(), strict_parsing=True)
            self.forms.append({name: values[0] for name, values in sent.items()})
            self.credentials.append(handler.headers["authorization"])
            return self.token(self.forms[-1])
        return 404, {}


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[Upstream]:
    """Serve a provider on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if upstream.raw(self):
                return
            status, said = upstream.answer(self)
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the library's own name

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((host, 0), Handler)
    upstream = Upstream(f"http://{host}:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
