"""Promise 4: nothing readable at rest, and nothing secret in a log or an error."""

import base64
import gzip
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.domain.backups import BackupKind
from chalicelib.domain.payloads import Payload
from chalicelib.jobs.activity import record_activity
from infra.local.template import LOCAL_ACCOUNT
from tests.api.platform import send
from tests.engines import Engine
from tests.jobs.deliveries import delivery, log_event
from tests.promises.cloud import Cloud, cloud_on
from tests.promises.traces import forms_of, found_in, objects_of, rows_of

AT_REST = ("directory", "sessions", "payloads", "login", "keys", "audit", "activity")


@pytest.fixture(scope="module")
def cloud(engine: Engine) -> Iterator[Cloud]:
    with cloud_on(engine) as made:
        yield made


def _canary() -> str:
    # Lower case and plain letters: what is folded or normalised on the way is found all the same.
    return "".join(secrets.choice("abcdefghijkmnopqrstuvwxyz") for _ in range(20))


def _whole_life(cloud: Cloud, canary: Mapping[str, str]) -> None:
    """Everything that a person does, and much of what can go wrong meanwhile."""
    email = f"{canary['email']}@{canary['mail host']}.example"
    password, name = f"{canary['password']} with words", f"{canary['name']} Ü"
    token = cloud.sign_up(email, password, name)["access_token"]
    _use(token, canary)
    # An address that is taken, a wrong password for it, and one that nobody has.
    cloud.begin_sign_up(email, f"{canary['second password']} with words", name)
    assert cloud.try_password(email, f"{canary['wrong password']} words").status == 403
    assert cloud.try_password(f"{canary['unknown email']}@example.org", password).status == 403
    cloud.bring(email, password, {canary["key"]: canary["value"]})
    tokens = cloud.sign_in(email, password)
    _exchange(tokens["id_token"], tokens["access_token"], canary)
    _fail(tokens["access_token"], canary)
    # A session that stays, one that is destroyed, and a backup of everything there is.
    kept = cloud.sign_in(email, password)["access_token"]
    _use(kept, canary)
    send("POST", "/api/v1/auth/logout", token=kept)
    for kind in BackupKind:
        cloud.services.upkeep.backups.export(kind)


def _use(token: str, canary: Mapping[str, str]) -> None:
    key, value = canary["key"], canary["value"]
    encoded = quote(f"{key} ü/", safe="")
    whole: Payload = {f"{key} ü/": {f"{key}-inner": [value, {"deep": f"{value} ß"}]}}
    steps: list[tuple[str, str, Any]] = [
        ("PUT", "/api/v1/sessions", whole),
        ("PATCH", "/api/v1/sessions", {f"{key}-two": value}),
        ("PATCH", "/api/v1/sessions", {f"{key}-large": [value, "-" * 400_000]}),
        ("POST", f"/api/v1/sessions/set/{encoded}", {"value": value}),
        ("GET", f"/api/v1/sessions/get/{encoded}", None),
        ("GET", "/api/v1/sessions", None),
        ("GET", f"/api/v1/sessions/keys?prefix={quote(key)}", None),
        ("GET", "/api/v1/sessions/identity", None),
        ("DELETE", f"/api/v1/sessions/delete/{key}-two", None),
    ]
    for method, path, body in steps:
        headers = {"idempotency-key": f"{key}-{secrets.token_hex(4)}"}
        answer = send(method, path, token=token, body=body, headers=headers)
        assert answer.status == 200, answer


def _exchange(id_token: str, session_token: str, canary: Mapping[str, str]) -> None:
    payload = {canary["key"]: canary["value"]}
    for path, body in (
        ("/api/v1/sessions", {"workspaceName": "demo", "payload": payload}),
        ("/api/v1/sessions/get-or-create", {"workspaceName": "demo", "payload": payload}),
        ("/api/v1/sessions/renew", {"sessionToken": session_token}),
    ):
        answer = send("POST", path, token=id_token, body=body)
        assert answer.status == 200, answer


def _fail(token: str, canary: Mapping[str, str]) -> None:
    key, value = canary["key"], canary["value"]
    for method, path, raw, headers in (
        ("PUT", "/api/v1/sessions", f'{{"{key}": "{value}"'.encode(), {}),
        ("PUT", "/api/v1/sessions", f'{{"{key}": NaN}}'.encode(), {}),
        ("PUT", "/api/v1/sessions", f'["{value}"]'.encode(), {"if-match": f'"{value}"'}),
        ("GET", f"/api/v1/sessions/get/{key}{'x' * 200}", None, {}),
        ("GET", f"/api/v1/sessions/get/{key}-never", None, {}),
        ("GET", f"/api/v1/sessions/get/{key}?q={value}&q={value}", None, {}),
        ("POST", "/api/v1/sessions/renew", f'{{"{key}": "{value}"}}'.encode(), {}),
        ("POST", "/api/v1/login/sign-in", f'{{"{key}": "{value}"}}'.encode(), {}),
    ):
        answer = send(method, path, token=token, raw=raw, headers=headers)
        assert 400 <= answer.status < 500, answer
        assert found_in(answer.body.encode(), value) == []


def test_after_a_whole_life_nothing_is_readable_at_rest_or_in_a_log(
    cloud: Cloud, logged: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    canary = {
        name: _canary()
        for name in (
            *("key", "value", "email", "mail host", "name", "unknown email"),
            *("password", "second password", "wrong password"),
        )
    }
    _whole_life(cloud, canary)
    lines_of_access = [line for line in logged.getvalue().splitlines() if '"access"' in line]
    outcome = record_activity(delivery([log_event(line) for line in lines_of_access]), None)
    assert outcome["new"] == len(lines_of_access) > 20
    rows = list(rows_of(cloud.engine, cloud.stage))
    objects = list(objects_of(cloud.engine, cloud.stage))
    said = capfd.readouterr()
    lines = [("log", logged.getvalue().encode()), ("output", (said.out + said.err).encode())]
    # The test has looked somewhere, and where it looked there was something.
    assert {name.split("-")[2] for name, _ in rows} >= {*AT_REST}
    assert len(objects) > len(BackupKind)
    assert [len(body) for name, body in objects if f"-objects-{LOCAL_ACCOUNT}/o/" in name]
    assert b'"route"' in lines[0][1]
    found = [
        (name, place, forms)
        for place, content in (*rows, *objects, *lines)
        for name, secret in canary.items()
        if (forms := found_in(content, secret))
    ]
    assert found == []


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "upper case": lambda text: text.upper().encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "hex": lambda text: text.encode().hex().encode(),
    "hex in capitals": lambda text: text.encode().hex().upper().encode(),
    "url": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()).encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 after one byte": lambda text: base64.b64encode(b"x" + text.encode() + b"yz"),
    "base64 after two bytes": lambda text: base64.b64encode(b"xy" + text.encode() + b"z"),
    "base64 of json": lambda text: base64.b64encode(f'{{"k": "{text}"}}'.encode()),
    "base64url": lambda text: base64.urlsafe_b64encode(b"??>" + text.encode() + b"\xff\xfe"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_search_finds_what_was_written_down_in_some_form(
    cloud: Cloud, logged: StringIO, encoding: str
) -> None:
    secret = _canary()
    written = ENCODINGS[encoding](secret)
    place = {"PK": {"S": _canary()}, "SK": {"S": "planted"}}
    client, s3 = cloud.engine.client("dynamodb"), cloud.engine.client("s3")
    table = f"secureflows-{cloud.stage}-payloads"
    client.put_item(TableName=table, Item={**place, "m": {"M": {"l": {"L": [{"B": written}]}}}})
    settings, name = cloud.services.settings, f"{_canary()}.gz"
    for bucket in (settings.backup_bucket, settings.payload_bucket):
        s3.put_object(Bucket=bucket, Key=name, Body=gzip.compress(b"... " + written))
    # What was deleted from the objects still lies there for some weeks.
    s3.delete_object(Bucket=settings.payload_bucket, Key=name)
    logging.getLogger("botocore").error("choked on %s", written.decode("latin-1"))
    assert [name for name, row in rows_of(cloud.engine, cloud.stage) if found_in(row, secret)] == [
        table
    ]
    objects = objects_of(cloud.engine, cloud.stage)
    assert len([name for name, body in objects if found_in(body, secret)]) == 2
    if encoding != "utf-16":
        assert found_in(logged.getvalue().encode(), secret)


def test_the_search_finds_a_name_with_letters_of_other_scripts() -> None:
    secret = "grüße an zoë"
    assert set(forms_of(secret)) >= {"json", "url"}
    assert "json" in found_in(b'{"k":"gr\\u00fc\\u00dfe an zo\\u00eb"}', secret)
    assert "url" in found_in(b"/get/gr%c3%bc%c3%9fe+an+zo%c3%ab", secret)
    assert found_in(b"gr\xfc\xdfe an zo", secret) == []
