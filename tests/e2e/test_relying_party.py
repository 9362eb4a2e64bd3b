"""A client library that is not ours signs in unchanged: discovery, PAR, DPoP, refresh, userinfo."""

import json
import secrets
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import NODE
from tests.e2e.credentials import OPERATOR
from tests.e2e.launch import Run
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.slow

BACK = "http://127.0.0.1/back"


def said_by(library: Path, program: str, *words: str) -> Any:
    """What a program that uses the library prints."""
    found = subprocess.run(
        [NODE / "node", program, *words], cwd=library, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def test_a_library_pushes_binds_reads_and_refreshes(run: Run, library: Path) -> None:
    visitor = Visitor(run, "relying@demo.example", "seven quiet harbours at dusk")
    visitor.sign_up()
    found = said_by(
        library,
        "relying.mjs",
        *(run.origin, visitor.workspace),
        *(visitor.query("login")["client_id"], visitor.redirect_uri),
        *(visitor.email, visitor.password),
    )
    # One key learns one nonce, for all endpoints of the origin.
    assert found == {
        "tokenType": "dpop",
        "refreshedType": "dpop",
        "email": visitor.email,
        "nonces": 1,
        "foundTwice": True,
        "read": 200,
        "stolen": found["stolen"],
    }
    assert found["stolen"] not in (200, None)


@pytest.mark.parametrize("kind", ["server", "native"])
def test_a_library_signs_in_refreshes_asks_and_gives_back(
    run: Run, library: Path, kind: str
) -> None:
    visitor = Visitor(run, f"relying-{kind}@demo.example", "seven quiet harbours at dusk")
    visitor.sign_up()
    member = run.token(OPERATOR, "notes", "--member")
    body = {
        "appId": f"party-{secrets.token_hex(4)}",
        "displayName": "Party",
        "redirectUris": [BACK],
        "postLogoutRedirectUris": [BACK],
        "kind": kind,
    }
    made = run.client.send("POST", "/api/v1/applications", token=member, body=body)
    path = f"/api/v1/applications/{body['appId']}/secrets"
    asked = run.client.send("POST", path, token=member)
    secret = asked.json()["secret"] if kind == "server" else ""
    found = said_by(
        library,
        "client.mjs",
        *(run.origin, visitor.workspace, made.json()["clientId"], secret, BACK),
        *(visitor.email, visitor.password),
    )
    ways = ("plain", "pushed", "bound")
    assert [way["way"] for way in found] == [*ways, *ways][: len(found)]
    assert len(found) == (6 if kind == "server" else 3)
    for way in found:
        assert way == {
            "way": way["way"],
            "tokenType": "dpop" if way["way"] == "bound" else "bearer",
            "email": visitor.email,
            "acr": "sf:1",
            "active": kind == "server" or None,
            "afterwards": "OAUTH_WWW_AUTHENTICATE_CHALLENGE",
            "signedOutAt": f"{BACK}?state=bye",
        }
