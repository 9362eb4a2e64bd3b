"""Every module says what room it is, has one noun, and stays small enough to be read whole."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.house import PRODUCT, ROOT, Module, imports, modules, tracked

LONGEST = 300  # lines
MEANINGLESS = {"utils", "util", "helpers", "helper", "common", "core", "base", "manager", "misc"}
READERS = {"chalicelib/api/doors.py", "chalicelib/settings.py"}
# A machine's own places, and what only an account or a mirror of somebody has.
FOREIGN = re.compile(
    r"(?<![\w.$}/])/(?:home|Users|root|work)/\w"
    r"|https?://[^\s\"'<>]*\b(?:pypi|npmjs|registry|artifactory|nexus)\b"
    r"|--(?:extra-)?index-url|--trusted-host"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}"
)
CODE = modules(*PRODUCT)
TEXTS = [name for name in tracked() if Path(name).suffix not in {".png", ".woff2", ".ico"}]


def named(module: Module) -> str:
    return module.path


@pytest.mark.parametrize("module", [m for m in CODE if m.name != "__init__"], ids=named)
def test_a_module_opens_with_a_sentence_about_its_room(module: Module) -> None:
    first = (ast.get_docstring(module.tree) or "").partition("\n\n")[0]
    assert first.endswith("."), f"{module.path} does not say what it is"


@pytest.mark.parametrize("module", [m for m in CODE if m.name == "__init__"], ids=named)
def test_a_package_marker_is_empty(module: Module) -> None:
    assert module.text == ""


def test_no_module_is_too_long_to_be_read_whole() -> None:
    lengths = {module.path: module.text.count("\n") for module in CODE}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_nothing_is_named_after_nothing() -> None:
    parts = {
        path: {Path(part).stem.lower() for part in Path(path).parts}
        for path in tracked()
        if path.endswith((".py", ".ts", ".tsx", ".js"))
    }
    assert {path for path, names in parts.items() if names & MEANINGLESS} == set()


def test_nobody_imports_the_entry_point() -> None:
    importing = {m.path for m in modules("chalicelib") if "app" in set(imports(m))}
    assert importing == set()


def test_the_environment_is_read_in_one_room() -> None:
    reading = {
        module.path
        for module in modules("app.py", "chalicelib")
        for node in ast.walk(module.tree)
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"environ", "getenv", "environb"}
            and isinstance(node.value, ast.Name)
            and node.value.id == "os"
        )
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {"environ", "getenv"} & {alias.name for alias in node.names}
        )
    }
    assert reading == READERS


def test_the_doors_read_one_variable() -> None:
    (module,) = modules("chalicelib/api/doors.py")
    assert re.findall(r"environ[^\"']*[\"'](\w+)", module.text) == ["SECUREFLOWS_DOORS"]
    assert module.text.count("environ") == 1


def test_no_file_knows_somebody_s_machine_mirror_or_secret() -> None:
    found = {
        name: match[0]
        for name in TEXTS
        if (match := FOREIGN.search((ROOT / name).read_text("utf-8"))) is not None
    }
    # This file spells out what it looks for.
    assert set(found) <= {Path(__file__).relative_to(ROOT).as_posix()}, found


@pytest.mark.parametrize(
    "text",
    [
        "cd /home/" + "mira/secureflows",
        "registry = " + "https://registry" + ".example.org/simple",
        "--index" + "-url x",
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "-----BEGIN EC " + "PRIVATE KEY-----",
    ],
)
def test_what_is_foreign_would_be_found(text: str) -> None:
    assert FOREIGN.search(text)
