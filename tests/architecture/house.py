"""The house as its tests see it: the tracked files, the modules, and what they import."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("app.py", "chalicelib", "infra")


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file, named relative to the root."""

    path: str
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Answer the file's name without its ending."""
        return Path(self.path).stem


@cache
def tracked() -> Sequence[str]:
    """Answer every file under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@cache
def modules(*rooms: str) -> Sequence[Module]:
    """Answer the modules below some folders; a file may be named itself."""
    found = sorted(
        path
        for room in rooms
        for path in ([ROOT / room] if room.endswith(".py") else (ROOT / room).rglob("*.py"))
        if "node_modules" not in path.parts
    )
    return [_module(path) for path in found]


def imports(module: Module) -> Iterator[str]:
    """Answer the whole name of everything a module imports, wherever in it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def vendors(*rooms: str) -> set[str]:
    """Answer the top names that are neither ours nor the standard library's."""
    ours = {"app", "chalicelib", "infra", "tests"}
    tops = {name.split(".")[0] for module in modules(*rooms) for name in imports(module)}
    return tops - ours - set(sys.stdlib_module_names)


def in_fresh_interpreter(program: str) -> str:
    """Run a program in an interpreter that has imported nothing; answers what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _module(path: Path) -> Module:
    text = path.read_text("utf-8")
    return Module(path.relative_to(ROOT).as_posix(), text, ast.parse(text))
