"""What is left of the vendors in the package is enough for all that the functions do."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from infra.bench import cold
from infra.package import ROOT, SERVICES
from tests.builders import NOW
from tests.saml import (
    AUDIENCE,
    IDENTITY,
    ISSUER,
    RECIPIENT,
    REQUEST,
    assertion,
    response,
    sent,
    signed,
)

pytestmark = pytest.mark.slow

LIMIT = 20_000_000  # bytes; 15 MB are the aim, and three native libraries take 13 of them
LIMIT_WITH_SAML = 25_000_000  # what reads XML takes 4 of them
REGIONS = ("us-east-1", "eu-central-1", "cn-north-1")
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "chalicelib").rglob("*.py")
    if path.name != "__init__.py"
)
IMPORTS = """
import importlib, json, sys
for name in MODULES:
    importlib.import_module(name)
import app
print(json.dumps(len(app.app.routes)))
"""
WORK = """
import json
from chalicelib.adapters.addresses import EmailAddresses
from chalicelib.adapters.passwords import Argon2Passwords
from chalicelib.adapters.sealing import EnvelopeCipher
from chalicelib.domain.ids import new_user_id, new_workspace_id
from chalicelib.domain.keys import KeyKind, Place
passwords, cipher = Argon2Passwords(), EnvelopeCipher()
place = Place(new_workspace_id(), new_user_id(), KeyKind.DK, "payload", "notes", "s")
key = cipher.new_user_key()
sealed = cipher.seal(b"x", key=key, version=1, place=place)
print(json.dumps([
    passwords.fits(passwords.hash("plain words are long"), "plain words are long"),
    cipher.open(sealed, key=key, version=1, place=place).decode(),
]))
"""
OF_SAML = {f"chalicelib.adapters.{name}" for name in ("assertions", "descriptions", "statements")}
CHOOSE = """
from chalicelib.domain.errors import NotReady
from chalicelib.wiring.elsewhere import AwsElsewhere
try:
    AwsElsewhere(None, None, reaches_loopback=False).assertions
except NotReady as error:
    print(json.dumps(error.detail))
"""
READ = f"""
from chalicelib.adapters.assertions import SignedAssertions
from chalicelib.domain.saml import Expected
class Clock:
    def now(self): return NOW
port = SignedAssertions(clock=Clock())
expected = Expected({ISSUER!r}, (CERTIFICATE,), {AUDIENCE!r}, {RECIPIENT!r}, {REQUEST!r})
print(json.dumps(port.read(POSTED, expected).vouched.subject))
"""
ENDPOINTS = """
import json
from botocore.session import Session
from chalicelib.adapters.clients import Clients
print(json.dumps({
    f"{service} {region}": Session().create_client(service, region).meta.endpoint_url
    for service in SERVICES for region in REGIONS
}))
"""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    folder = tmp_path_factory.mktemp("shipped")
    return folder / "code", cold.ship(folder)


@pytest.fixture(scope="module")
def with_saml(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    folder = tmp_path_factory.mktemp("with-saml")
    return folder / "code", cold.ship(folder, pins="requirements-saml.txt")


def environment() -> Mapping[str, str]:
    ours = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-east-1", **ours}  # noqa: TID251


def answered(program: str, shipped: tuple[Path, int], **known: object) -> Any:
    given = "".join(
        f"{name} = json.loads({json.dumps(value)!r})\n" for name, value in known.items()
    )
    return cold.run(f"import json\n{given}{program}", environment(), shipped=shipped[0])


def test_every_module_can_be_imported(shipped: tuple[Path, int]) -> None:
    given = [name for name in MODULES if name not in OF_SAML]
    assert answered(IMPORTS, shipped, MODULES=given) > 10


def test_without_saml_choosing_it_is_told(shipped: tuple[Path, int]) -> None:
    assert "packaged without SAML" in answered(CHOOSE, shipped)


def test_with_saml_a_response_is_read_and_the_package_stays_small(
    with_saml: tuple[Path, int],
) -> None:
    assert answered(IMPORTS, with_saml, MODULES=MODULES) > 10
    posted = sent(response(signed(assertion())))
    certificate = IDENTITY.body
    assert answered(READ, with_saml, POSTED=posted, CERTIFICATE=certificate, NOW=NOW) == "u-1"
    assert with_saml[1] < LIMIT_WITH_SAML


def test_passwords_and_messages_work(shipped: tuple[Path, int]) -> None:
    assert answered(WORK, shipped) == [True, "x"]


def test_every_client_is_made_and_asks_where_it_would_have_asked(
    shipped: tuple[Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"):
        monkeypatch.delenv(name, raising=False)
    services = sorted(SERVICES)
    found = answered(ENDPOINTS, shipped, SERVICES=services, REGIONS=REGIONS)
    assert found == {
        f"{service} {region}": Session()
        .create_client(service, region, aws_access_key_id="a", aws_secret_access_key="b")
        .meta.endpoint_url
        for service in services
        for region in REGIONS
    }


def test_the_short_transport_finds_its_address_in_what_is_left(shipped: tuple[Path, int]) -> None:
    program = """
from chalicelib.adapters.clients import Clients
print(json.dumps(Clients().endpoint("dynamodb")))
"""
    assert answered(program, shipped) == "https://dynamodb.us-east-1.amazonaws.com"


def test_the_package_is_small(shipped: tuple[Path, int]) -> None:
    assert shipped[1] < LIMIT
