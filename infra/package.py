"""The command that packages a stage: Chalice's template completed, its code compiled."""

import argparse
import compileall
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
TEMPLATE = "template.yaml"
CODE = "deployment.zip"

# The services that the functions call; `adapters/clients.py` makes their clients.
SERVICES = frozenset({"dynamodb", "kms", "s3", "sesv2"})
_IN_ENDPOINTS = SERVICES | {"email"}  # that is what SES is called there
# Checked by a test that imports everything and makes every client from what is left.
_UNREAD = (
    "boto3/data",
    "boto3/examples",
    "botocore/data/*/*/examples-1.json",
    "cffi",  # only to compile with
    "pycparser",
    "dns",  # email-validator asks no name server here
    "dateutil/zoneinfo/*.tar.gz",
    "lxml/html",
    "lxml/includes",
    "lxml/isoschematron",
    "lxml/objectify*.so",
    "lxml/*.h",
    "lxml/*.px[di]",
    "lxml/*.pyx",
    # A passkey of Android's is read by rfc5280 alone, which needs none of the others.
    *("pyasn1_modules/rfc[!5]*.py", "pyasn1_modules/rfc5[!2]*.py"),
    *("pyasn1_modules/rfc52[!8]*.py", "pyasn1_modules/rfc528[!0]*.py"),
    "wrapt/*.c",
    "bin",
    "pydantic/mypy.py",
    "pydantic/v1",
    "*.dist-info/RECORD",
    "*.dist-info/sboms",
    "**/*.pyi",
)
# Where code lies in Lambda; tracebacks show it.
_TASK_ROOT = "/var/task"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_REGION = "us-east-1"  # Chalice asks for one; nothing in the template depends on it.
# A parameter whose default depends on the stage; all can be overridden when deploying.
_DEFAULTS = {
    "dev": {"Stage": "dev", "BackupLockMode": "GOVERNANCE"},
    "prod": {"Stage": "prod", "BackupLockMode": "COMPLIANCE"},
}


class _Plain(yaml.SafeDumper):
    """Writes everything out: CloudFormation does not read YAML's aliases."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; answers its exit status."""
    parser = argparse.ArgumentParser(prog="scripts/package", description=__doc__)
    parser.add_argument("--stage", required=True, choices=sorted(_DEFAULTS))
    parser.add_argument("--saml", action="store_true", help="with what reads SAML")
    parser.add_argument("--to", type=Path, help="default: build/<stage>")
    options = parser.parse_args(arguments)
    target: Path = options.to or ROOT / "build" / options.stage
    try:
        package(options.stage, target, saml=options.saml)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"scripts/package: {error}\n")
        return 1
    sizes = ", ".join(_size(target / name) for name in (TEMPLATE, CODE))
    sys.stdout.write(
        f"{target}: {sizes}\n"
        f"  aws cloudformation package --template-file {target / TEMPLATE} --s3-bucket BUCKET"
        " --output-template-file packaged.yaml\n"
        f"  aws cloudformation deploy --template-file packaged.yaml --stack-name"
        f" secureflows-{options.stage} --capabilities CAPABILITY_IAM"
        " --parameter-overrides Origin=https://… MailDomain=…\n"
    )
    return 0


def package(stage: str, target: Path, *, saml: bool = False) -> None:
    """Write the template and the code of a stage into a folder; needs the network for wheels."""
    target.mkdir(parents=True, exist_ok=True)
    subprocess.run(  # noqa: S603 - our own virtual environment's program
        [
            str(Path(sys.executable).with_name("chalice")),
            "package",
            *("--stage", stage),
            *("--merge-template", "infra/resources.yaml"),
            *("--template-format", "yaml"),
            str(target),
        ],
        cwd=ROOT,
        check=True,
        env={"AWS_DEFAULT_REGION": _REGION} | dict(os.environ),  # noqa: TID251 - for a child
    )
    template = yaml.safe_load((target / "sam.yaml").read_text("utf-8"))
    complete(template, stage)
    (target / TEMPLATE).write_text(yaml.dump(template, Dumper=_Plain), "utf-8")
    (target / "sam.yaml").unlink()
    compiled(target / CODE, saml=saml)


def complete(template: dict[str, Any], stage: str) -> None:
    """Give parameters the defaults of the stage; refuse another Python than compiled the code."""
    for name, value in _DEFAULTS[stage].items():
        template["Parameters"][name]["Default"] = value
    ours = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for name, resource in template["Resources"].items():
        runtime = resource.get("Properties", {}).get("Runtime", ours)
        if runtime != ours:
            raise SystemExit(f"{name} would run on {runtime}, but this is {ours}")


def compiled(code: Path, *, saml: bool = False) -> None:
    """Put compiled modules beside the sources, and give the archive the same bytes every time.

    Lambda's file system is read-only, so what is not compiled here is compiled at every cold
    start; unchecked hashes spare a look at each source file.
    """
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(code) as archive:
            archive.extractall(folder)
        if saml:
            _add_saml(Path(folder))
        _without_bytecode(Path(folder))
        slim(Path(folder))
        _compile(Path(folder))
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        with zipfile.ZipFile(code, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in files:
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
                entry.external_attr = 0o755 << 16 if path.suffix == ".so" else 0o644 << 16
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def _add_saml(folder: Path) -> None:
    # As Lambda has it, and not as this machine does; of the rest nothing comes twice.
    shipped = set(_pins("requirements.txt"))
    wanted = [pin for pin in _pins("requirements-saml.txt") if pin not in shipped]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(wanted))
        file.flush()
        subprocess.run(  # noqa: S603 - our own virtual environment's program
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--no-deps"),
                *("--require-hashes", "--only-binary", ":all:", "--implementation", "cp"),
                *("--platform", "manylinux2014_x86_64", "--target", str(folder)),
                *("--python-version", f"{sys.version_info.major}.{sys.version_info.minor}"),
                *("--disable-pip-version-check", "--requirement", file.name),
            ],
            check=True,
        )


def _pins(name: str) -> list[str]:
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    return [" ".join(line.split()) for line in text.splitlines()]


def _without_bytecode(folder: Path) -> None:
    # Chalice takes the caches beside the sources along: of modules that are gone, of another
    # Python, and what a process that compiles at this moment has half written.
    for cache in sorted(folder.rglob("__pycache__")):
        shutil.rmtree(cache)


def slim(folder: Path) -> None:
    """Leave out what no function reads: botocore describes some four hundred services."""
    data = folder / "botocore" / "data"
    for service in data.iterdir():
        if service.is_dir() and service.name not in SERVICES:
            shutil.rmtree(service)
    for model in sorted(data.glob("*/*/*.json.gz")):
        # Read at a cold start as it is; what is left out is for people.
        text = json.dumps(_undocumented(json.loads(gzip.decompress(model.read_bytes()))))
        model.with_suffix("").write_text(text, "utf-8")
        model.unlink()
    endpoints = data / "endpoints.json"
    if endpoints.is_file():
        endpoints.write_text(json.dumps(_of_our_services(json.loads(endpoints.read_text()))))
    for unread in _UNREAD:
        for path in sorted(folder.glob(unread)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _compile(folder: Path) -> None:
    # Tracebacks of our own code show its lines; of what others wrote the place is enough.
    for path in sorted(folder.iterdir()):
        is_ours = path.name in {"app.py", "chalicelib"}
        options: dict[str, Any] = {
            "quiet": 2,  # some packages carry templates that are no Python
            "stripdir": str(folder),
            "prependdir": _TASK_ROOT,
            "invalidation_mode": PycInvalidationMode.UNCHECKED_HASH,
            "legacy": not is_ours,
        }
        if path.is_dir():
            compileall.compile_dir(path, **options)
        elif path.suffix == ".py":
            compileall.compile_file(path, **options)
        if not is_ours:
            sources = [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))
            for source in sources:
                if source.with_suffix(".pyc").is_file():
                    source.unlink()


def _undocumented(model: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(model, dict):
        return {
            name: _undocumented(value)
            for name, value in model.items()
            if not (name == "documentation" and isinstance(value, str))
        }
    return [_undocumented(value) for value in model] if isinstance(model, list) else model


def _of_our_services(endpoints: Any) -> Any:  # noqa: ANN401 - JSON
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {
            name: services[name] for name in sorted(services) if name in _IN_ENDPOINTS
        }
    return endpoints


def _size(path: Path) -> str:
    return f"{path.name} {path.stat().st_size / 1_000_000:.1f} MB"


if __name__ == "__main__":
    sys.exit(main())
