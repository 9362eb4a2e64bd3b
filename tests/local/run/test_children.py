"""Children that are started, watched and ended, also when their parent is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.local.run.children import ChildFailedError, Children
from infra.local.run.environment import inherited

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]

MODULES = {
    # Says its name when it ends, after a moment, so that an order can be seen.
    "polite": """
import pathlib, signal, sys, time
name, log = sys.argv[1:]
def end(*_):
    time.sleep(0.2)
    with open(log, "a") as file:
        file.write(name + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGINT, end)
pathlib.Path(log + "." + name).touch()
while True:
    time.sleep(0.05)
""",
    "deaf": """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
time.sleep(60)
""",
    "failing": "import sys; sys.exit(3)",
    "working": "pass",
    "talking": "import time; print('said'); time.sleep(60)",
    "parent": """
import os, pathlib, sys, time
from infra.local.run.children import Children
children = Children(environment=dict(os.environ))
children.start("child", "polite", "child", sys.argv[1])
time.sleep(60)
""",
}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    for name, source in MODULES.items():
        (tmp_path / f"{name}.py").write_text(source)
    return inherited() | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}


def eventually(claim: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_children_end_in_reverse_order_each_before_the_next(
    environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    children = Children(environment=environment)
    for name in ("cloud", "sample", "server"):
        children.start(name, "polite", name, str(log))
    eventually(lambda: all(Path(f"{log}.{n}").exists() for n in ("cloud", "sample", "server")))
    children.check()
    children.stop(patience_s=10)
    assert log.read_text().split() == ["server", "sample", "cloud"]


def test_a_child_that_does_not_listen_is_killed(
    environment: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    children = Children(environment=environment)
    children.start("the deaf one", "deaf", str(tmp_path / "ready"))
    eventually((tmp_path / "ready").exists)
    children.stop(patience_s=0.2)
    assert "the deaf one did not end" in capsys.readouterr().err


def test_what_a_child_says_goes_to_its_log(environment: dict[str, str], tmp_path: Path) -> None:
    children = Children(environment=environment)
    children.start("the server", "talking", log=tmp_path / "log")
    eventually(lambda: (tmp_path / "log").read_text() == "said\n")
    children.stop(patience_s=10)


def test_a_child_that_ends_by_itself_is_named(environment: dict[str, str]) -> None:
    children = Children(environment=environment)
    children.start("the cloud", "failing")
    with pytest.raises(ChildFailedError, match=r"the cloud ended by itself \(exit code 3\)"):
        children.watch()
    children.stop(patience_s=1)


def test_a_step_that_fails_is_named_and_one_that_works_is_not(environment: dict[str, str]) -> None:
    children = Children(environment=environment)
    children.complete("working", "working")
    with pytest.raises(ChildFailedError, match=r"seeding failed \(exit code 3\)"):
        children.complete("seeding", "failing")
    children.stop(patience_s=1)


def test_waiting_for_an_answer_ends_when_a_child_dies(environment: dict[str, str]) -> None:
    children = Children(environment=environment)
    children.start("the server", "failing")
    with pytest.raises(ChildFailedError, match="ended by itself"):
        children.await_answer("the server", port=9, path="/", patience_s=10)
    children.stop(patience_s=1)


def test_children_stay_in_the_process_group_and_leave_ctrl_c_to_their_parent(
    environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    children = Children(environment=environment)
    children.start("child", "polite", "child", str(log))
    eventually(Path(f"{log}.child").exists)
    (process,) = children_of(os.getpid())
    assert os.getpgid(process) == os.getpgid(0)
    os.kill(process, signal.SIGINT)
    time.sleep(0.5)
    children.check()
    children.stop(patience_s=10)


def test_children_end_when_their_parent_is_killed(
    environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    parent = subprocess.Popen([sys.executable, "-m", "parent", str(log)], env=environment)
    eventually(Path(f"{log}.child").exists)
    parent.kill()
    parent.wait()
    eventually(lambda: log.exists() and log.read_text() == "child\n")


def children_of(parent: int) -> list[int]:
    listing = subprocess.run(
        ["ps", "-wweo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(maxsplit=2) for line in listing.splitlines()]
    return [int(pid) for pid, of, args in rows if int(of) == parent and "run.leash" in args]
