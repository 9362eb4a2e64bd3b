"""A batch of reads is no snapshot: what came between two of them is looked at again."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property

import pytest

from chalicelib.domain.keys import KeyKind
from chalicelib.domain.limits import MAX_PAYLOAD_BYTES
from chalicelib.domain.ports.sessions import Extras, Shelf
from chalicelib.domain.sessions import SessionRef
from chalicelib.wiring.process import installed
from tests.api.platform import Platform, Tenant, send
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.payloads import MemoryPayloads

PATH = "/api/v1/sessions"
Tear = Callable[[Shelf, Shelf], Shelf]


class Torn(MemoryPayloads):
    """Whose next reads mix what was there before a change with what is there after it."""

    before: Shelf | None = None
    tear: Tear
    times = 0

    def fetch(self, ref: SessionRef, extras: Extras) -> Shelf:
        shelf = super().fetch(ref, extras)
        if self.before is None or self.times == 0:
            return shelf
        self.times -= 1
        return self.tear(self.before, shelf)


class Adapters(MemoryAdapters):
    @cached_property
    def payloads(self) -> Torn:
        return Torn(self.sessions)


@pytest.fixture
def platform() -> Iterator[Platform]:
    platform = Platform(Adapters())
    with installed(platform.services):
        yield platform


def _torn(platform: Platform, before: Shelf, tear: Tear, times: int = 1) -> None:
    torn = platform.adapters.payloads
    assert isinstance(torn, Torn)
    torn.before, torn.tear, torn.times = before, tear, times


def _begun(platform: Platform) -> tuple[Tenant, str, Shelf]:
    tenant = platform.tenant()
    head, issued = platform.session(tenant, {"a": 0})
    nothing = Extras(workspace=False, gate=False, application=False, workspace_keys=False)
    return tenant, issued.text, platform.adapters.payloads.fetch(head.ref, nothing)


def _payload_before(before: Shelf, after: Shelf) -> Shelf:
    return replace(after, payload=before.payload)


def _payload_after(before: Shelf, after: Shelf) -> Shelf:
    return replace(before, payload=after.payload)


def _keys_before(before: Shelf, after: Shelf) -> Shelf:
    assert before.user_keys is not None
    assert KeyKind.DK not in before.user_keys.rings
    return replace(after, user_keys=before.user_keys)


@pytest.mark.parametrize("tear", [_payload_before, _payload_after, _keys_before])
@pytest.mark.parametrize("times", [1, 2])
def test_a_read_beside_the_first_write_is_answered(
    platform: Platform, tear: Tear, times: int
) -> None:
    _, token, before = _begun(platform)
    assert send("PUT", PATH, token=token, body={"a": 1}).status == 200
    _torn(platform, before, tear, times)
    answer = send("GET", PATH, token=token)
    assert (answer.status, answer.json()) == (200, {"a": 1})
    _torn(platform, before, tear, times)
    answer = send("PATCH", PATH, token=token, body={"b": 2})
    assert (answer.status, answer.json()) == (200, {"a": 1, "b": 2})


def test_a_read_beside_the_end_finds_the_session_ended(platform: Platform) -> None:
    tenant, token, _ = _begun(platform)
    assert send("PUT", PATH, token=token, body={"a": 1}).status == 200
    head = platform.services.sessions.enter(platform.arrival(tenant), seed={})
    nothing = Extras(workspace=False, gate=False, application=False, workspace_keys=False)
    before = platform.adapters.payloads.fetch(head.ref, nothing)
    assert send("POST", f"{PATH}/revoke", token=token).status == 200
    _torn(platform, before, _payload_after)
    answer = send("GET", PATH, token=token)
    assert (answer.status, answer.code) == (410, "session_ended")


def test_a_payload_that_stays_away_is_never_an_empty_one(platform: Platform) -> None:
    _, token, before = _begun(platform)
    assert send("PUT", PATH, token=token, body={"a": 1}).status == 200
    _torn(platform, before, _payload_before, 10)
    answer = send("GET", PATH, token=token)
    assert (answer.status, answer.code) == (503, "store_unavailable")


@pytest.mark.parametrize("times", [1, 2])
def test_a_read_of_an_object_that_was_replaced_meanwhile_is_answered(
    platform: Platform, times: int
) -> None:
    tenant = platform.tenant(payload_bytes=MAX_PAYLOAD_BYTES)
    head, issued = platform.session(tenant)
    nothing = Extras(workspace=False, gate=False, application=False, workspace_keys=False)
    for text in ("old", "new"):
        body = {"a": text * 200_000}
        assert send("PUT", PATH, token=issued.text, body=body).status == 200
        if text == "old":
            before = platform.adapters.payloads.fetch(head.ref, nothing)
    platform.adapters.objects.forget()
    _torn(platform, before, _payload_before, times)
    answer = send("GET", PATH, token=issued.text)
    assert (answer.status, answer.json()) == (200, {"a": "new" * 200_000})
    _torn(platform, before, _payload_before, times)
    assert send("PATCH", PATH, token=issued.text, body={"b": 1}).json()["a"] == "new" * 200_000
    _torn(platform, before, _payload_before, 10)
    answer = send("GET", PATH, token=issued.text)
    assert (answer.status, answer.code) == (503, "store_unavailable")
