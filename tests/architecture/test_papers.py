"""The papers speak of what is there: files, commands, routes, dependencies, promises."""

import re
import tomllib

import pytest

from app import app
from tests.architecture.house import ROOT

PAPERS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
PROMISES = 19
# What belongs to one page and is of no use to anybody else.
OF_THE_LOGIN_PAGE = "/api/v1/login/"


def read(paper: str) -> str:
    return (ROOT / paper).read_text("utf-8")


@pytest.mark.parametrize("paper", PAPERS)
def test_every_file_that_a_paper_names_is_there(paper: str) -> None:
    text = read(paper)
    named = re.findall(r"`((?:chalicelib|infra|tests|\.chalice|\.ci|scripts)/[\w./-]*\w/?)`", text)
    named += re.findall(r"\]\((?!https?:)([^)#]+)\)|(?:src|srcset)=\"([^\"]+)\"", text)
    paths = {path for each in named for path in (each if isinstance(each, tuple) else (each,))}
    # What a build makes is no part of the repository.
    assert {path for path in paths - {"", "infra/site/dist"} if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("paper", PAPERS)
def test_every_command_that_a_paper_names_is_there(paper: str) -> None:
    commands = set(re.findall(r"\./scripts/([\w-]+)", read(paper)))
    assert {name for name in commands if not (ROOT / "scripts" / name).is_file()} == set()


def test_the_readme_lists_the_routes_that_there_are() -> None:
    table = read("README.md").split("## The API")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    listed = {
        path
        for row in rows
        for path in re.findall(r"`(?:[A-Z]+ )?(/[\w/{}.-]+)`", row)
        if not path.startswith("/oidc")
    }
    assert {f"/api/v1{path}" for path in listed} == {
        path
        for path in app.routes
        if path.startswith("/api/v1/") and not path.startswith(OF_THE_LOGIN_PAGE)
    }


def test_every_dependency_has_a_line_that_says_what_for() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    shipped = [*project["project"]["dependencies"], *project["dependency-groups"]["saml"]]
    declared = {re.split(r"[<>=\[]", each)[0] for each in shipped} | {"chalice"}
    table = read("ARCHITECTURE.md").split("## Dependencies")[1]
    explained = set(re.findall(r"^\| ([a-z0-9-]+) \|", table, re.MULTILINE)) - {"package"}
    assert explained == declared


def test_every_version_in_the_papers_is_the_one_that_is_pinned() -> None:
    table = read("ARCHITECTURE.md").split("## Dependencies")[1]
    said = dict(re.findall(r"^\| ([a-z0-9-]+) \|[^|]*\| ([0-9.]+)", table, re.MULTILINE))
    pins = dict(
        re.findall(r"^([a-z0-9-]+)==([0-9.]+)", read("requirements-local.txt"), re.MULTILINE)
    )
    assert {name: pins[name] for name in said} == said


def test_every_promise_is_checked_or_says_that_it_is_not() -> None:
    rows = re.findall(
        r"^\| (\d+) \|([^|]*)\|([^|]*)\|([^|]*)\|$", read("SECURITY.md"), re.MULTILINE
    )
    assert [int(number) for number, *_ in rows] == list(range(1, PROMISES + 1))
    for number, _, checks, gaps in rows:
        assert "`tests/" in checks or gaps.strip(), f"promise {number} has no check"
