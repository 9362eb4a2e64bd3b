"""Providers from npm, each for as long as somebody wants it as their upstream."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
BIN = HERE.parents[1] / ".venv" / "bin"


@contextmanager
def started(program: str, *words: str) -> Iterator[str]:
    """Start one of the providers here; answers what it says first."""
    # Everything else of the environment stays: where npm finds its registry, for one.
    command = ["/usr/bin/env", f"PATH={BIN}:/usr/bin:/bin"]
    if not all((HERE / "node_modules" / name).is_dir() for name in ("oidc-provider", "samlify")):
        fetch = [*command, "npm", "ci", "--no-progress", "--loglevel=error"]
        subprocess.run(fetch, cwd=HERE, check=True)
    process = subprocess.Popen(
        [*command, "node", program, *words],
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


@contextmanager
def provider_for(callback: str, secret: str) -> Iterator[str]:
    """Start an OpenID provider with one client, which comes back at an address."""
    with started("provider.mjs", callback, secret) as issuer:
        yield issuer
