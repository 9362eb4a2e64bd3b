"""What is kept of answers to requests with an Idempotency-Key, and how much of it at most."""

from dataclasses import replace

import pytest

from chalicelib.domain.callers import SessionCaller, Visit
from chalicelib.domain.limits import MAX_KEPT_BYTES, MAX_RECEIPT_BYTES
from chalicelib.domain.receipts import Attempt
from chalicelib.services.wishes import Terms, Written
from chalicelib.wiring.container import Container
from chalicelib.wiring.process import installed
from tests.api.platform import Platform, Tenant, send
from tests.api.test_idempotency import PATH, keyed, replays
from tests.api.test_quotas import limit
from tests.builders import ORIGIN


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


@pytest.fixture
def token(platform: Platform, tenant: Tenant) -> str:
    return platform.token(tenant, {"a": 1})


@pytest.mark.parametrize("size", [1, MAX_RECEIPT_BYTES, 200_000])
def test_what_the_request_says_itself_is_never_kept_and_always_answered(
    platform: Platform, token: str, size: int
) -> None:
    body = {"a": "x" * size}
    first = keyed("PUT", PATH, token, body)
    (receipt,) = platform.adapters.sessions.receipts.values()
    assert receipt.body is None
    send("PUT", PATH, token=token, body={"b": 1})
    assert replays(first, keyed("PUT", PATH, token, body))
    assert send("GET", PATH, token=token).json() == {"b": 1}


def kept_bytes(platform: Platform) -> int:
    bodies = [receipt.body for receipt in platform.adapters.sessions.receipts.values()]
    return sum(len(body.ciphertext) for body in bodies if body is not None)


def test_a_person_s_kept_answers_have_a_share_and_above_it_small_ones_are_kept_still(
    platform: Platform, tenant: Tenant, token: str
) -> None:
    text = "x" * (MAX_RECEIPT_BYTES - 100)
    many = 2 * MAX_KEPT_BYTES // MAX_RECEIPT_BYTES
    for number in range(many):
        answer = keyed("PATCH", PATH, token, {"a": text, "n": number}, key=f"k{number}")
        assert answer.status == 200
    assert MAX_KEPT_BYTES // 2 < kept_bytes(platform) <= MAX_KEPT_BYTES
    last = {"a": text, "n": many - 1}
    assert keyed("PATCH", PATH, token, last, key=f"k{many - 1}").status == 200
    deleted = keyed("DELETE", f"{PATH}/delete/n", token, key="small")
    assert keyed("PATCH", PATH, token, last, key=f"k{many - 1}").code == "replay_unavailable"
    assert replays(deleted, keyed("DELETE", f"{PATH}/delete/n", token, key="small"))
    # Others have shares of their own.
    before = kept_bytes(platform)
    other = Tenant(
        tenant.workspace,
        tenant.application,
        platform.user(tenant.workspace, "nils@acme.example"),
        "nils@acme.example",
    )
    assert keyed("PATCH", PATH, platform.token(other), {"a": text}, key="mine").status == 200
    assert kept_bytes(platform) > before + len(text)


def test_kept_answers_fit_into_what_is_left_of_the_workspace_s_quota(
    platform: Platform, tenant: Tenant, token: str
) -> None:
    limit(platform, tenant, size=10_000)
    for number in range(20):
        body = {"a": "x" * 1_000, "n": number}
        assert keyed("PATCH", PATH, token, body, key=f"k{number}").status == 200
    assert 4_000 < kept_bytes(platform) < 10_000
    # Nobody is refused for it, not even who is kept nothing for.
    assert keyed("PATCH", PATH, token, {"b": "x" * 5_000}, key="more").status == 200


def test_an_answer_is_given_again_with_the_status_that_its_receipt_names(
    platform: Platform, tenant: Tenant
) -> None:
    _, issued = platform.session(tenant)
    caller, writes = SessionCaller(issued.token, Visit(ORIGIN)), platform.services.writes
    terms = Terms(attempt=Attempt("key", "request"))
    assert writes.patch(caller, {"a": 2}, terms).status == 200
    rows = platform.adapters.sessions.receipts
    (receipt,) = rows.values()
    rows[receipt.ref] = replace(receipt, status=201)
    assert writes.patch(caller, {"a": 2}, terms) == Written(2, {"a": 2}, 201, is_replay=True)


def test_nobody_s_key_is_asked_of_kms_before_the_session_lets_them_in(
    platform: Platform, tenant: Tenant, token: str
) -> None:
    assert send("POST", f"{PATH}/revoke", token=token).status == 200
    workspace_keys = platform.adapters.keys.of_workspace(tenant.workspace.id)
    assert workspace_keys is not None
    fresh = Container(platform.services.settings, platform.adapters)
    fresh.keys.learn(workspace_keys)
    calls = platform.adapters.root_key.calls
    with installed(fresh):
        assert keyed("PUT", PATH, token, {"a": 1}).code == "session_ended"
    assert platform.adapters.root_key.calls == calls
