"""The folder in which a run keeps its state, used by one run at a time."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class StateInUseError(Exception):
    """Another run uses this folder."""


class State:
    """An exclusive hold of the folder until this process ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        # The system gives the lock back however the process ends; the text is for people.
        self._descriptor = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._descriptor, 20).decode("ascii", "replace").strip()
            raise StateInUseError(f"{folder} is in use by process {holder or 'unknown'}") from None
        # What an orderly end clears is still there after a kill.
        self.was_killed = os.fstat(self._descriptor).st_size > 0
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode("ascii"), 0)

    def release(self) -> None:
        """Say that this run ended in order."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
