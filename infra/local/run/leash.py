"""Runs a module that ends when its parent does, however the parent ended.

`python -m infra.local.run.leash FD MODULE [ARGUMENT ...]`, where FD is the reading end of a pipe
whose other end only the parent holds: the system closes it even when the parent is killed.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

_GRACE_S = 15


def main() -> None:
    """Watch the pipe in a thread, and become the module."""
    watched, module = int(sys.argv[1]), sys.argv[2]
    # Ctrl-C reaches the whole process group; only the parent acts on it, in the right order.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=_follow, args=(watched,), name="leash", daemon=True).start()
    sys.argv[:] = [module, *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _follow(watched: int) -> None:
    while os.read(watched, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    os._exit(1)


if __name__ == "__main__":
    main()
