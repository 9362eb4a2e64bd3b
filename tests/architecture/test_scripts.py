"""Scripts are thin shell: executable, strict, and each says what it is for."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.house import ROOT, tracked

SCRIPTS = [name for name in tracked() if name.startswith(("scripts/", ".ci/"))]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_executable_and_says_what_it_is_for(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
    first, second, *rest = (ROOT / name).read_text("utf-8").splitlines()
    assert first == "#!/usr/bin/env bash"
    assert re.match(r"# [A-Z].+", second)
    assert "set -euo pipefail" in rest


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_can_be_read_by_bash(name: str) -> None:
    done = subprocess.run(["bash", "-n", ROOT / name], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_works_from_wherever_it_is_called(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert re.search(r'(cd|root=\$\(cd) "\$\(dirname "\$\{?(0|BASH_SOURCE\[0\])\}?"\)/\.\."', text)


def test_the_scripts_have_no_ending() -> None:
    assert [name for name in SCRIPTS if Path(name).suffix] == []
