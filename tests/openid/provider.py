"""A certified OpenID provider from npm, for as long as somebody wants it as their upstream."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
BIN = HERE.parents[1] / ".venv" / "bin"


@contextmanager
def provider_for(callback: str, secret: str) -> Iterator[str]:
    """Start it with one client, which comes back at an address; answers its issuer."""
    # Everything else of the environment stays: where npm finds its registry, for one.
    command = ["/usr/bin/env", f"PATH={BIN}:/usr/bin:/bin"]
    if not (HERE / "node_modules").is_dir():
        fetch = [*command, "npm", "ci", "--no-progress", "--loglevel=error"]
        subprocess.run(fetch, cwd=HERE, check=True)
    process = subprocess.Popen(
        [*command, "node", "provider.mjs", callback, secret],
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()
            process.wait()
