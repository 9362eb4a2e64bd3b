"""A write from memory: it asks nothing first, and is refused whatever a reading one would be."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

import pytest

from chalicelib.domain.ids import new_grant_id
from chalicelib.domain.keys import Sealed
from chalicelib.domain.payloads import SealedPayload
from chalicelib.domain.ports.sessions import Extras, Shelf
from chalicelib.domain.sessions import SessionRef
from chalicelib.domain.workspaces import Gate, GateStatus
from chalicelib.wiring.container import Container
from chalicelib.wiring.process import installed
from tests.api.platform import Answer, Platform, Tenant, send
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.payloads import MemoryPayloads

PATH = "/api/v1/sessions"


class Counting(MemoryPayloads):
    reads = 0

    def fetch(self, ref: SessionRef, extras: Extras) -> Shelf:
        self.reads += 1
        return super().fetch(ref, extras)


class Adapters(MemoryAdapters):
    @cached_property
    def payloads(self) -> Counting:
        return Counting(self.sessions)


@pytest.fixture
def platform() -> Iterator[Platform]:
    platform = Platform(Adapters())
    with installed(platform.services):
        yield platform


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


@pytest.fixture
def token(platform: Platform, tenant: Tenant) -> str:
    token = platform.token(tenant, {"a": 0})
    for number in (1, 2):
        assert send("PUT", PATH, token=token, body={"a": number}).status == 200
    return token


def reads(platform: Platform, act: Callable[[], Answer]) -> tuple[int, Answer]:
    payloads = platform.adapters.payloads
    assert isinstance(payloads, Counting)
    before = payloads.reads
    answer = act()
    return payloads.reads - before, answer


def put(token: str, value: int = 9, headers: Mapping[str, str] | None = None) -> Answer:
    return send("PUT", PATH, token=token, body={"a": value}, headers=headers)


def elsewhere(platform: Platform) -> Container:
    """Another process on the same stores."""
    return Container(platform.services.settings, platform.adapters)


def test_a_warm_write_reads_nothing_and_answers_the_exact_version(
    platform: Platform, token: str
) -> None:
    for version in range(4, 9):
        count, answer = reads(platform, lambda: put(token))
        assert (count, answer.status, answer.headers["etag"]) == (0, 200, f'"{version}"')
    assert send("GET", PATH, token=token).headers["etag"] == '"8"'


def test_a_write_after_a_read_reads_nothing(platform: Platform, token: str) -> None:
    with installed(elsewhere(platform)):
        put(token)
    send("GET", PATH, token=token)
    count, answer = reads(platform, lambda: put(token))
    assert (count, answer.headers["etag"]) == (0, '"5"')


def test_what_others_wrote_meanwhile_is_not_lost_sight_of(platform: Platform, token: str) -> None:
    with installed(elsewhere(platform)):
        assert put(token, 5).headers["etag"] == '"4"'
    count, answer = reads(platform, lambda: put(token))
    assert (count, answer.headers["etag"]) == (1, '"5"')
    assert reads(platform, lambda: put(token))[0] == 0


def test_an_if_match_is_judged_by_what_is_stored(platform: Platform, token: str) -> None:
    assert reads(platform, lambda: put(token, headers={"if-match": '"3"'}))[0] == 0
    with installed(elsewhere(platform)):
        assert put(token).headers["etag"] == '"5"'
    stale = put(token, headers={"if-match": '"4"'})
    assert (stale.status, stale.code) == (412, "version_mismatch")
    assert put(token, headers={"if-none-match": '"5"'}).code == "version_mismatch"
    # What this process remembers is older than what the writer has seen elsewhere.
    assert put(token).headers["etag"] == '"6"'
    with installed(elsewhere(platform)):
        assert put(token).headers["etag"] == '"7"'
    assert put(token, headers={"if-match": '"7"'}).headers["etag"] == '"8"'


def test_a_session_that_ended_elsewhere_takes_no_write(platform: Platform, token: str) -> None:
    with installed(elsewhere(platform)):
        assert send("POST", f"{PATH}/revoke", token=token).status == 200
    assert put(token).code == "session_ended"


def test_a_token_that_was_signed_out_elsewhere_writes_nothing(
    platform: Platform, token: str
) -> None:
    before = dict(platform.adapters.sessions.payloads)
    with installed(elsewhere(platform)):
        assert send("POST", "/api/v1/auth/logout", token=token).status == 200
    assert put(token).code == "token_superseded"
    assert platform.adapters.sessions.payloads == before


def test_a_session_expires_to_the_second(platform: Platform) -> None:
    tenant = platform.tenant("brief", payload_seconds=60, token_seconds=3_600)
    token = platform.token(tenant)
    send("PUT", PATH, token=token, body={})
    platform.adapters.clock.pause(59)
    assert put(token).status == 200
    platform.adapters.clock.pause(1)
    assert put(token).status in {401, 410}


def test_a_lifetime_that_was_made_longer_meanwhile_is_not_cut_by_what_is_remembered(
    platform: Platform,
) -> None:
    tenant = platform.tenant("brief", payload_seconds=60)
    head, _ = platform.session(tenant)
    issued = platform.services.grants.issue(
        platform.arrival(tenant), replace(head, exp=0), grant=new_grant_id()
    )
    for _ in range(2):
        assert put(issued.text).status == 200
    heads = platform.adapters.sessions.heads
    heads[head.ref] = replace(heads[head.ref], exp=0)
    platform.adapters.clock.pause(4)
    send("GET", PATH, token=platform.token(tenant))
    platform.adapters.clock.pause(56)
    assert put(issued.text).status == 200


def test_a_sealed_gate_acts_within_its_seconds(
    platform: Platform, tenant: Tenant, token: str
) -> None:
    gates = platform.adapters.workspaces.gates
    gates[tenant.workspace.id] = Gate(GateStatus.SEALED, version=2)
    platform.adapters.clock.pause(5)
    assert put(token).code == "workspace_sealed"


def test_a_foreign_page_writes_nothing(token: str) -> None:
    assert put(token, headers={"origin": "https://evil.example"}).code == "origin_not_allowed"
    assert send("GET", PATH, token=token).headers["etag"] == '"3"'


def test_an_application_that_demands_if_match_is_asked_from_memory_too(platform: Platform) -> None:
    tenant = platform.tenant("strict", requires_if_match=True)
    token = platform.token(tenant)
    for version in (1, 2):
        assert put(token, headers={"if-match": f'"{version}"'}).status == 200
    assert put(token).code == "if_match_required"


def test_the_keys_of_a_user_serve_a_minute_and_no_longer_however_often_is_written(
    platform: Platform, tenant: Tenant, token: str
) -> None:
    # Writes to another session bring along whatever else grows old.
    body = {"workspaceName": tenant.workspace.slug}
    begun = send("POST", PATH, token=platform.id_token(tenant), body=body)
    other = begun.json()["sessionToken"]
    counts = []
    for _ in range(16):
        platform.adapters.clock.pause(4)
        assert send("PATCH", PATH, token=other, body={"b": 1}).status == 200
        counts.append(reads(platform, lambda: put(token))[0])
    assert counts == [0] * 14 + [1, 0]
    platform.adapters.keys._users.clear()  # noqa: SLF001 - the person is erased
    platform.adapters.clock.pause(61)
    refused = put(token)
    assert (refused.status, refused.code) == (410, "session_ended")


def test_a_key_of_idempotency_is_found_by_a_write_from_memory(
    platform: Platform, token: str
) -> None:
    key = {"idempotency-key": "k"}
    count, first = reads(platform, lambda: put(token, 5, key))
    assert (count, first.status) == (0, 200)
    put(token, 6)
    again = put(token, 5, key)
    assert (again.body, again.headers["etag"]) == (first.body, first.headers["etag"])
    assert again.headers["idempotency-replayed"] == "true"
    assert put(token, 7, key).code == "idempotency_reused"
    assert send("GET", PATH, token=token).json() == {"a": 6}


def test_what_is_remembered_holds_no_payload(platform: Platform, token: str) -> None:
    ref = next(iter(platform.adapters.sessions.payloads))
    found = platform.services.payloads.remembered(ref)
    assert found is not None
    assert isinstance(found.held, SealedPayload)
    assert isinstance(found.held.sealed, Sealed)
    assert found.held.sealed.ciphertext == b""
    assert put(token).status == 200
