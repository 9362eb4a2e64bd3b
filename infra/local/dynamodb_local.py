"""Fetches and starts DynamoDB Local, AWS's own engine, where Java and Maven are at hand."""

import argparse
import fcntl
import http.client
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

SOURCES = Path(__file__).parent / "dynamodb"
CACHE = Path(__file__).parents[2] / ".local" / "dynamodb-local"
OLDEST_JAVA = 17
SECONDS_TO_START = 60


class EngineError(Exception):
    """DynamoDB Local cannot be fetched or does not start; the message says why."""


def available() -> str | None:
    """Why DynamoDB Local cannot be used on this machine, or None if it can."""
    if shutil.which("java") is None:
        return "DynamoDB Local needs Java 17 or later, and there is no java on the path"
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', told.stderr)
    if found is None or int(found[1]) < OLDEST_JAVA:
        return "DynamoDB Local needs Java 17 or later"
    missing = [name for name in ("javac", "mvn") if shutil.which(name) is None]
    if missing and not _is_fetched():
        return f"DynamoDB Local has yet to be fetched, and {' and '.join(missing)} is not here"
    return None


def fetch() -> Path:
    """Fetch the engine with Maven, once; returns the directory that holds it.

    Raises:
        EngineError: Maven or the compiler failed.
    """
    CACHE.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        # Test workers start together; one fetches and the others wait.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_fetched():
            _fetch_afresh()
    return CACHE


def start(port: int, path: Path | None) -> subprocess.Popen[bytes]:
    """Start the engine on 127.0.0.1; it keeps its data in the directory, or in memory for None.

    It ends with the process that started it: its standard input is its lifeline.

    Raises:
        EngineError: it cannot be fetched, or did not answer in time.
    """
    cache = fetch()
    if path is None:
        storage = ["-inMemory"]
    else:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        storage = ["-dbPath", str(path)]
    environment = dict(os.environ, DDB_LOCAL_TELEMETRY="0")  # noqa: TID251 - handed on, not read
    process = subprocess.Popen(
        [
            "java",
            *("-Xmx512m", "-XX:+UseSerialGC"),
            f"-Djava.library.path={cache / 'lib'}",
            f"-Dsqlite4java.library.path={cache / 'lib'}",
            "-cp",
            os.pathsep.join((str(cache / "classes"), str(cache / "lib" / "*"))),
            "Loopback",
            *("-port", str(port), "-sharedDb", "-disableTelemetry"),
            *storage,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    _wait_until_it_answers(process, port)
    return process


def _is_fetched() -> bool:
    return all(
        (CACHE / name).is_file() and (CACHE / name).read_bytes() == (SOURCES / name).read_bytes()
        for name in ("pom.xml", "Loopback.java")
    )


def _fetch_afresh() -> None:
    for part in ("lib", "classes"):
        shutil.rmtree(CACHE / part, ignore_errors=True)
    _run(
        "mvn",
        *("--batch-mode", "--quiet", "--file", str(SOURCES / "pom.xml")),
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        f"-DoutputDirectory={CACHE / 'lib'}",
    )
    _run(
        "javac",
        *("-cp", str(CACHE / "lib" / "*"), "-d", str(CACHE / "classes")),
        str(SOURCES / "Loopback.java"),
    )
    # The copies say what was fetched; the pom comes last and makes it complete.
    for name in ("Loopback.java", "pom.xml"):
        shutil.copy(SOURCES / name, CACHE / name)


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise EngineError(f"{command[0]} is not on the path") from error
    except subprocess.CalledProcessError as error:
        said = (error.stdout + error.stderr).strip().splitlines()[-5:]
        raise EngineError(f"{command[0]} failed: {' '.join(said)}") from error


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    process.kill()
    process.wait()
    raise EngineError(f"DynamoDB Local did not start on port {port}; is the port occupied?")


def main() -> int:
    """Fetch the engine, so that a later start does not wait for the network."""
    argparse.ArgumentParser(
        prog="python -m infra.local.dynamodb_local", description=main.__doc__
    ).parse_args()
    if reason := available():
        print(reason, file=sys.stderr)
        return 1
    print(f"DynamoDB Local is in {fetch()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
