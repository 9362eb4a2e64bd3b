"""Signs a demo person in over HTTP, through the real code flow, and prints the token alone."""

import argparse
import base64
import hashlib
import json
import secrets
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

_STATE = Path(__file__).resolve().parents[2] / ".local"
_OWNER = "owner@demo.example"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def main() -> None:
    """Print a sessionToken, or with --member the owner's member token."""
    given = _arguments()
    state = _state(given.state)
    email = _OWNER if given.member else given.user
    name = "console/console" if given.member else f"demo/{given.app}"
    if email not in state["passwords"]:
        _fail(f"there is no {email}; there are: {', '.join(sorted(state['passwords']))}")
    if name not in state["clients"]:
        known = (one.removeprefix("demo/") for one in state["clients"] if one.startswith("demo/"))
        _fail(f"there is no application {given.app}; there are: {', '.join(sorted(known))}")
    origin = state["origin"]
    tokens = _sign_in(origin, state["clients"][name], email, state["passwords"][email])
    if not given.member:
        print(tokens["access_token"])
        return
    answer = _post(
        f"{origin}/api/v1/auth/member-token",
        {"workspaceName": "demo"},
        {"Authorization": f"Bearer {tokens['id_token']}"},
    )
    print(answer["memberToken"])


def _sign_in(
    origin: str, client: Mapping[str, str], email: str, password: str
) -> Mapping[str, str]:
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    issuer = f"{origin}/oidc/{client['workspace']}"
    query = {
        "client_id": client["clientId"],
        "redirect_uri": client["redirectUri"],
        "response_type": "code",
        "scope": "openid email",
        "state": secrets.token_urlsafe(16),
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "prompt": "login",
    }
    page = _location(f"{issuer}/authorize?{urllib.parse.urlencode(query)}")
    request = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page).query))
    answer = _post(
        f"{origin}/api/v1/login/sign-in",
        {"request": request, "email": email, "password": password},
        {"Origin": origin, "X-SecureFlows": "1"},
    )
    back = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer["redirectTo"]).query))
    if back.get("state") != query["state"] or "code" not in back:
        _fail("the login did not answer with a code")
    form = {
        "grant_type": "authorization_code",
        "code": back["code"],
        "redirect_uri": query["redirect_uri"],
        "client_id": query["client_id"],
        "code_verifier": verifier,
    }
    tokens: Mapping[str, str] = _send(f"{issuer}/token", urllib.parse.urlencode(form).encode(), {})
    return tokens


def _location(address: str) -> str:
    try:
        with _opener.open(address) as answer:
            _fail(f"expected a redirect, got {answer.status}")
    except urllib.error.HTTPError as redirect:
        return redirect.headers["Location"] or _fail(f"no redirect: {redirect.code}")


def _post(address: str, body: object, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    sent = {"Content-Type": "application/json", **headers}
    return _send(address, json.dumps(body).encode(), sent)


def _send(address: str, body: bytes, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    request = urllib.request.Request(address, data=body, headers=dict(headers))  # noqa: S310 - ours
    try:
        with _opener.open(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        problem = refused.read().decode(errors="replace")
        _fail(f"{refused.code} from {address}: {problem}")


def _state(folder: Path) -> Mapping[str, Any]:
    try:
        return {
            "passwords": json.loads((folder / "credentials.json").read_text()),
            **json.loads((folder / "clients.json").read_text()),
        }
    except FileNotFoundError:
        _fail("start ./scripts/run first")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./scripts/token", description=__doc__)
    parser.add_argument("--user", default="mira@demo.example", metavar="E-MAIL")
    parser.add_argument("--app", default="notes", metavar="ID")
    parser.add_argument("--member", action="store_true", help="the owner's member token")
    parser.add_argument("--state", type=Path, default=_STATE, help="the folder of ./scripts/run")
    return parser.parse_args()


def _fail(message: str) -> NoReturn:
    print(f"scripts/token: {message}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except urllib.error.URLError as silent:
        _fail(f"the platform does not answer: {silent.reason}")
