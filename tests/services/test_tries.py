"""A store that was told twice and answers for the second time: each write happens once."""

from collections.abc import Callable, Iterator
from functools import cached_property

import pytest

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Contended
from chalicelib.domain.limits import MAX_PAYLOAD_BYTES
from chalicelib.domain.ports.sessions import PayloadWrite
from chalicelib.wiring.process import installed
from tests.api.platform import Answer, Platform, Tenant, send
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.payloads import MemoryPayloads

PATH = "/api/v1/sessions"
WRITES = [
    ("PUT", PATH, {"a": 1, "b": 2}),
    ("PATCH", PATH, {"b": 2}),
    ("POST", f"{PATH}/set/b", {"value": 2}),
    ("DELETE", f"{PATH}/delete/a", None),
]
LARGE = {"a": "x" * 400_000}
Fault = Callable[[Callable[[], None]], None]


class Misled(MemoryPayloads):
    """Deals with the next writes as it is told to."""

    @cached_property
    def faults(self) -> list[Fault]:
        return []

    def write(self, write: PayloadWrite, event: AuditEvent) -> None:
        def done() -> None:
            MemoryPayloads.write(self, write, event)

        if self.faults:
            self.faults.pop(0)(done)
        else:
            done()


class Adapters(MemoryAdapters):
    @cached_property
    def payloads(self) -> Misled:
        return Misled(self.sessions)


@pytest.fixture
def platform() -> Iterator[Platform]:
    platform = Platform(Adapters())
    with installed(platform.services):
        yield platform


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant(payload_bytes=MAX_PAYLOAD_BYTES)


def faults(platform: Platform) -> list[Fault]:
    payloads = platform.adapters.payloads
    assert isinstance(payloads, Misled)
    return payloads.faults


def happens_and_says_conflict(done: Callable[[], None]) -> None:
    done()
    raise Contended


def says_conflict(done: Callable[[], None]) -> None:
    del done
    raise Contended


class Late:
    """A transaction that says conflict and happens before the next one is looked at."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def first(self, done: Callable[[], None]) -> None:
        self.waiting.append(done)
        raise Contended

    def second(self, done: Callable[[], None]) -> None:
        self.waiting.pop()()
        done()


def sent(
    platform: Platform, token: str, method: str, path: str, body: object, **more: str
) -> Answer:
    count = len(platform.events)
    answer = send(method, path, token=token, body=body, headers=more)
    assert answer.status == 200, answer.body
    assert len(platform.actions_since(count)) == 1
    assert faults(platform) == []
    assert "idempotency-replayed" not in answer.headers
    return answer


@pytest.mark.parametrize("key", [{}, {"idempotency-key": "k"}])
@pytest.mark.parametrize("before", [0, 1], ids=["cold", "warm"])
@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_write_that_happened_and_was_called_a_conflict_is_answered_once(
    platform: Platform,
    tenant: Tenant,
    method: str,
    path: str,
    body: object,
    before: int,
    key: dict[str, str],
) -> None:
    token = platform.token(tenant, {"a": 1})
    for _ in range(before):
        send("PUT", PATH, token=token, body={"a": 1})
    version = 1 + before
    faults(platform).append(happens_and_says_conflict)
    said = {"if-match": f'"{version}"', **key}
    answer = sent(platform, token, method, path, body, **said)
    assert answer.headers["etag"] == f'"{version + 1}"'
    now = send("GET", PATH, token=token)
    assert now.headers["etag"] == answer.headers["etag"]
    assert now.json() == ({} if method == "DELETE" else {"a": 1, "b": 2})
    again = send(method, path, token=token, body=body)
    assert again.status == 200


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_write_that_happens_while_it_is_tried_again_happens_once(
    platform: Platform, tenant: Tenant, method: str, path: str, body: object
) -> None:
    token, late = platform.token(tenant, {"a": 1}), Late()
    faults(platform).extend([late.first, late.second])
    answer = sent(platform, token, method, path, body, **{"if-match": '"1"'})
    assert answer.headers["etag"] == '"2"'
    assert send("GET", PATH, token=token).headers["etag"] == '"2"'


@pytest.mark.parametrize("before", [0, 1], ids=["first", "later"])
@pytest.mark.parametrize(
    "fault", [happens_and_says_conflict, says_conflict], ids=["happens", "does not"]
)
def test_no_object_of_a_contended_write_is_left_behind_and_none_too_many_taken(
    platform: Platform, tenant: Tenant, fault: Fault, before: int
) -> None:
    token = platform.token(tenant)
    for _ in range(before):
        send("PUT", PATH, token=token, body={"old": "y" * 400_000})
    faults(platform).append(fault)
    sent(platform, token, "PUT", PATH, LARGE)
    assert len(platform.adapters.objects.there) == 1
    assert send("GET", PATH, token=token).json() == LARGE


def test_the_object_of_a_contended_write_that_others_have_shut_out_is_taken_away(
    platform: Platform, tenant: Tenant
) -> None:
    token = platform.token(tenant)

    def says_conflict_and_is_overtaken(done: Callable[[], None]) -> None:
        del done
        assert send("PUT", PATH, token=token, body={"theirs": 1}).status == 200
        raise Contended

    faults(platform).append(says_conflict_and_is_overtaken)
    answer = send("PUT", PATH, token=token, body=LARGE, headers={"if-match": '"1"'})
    assert answer.code == "version_mismatch"
    assert not platform.adapters.objects.there


def test_an_object_is_left_to_the_sweep_as_long_as_its_write_may_happen(
    platform: Platform, tenant: Tenant
) -> None:
    token, late = platform.token(tenant), Late()
    faults(platform).extend([late.first] * 12)
    assert send("PUT", PATH, token=token, body=LARGE).code == "write_conflict"
    late.waiting[0]()
    assert send("GET", PATH, token=token).json() == LARGE


def test_what_a_contended_write_added_is_counted_once(platform: Platform, tenant: Tenant) -> None:
    token = platform.token(tenant)
    faults(platform).append(happens_and_says_conflict)
    sent(platform, token, "PUT", PATH, {"a": "x" * 100})
    stored = platform.services.holdings.usage.stored_bytes(tenant.workspace.id)
    assert stored == len('{"a":""}') + 100
