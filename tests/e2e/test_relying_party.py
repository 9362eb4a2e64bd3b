"""A client library that is not ours signs in unchanged: discovery, PAR, DPoP, refresh, userinfo."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.launch import ROOT, Run
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.slow

RELYING = ROOT / "tests" / "e2e" / "relying"
NODE = ROOT / ".venv" / "bin"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library, as its pin says."""
    folder = tmp_path_factory.mktemp("relying")
    for name in ("package.json", "package-lock.json", "relying.mjs"):
        shutil.copy(RELYING / name, folder)
    found = subprocess.run(
        [NODE / "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        pytest.skip("the package registry cannot be reached")
    return folder


def test_a_library_pushes_binds_reads_and_refreshes(run: Run, library: Path) -> None:
    visitor = Visitor(run, "relying@demo.example", "seven quiet harbours at dusk")
    visitor.sign_up()
    said = subprocess.run(
        [
            *(NODE / "node", "relying.mjs", run.origin, visitor.workspace),
            *(visitor.query("login")["client_id"], visitor.redirect_uri),
            *(visitor.email, visitor.password),
        ],
        cwd=library,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    # One key learns one nonce, for all endpoints of the origin.
    assert found == {
        "tokenType": "dpop",
        "refreshedType": "dpop",
        "email": visitor.email,
        "nonces": 1,
        "read": 200,
        "stolen": found["stolen"],
    }
    assert found["stolen"] not in (200, None)
