"""The folder of a run: private, and used by one run at a time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from infra.local.run.state import State, StateInUseError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_folder_is_private_even_if_it_was_not(tmp_path: Path) -> None:
    folder = tmp_path / ".local"
    folder.mkdir(mode=0o755)
    state = State(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    state.release()


def test_a_second_run_is_told_who_uses_the_folder(tmp_path: Path) -> None:
    state = State(tmp_path)
    with pytest.raises(StateInUseError, match=f"process {os.getpid()}"):
        State(tmp_path)
    state.release()


def test_an_orderly_end_leaves_no_trace_and_a_kill_does(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert not state.was_killed
    state.release()
    State(tmp_path).release()
    (tmp_path / "run.lock").write_text("12345\n")
    after = State(tmp_path)
    assert after.was_killed
    after.release()
