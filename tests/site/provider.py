"""A small OpenID provider with one person's data behind it, strict where the sample could slip."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from infra.local.server.sample import headers_for

SAMPLE = Path(__file__).parents[2] / "infra" / "local" / "sample"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript"}
CLIENT = "c12345678"
FAR = 4102444800


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Provider:
    """Issuer and session routes on one port, the sample application on another."""

    def __init__(self) -> None:
        self.codes: dict[str, dict[str, str]] = {}
        self.authorized: list[dict[str, str]] = []
        self.ended: list[dict[str, str]] = []
        self.notes: Any = None
        self.version = 0
        self.token = ""
        # A test puts other claims or answer parameters here, as an attacker would.
        self.forged_claims: dict[str, Any] = {}
        self.forged_answer: dict[str, str] = {}
        self.problem: dict[str, Any] | None = None
        self._servers = [
            ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (door,), {"provider": self}))
            for door in (_Issuer, _Sample)
        ]
        issuer, sample = self._servers
        self.issuer = f"http://localhost:{issuer.server_port}/oidc/demo"
        self.api = f"http://localhost:{issuer.server_port}/api/v1"
        self.sample = f"http://127.0.0.1:{sample.server_port}/"
        for server in self._servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def write_elsewhere(self, value: Any) -> None:
        """Another device writes."""
        self.notes, self.version = value, self.version + 1

    def close(self) -> None:
        """Stop serving."""
        for server in self._servers:
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: Provider

    def reply(self, status: int, body: Any = None, **headers: str) -> None:
        self.raw(status, json.dumps(body).encode(), "application/json", **headers)

    def raw(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Expose-Headers", "ETag")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Issuer(_Handler):
    def do_OPTIONS(self) -> None:
        allow = {
            "Access_Control_Allow_Headers": "authorization, content-type, if-match",
            "Access_Control_Allow_Methods": "GET, POST",
        }
        self.raw(204, b"", "text/plain", **allow)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        match url.path:
            case "/oidc/demo/.well-known/openid-configuration":
                self.reply(200, discovery(self.provider))
            case "/oidc/demo/authorize":
                self.redirect(query["redirect_uri"], authorized(self.provider, query))
            case _:
                self.session(url.path, None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        match self.path:
            case "/oidc/demo/token":
                self.reply(*exchanged(self.provider, fields(body)))
            case "/oidc/demo/logout":
                form = fields(body)
                self.provider.ended.append(form)
                self.redirect(form["post_logout_redirect_uri"], {})
            case _:
                self.session(self.path, json.loads(body) if body else None)

    def redirect(self, address: str, query: dict[str, str]) -> None:
        location = f"{address}?{urlencode(query)}" if query else address
        self.raw(302, b"", "text/plain", Location=location)

    def session(self, path: str, body: Any) -> None:
        if self.headers.get("Authorization") != f"Bearer {self.provider.token}":
            self.reply(401, {"code": "token_invalid", "detail": "Sign in again."})
            return
        if self.provider.problem:
            self.reply(self.provider.problem["status"], self.provider.problem)
            return
        etag = {"ETag": f'"{self.provider.version}"'}
        match path.removeprefix("/api/v1"):
            case "/sessions/identity":
                self.reply(200, {"userId": 7, "email": "mira@demo.example"})
            case "/sessions/get/notes" if self.provider.notes is None:
                self.reply(404, {"code": "key_not_found", "detail": "Never written."})
            case "/sessions/get/notes":
                self.reply(200, {"key": "notes", "value": self.provider.notes}, **etag)
            case "/sessions/set/notes":
                if self.headers.get("If-Match", etag["ETag"]) != etag["ETag"]:
                    self.reply(412, {"code": "version_conflict", "detail": "Changed."})
                    return
                self.provider.write_elsewhere(body["value"])
                payload = {"notes": self.provider.notes}
                self.reply(200, payload, ETag=f'"{self.provider.version}"')
            case "/auth/logout":
                self.provider.token = ""
                self.reply(200, {"loggedOut": True})
            case _:
                self.reply(404, {"code": "not_found", "detail": f"No route {path}."})


def fields(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def discovery(provider: Provider) -> dict[str, Any]:
    return {
        "issuer": provider.issuer,
        "authorization_endpoint": f"{provider.issuer}/authorize",
        "token_endpoint": f"{provider.issuer}/token",
        "end_session_endpoint": f"{provider.issuer}/logout",
        "prompt_values_supported": ["none", "login", "select_account", "create"],
    }


def authorized(provider: Provider, query: dict[str, str]) -> dict[str, str]:
    assert query["response_type"] == "code"
    assert query["client_id"] == CLIENT
    assert query["redirect_uri"] == provider.sample
    assert query["code_challenge_method"] == "S256"
    provider.authorized.append(query)
    code = secrets.token_urlsafe(8)
    provider.codes[code] = query
    answer = {"code": code, "state": query["state"], "iss": provider.issuer}
    return {**answer, **provider.forged_answer}


def exchanged(provider: Provider, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    request = provider.codes.pop(form["code"], None)
    proof = base64url(hashlib.sha256(form["code_verifier"].encode()).digest())
    if (
        request is None
        or form["grant_type"] != "authorization_code"
        or form["client_id"] != CLIENT
        or form["redirect_uri"] != provider.sample
        or proof != request["code_challenge"]
    ):
        return 400, {"error": "invalid_grant", "error_description": "The code is not good."}
    provider.token = secrets.token_urlsafe(8)
    claims = {"iss": provider.issuer, "aud": CLIENT, "nonce": request["nonce"], "exp": FAR}
    parts = ({"alg": "ES256"}, {**claims, **provider.forged_claims})
    signed = ".".join(base64url(json.dumps(part).encode()) for part in parts) + ".c2ln"
    answer = {"access_token": provider.token, "token_type": "Bearer", "expires_in": 900}
    return 200, {**answer, "id_token": signed, "scope": request["scope"]}


class _Sample(_Handler):
    def do_GET(self) -> None:
        name = urlsplit(self.path).path.lstrip("/") or "index.html"
        if name == "config.json":
            config = {
                "issuer": self.provider.issuer,
                "clientId": CLIENT,
                "apiBase": self.provider.api,
            }
            self.reply(200, config)
            return
        file = SAMPLE / name
        headers = headers_for(self.provider.api.removesuffix("/api/v1"))
        self.raw(200, file.read_bytes(), TYPES[file.suffix], **headers)
