"""Promise 3: what is sealed opens in its own place and in no other."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import StringIO

import pytest

from chalicelib.domain.ids import new_grant_id
from chalicelib.domain.keys import Sealed
from chalicelib.domain.limits import MAX_PAYLOAD_BYTES
from chalicelib.domain.objects import SealedObject, new_object_key, sha256
from chalicelib.domain.receipts import Receipt
from chalicelib.domain.sessions import Head, SessionRef
from tests.api.platform import Platform, Tenant, send
from tests.api.visitor import Visitor, account

PATH = "/api/v1/sessions"
Sessions = Mapping[str, tuple[SessionRef, str]]
NAMES = ("mine", "mine, second", "other user", "other app", "other workspace")
PAIRS = list(itertools.permutations(NAMES, 2))


def _issue(platform: Platform, tenant: Tenant, head: Head) -> str:
    return platform.services.grants.issue(platform.arrival(tenant), head, grant=new_grant_id()).text


@pytest.fixture
def tenants(platform: Platform) -> Mapping[str, Tenant]:
    mine, elsewhere = platform.tenant("acme"), platform.tenant("globex")
    forms = platform.application(mine.workspace, mine.user, "forms")
    nils = platform.user(mine.workspace, "nils@acme.example")
    return {
        "mine": mine,
        "mine, second": mine,
        "other user": replace(mine, user=nils, email="nils@acme.example"),
        "other app": replace(mine, application=forms),
        "other workspace": elsewhere,
    }


def _seeded(platform: Platform, tenants: Mapping[str, Tenant]) -> Sessions:
    """Sessions whose payload still lies in the head, as a login leaves it."""
    made = {}
    for name in NAMES:
        if name != "mine, second":  # a login continues the session that is there
            head = platform.services.sessions.enter(
                platform.arrival(tenants[name]), seed={"of": name}
            )
            made[name] = (head.ref, _issue(platform, tenants[name], head))
    return made


def _written(platform: Platform, tenants: Mapping[str, Tenant]) -> Sessions:
    """Sessions with a payload row each."""
    made = {}
    for name in NAMES:
        head = platform.services.sessions.create(platform.arrival(tenants[name]), {"of": name}).head
        made[name] = (head.ref, _issue(platform, tenants[name], head))
        platform.adapters.clock.pause(0.01)
    return made


def _large(platform: Platform, tenants: Mapping[str, Tenant]) -> Sessions:
    """Sessions whose payload lies in an object each."""
    made = {}
    for name in NAMES:
        application = replace(tenants[name].application, payload_bytes=MAX_PAYLOAD_BYTES)
        arrival = replace(platform.arrival(tenants[name]), application=application)
        head = platform.services.sessions.create(arrival, {"of": name, "more": "x" * 400_000}).head
        made[name] = (head.ref, _issue(platform, tenants[name], head))
        platform.adapters.clock.pause(0.01)
    return made


def _refuses(
    logged: StringIO,
    token: str,
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    before = logged.getvalue().count("sealed data did not open")
    answer = send(method, path, token=token, body=body, headers=headers)
    assert (answer.status, answer.code) == (503, "store_unavailable"), answer
    assert not any(name in answer.body for name in NAMES)
    assert "@" not in answer.body
    assert logged.getvalue().count("sealed data did not open") == before + 1


@pytest.mark.parametrize(("here", "there"), PAIRS)
def test_a_payload_in_the_row_of_another_is_refused(
    platform: Platform, tenants: Mapping[str, Tenant], logged: StringIO, here: str, there: str
) -> None:
    sessions = _written(platform, tenants)
    rows = platform.adapters.sessions.payloads
    (mine, token), (other, _) = sessions[here], sessions[there]
    assert send("GET", "/api/v1/sessions", token=token).json() == {"of": here}
    honest = rows[mine]
    rows[mine] = replace(honest, sealed=rows[other].sealed)
    for method, path, body in (
        ("GET", "/api/v1/sessions", None),
        ("GET", "/api/v1/sessions/get/of", None),
        ("GET", "/api/v1/sessions/keys", None),
        ("PATCH", "/api/v1/sessions", {"b": 1}),
        ("POST", "/api/v1/sessions/set/b", {"value": 1}),
        ("DELETE", "/api/v1/sessions/delete/of", None),
    ):
        _refuses(logged, token, method, path, body)
    assert rows[mine].sealed == rows[other].sealed
    rows[mine] = honest
    assert send("GET", "/api/v1/sessions", token=token).json() == {"of": here}


@pytest.mark.parametrize(("here", "there"), PAIRS)
def test_a_kept_answer_in_the_receipt_of_another_is_refused(
    platform: Platform, tenants: Mapping[str, Tenant], logged: StringIO, here: str, there: str
) -> None:
    sessions = _written(platform, tenants)
    rows = platform.adapters.sessions.receipts
    kept: dict[str, Receipt] = {}
    for name in (here, there):
        (ref, token), body = sessions[name], {"of": name}
        headers = {"idempotency-key": f"key-{len(kept)}"}
        assert send("PATCH", PATH, token=token, body=body, headers=headers).status == 200
        kept[name] = next(row for row in rows.values() if row.sid == ref.sid)
    rows[kept[here].ref] = replace(kept[here], body=kept[there].body)
    _refuses(logged, sessions[here][1], "PATCH", PATH, {"of": here}, {"idempotency-key": "key-0"})


def test_a_kept_answer_does_not_open_under_another_key_of_the_same_session(
    platform: Platform, tenants: Mapping[str, Tenant], logged: StringIO
) -> None:
    ref, token = _written(platform, tenants)["mine"]
    rows = platform.adapters.sessions.receipts
    for name in ("one", "two"):
        headers = {"idempotency-key": name}
        assert send("PATCH", PATH, token=token, body={"of": name}, headers=headers).status == 200
    one, two = rows.values()
    rows[one.ref] = replace(one, body=two.body)
    _refuses(logged, token, "PATCH", PATH, {"of": "one"}, {"idempotency-key": "one"})
    # Nor does the payload itself, sealed under the same key for the same session.
    sealed = platform.adapters.sessions.payloads[ref].sealed
    assert isinstance(sealed, Sealed)
    rows[one.ref] = replace(one, body=sealed)
    _refuses(logged, token, "PATCH", PATH, {"of": "one"}, {"idempotency-key": "one"})


@pytest.mark.parametrize(("here", "there"), [pair for pair in PAIRS if "mine, second" not in pair])
@pytest.mark.parametrize("part", ["seed", "who"])
def test_a_part_of_a_head_in_the_head_of_another_is_refused(
    platform: Platform,
    tenants: Mapping[str, Tenant],
    logged: StringIO,
    here: str,
    there: str,
    part: str,
) -> None:
    sessions = _seeded(platform, tenants)
    heads = platform.adapters.sessions.heads
    (mine, token), (other, _) = sessions[here], sessions[there]
    path = "/api/v1/sessions" if part == "seed" else "/api/v1/sessions/identity"
    assert send("GET", path, token=token).status == 200
    changed = {part: getattr(heads[other], part)}
    heads[mine] = replace(heads[mine], **changed)
    _refuses(logged, token, "GET", path)


@pytest.mark.parametrize(
    "mix",
    [
        lambda head: replace(head, seed=head.who),
        lambda head: replace(head, who=head.seed),
    ],
)
def test_one_sealed_thing_does_not_open_as_another_of_the_same_session(
    platform: Platform,
    tenants: Mapping[str, Tenant],
    logged: StringIO,
    mix: Callable[[Head], Head],
) -> None:
    ref, token = _seeded(platform, tenants)["mine"]
    heads = platform.adapters.sessions.heads
    before = heads[ref]
    heads[ref] = mix(before)
    path = "/api/v1/sessions" if heads[ref].seed != before.seed else "/api/v1/sessions/identity"
    _refuses(logged, token, "GET", path)


def test_a_seed_does_not_open_as_a_payload(
    platform: Platform, tenants: Mapping[str, Tenant], logged: StringIO
) -> None:
    ref, token = _seeded(platform, tenants)["mine"]
    seed = platform.adapters.sessions.heads[ref].seed
    assert seed is not None
    send("PUT", "/api/v1/sessions", token=token, body={"a": 1})
    rows = platform.adapters.sessions.payloads
    rows[ref] = replace(rows[ref], sealed=seed)
    _refuses(logged, token, "GET", "/api/v1/sessions")


def test_keys_of_another_user_open_nothing(
    platform: Platform, tenants: Mapping[str, Tenant], logged: StringIO
) -> None:
    sessions = _written(platform, tenants)
    stored = platform.adapters.keys._users  # noqa: SLF001 - what somebody with the table could do
    (mine, token), (other, _) = sessions["mine"], sessions["other user"]
    theirs = stored[other.partition.person]
    here = mine.partition.person
    # The other's wrapped keys under one's own name: the name is in what wraps them.
    stored[here] = replace(theirs, user=here.user)
    _refuses(logged, token, "GET", "/api/v1/sessions")
    # And with the message that these keys once sealed, beside them.
    rows = platform.adapters.sessions.payloads
    rows[mine] = replace(rows[mine], sealed=rows[other].sealed)
    _refuses(logged, token, "GET", "/api/v1/sessions")


def test_the_keys_of_another_workspace_open_nothing(
    platform: Platform, tenants: Mapping[str, Tenant], logged: StringIO
) -> None:
    sessions = _written(platform, tenants)
    stored = platform.adapters.keys._workspaces  # noqa: SLF001 - as above
    mine, elsewhere = tenants["mine"].workspace.id, tenants["other workspace"].workspace.id
    platform.adapters.clock.pause(61)
    stored[mine] = replace(stored[elsewhere], workspace=mine)
    _refuses(logged, sessions["mine"][1], "GET", "/api/v1/sessions")


def test_a_profile_in_the_row_of_another_person_is_refused(
    platform: Platform, tenants: Mapping[str, Tenant], logged: StringIO
) -> None:
    tenant = tenants["mine"]
    one = account(platform, tenant.workspace, "one@acme.example")
    two = account(platform, tenant.workspace, "two@acme.example")
    stored = platform.adapters.users._users  # noqa: SLF001 - as above
    visitor = Visitor(platform, tenant)
    code = visitor.sign_in("one@acme.example")
    assert code.status == 200
    stored[one.person] = replace(stored[one.person], profile=two.profile)
    answer = visitor.step("context")
    assert (answer.status, answer.code) == (503, "store_unavailable"), answer
    assert "two@" not in answer.body
    assert "sealed data did not open" in logged.getvalue()


@pytest.mark.parametrize(("here", "there"), [*PAIRS, ("mine", "mine")])
def test_an_object_under_the_key_of_another_is_refused(
    platform: Platform, tenants: Mapping[str, Tenant], logged: StringIO, here: str, there: str
) -> None:
    sessions = _large(platform, tenants)
    rows, objects = platform.adapters.sessions.payloads, platform.adapters.objects
    (mine, token), (other, _) = sessions[here], sessions[there]
    stranger = rows[other].sealed
    assert isinstance(stranger, SealedObject)
    body = objects.get(other, stranger)
    # Whoever can write the bucket and the table can make everything fit but the message itself.
    key = new_object_key()
    forged = replace(stranger, key=key, object_version=objects.put(mine, key, body))
    honest = rows[mine]
    rows[mine] = replace(honest, sealed=forged)
    _refuses(logged, token, "GET", "/api/v1/sessions")
    # Without the bucket, a row may point to another's object: it is not found.
    rows[mine] = replace(honest, sealed=stranger)
    answer = send("GET", "/api/v1/sessions", token=token)
    if here == there:
        assert answer.status == 200
        return
    assert (answer.status, answer.code) == (503, "store_unavailable"), answer
    assert not any(name in answer.body for name in NAMES)


def test_a_payload_of_a_row_does_not_open_in_an_object_nor_the_reverse(
    platform: Platform, tenants: Mapping[str, Tenant], logged: StringIO
) -> None:
    mine, token = _large(platform, tenants)["mine"]
    rows, objects = platform.adapters.sessions.payloads, platform.adapters.objects
    sealed = rows[mine].sealed
    assert isinstance(sealed, SealedObject)
    large = Sealed(sealed.version, objects.get(mine, sealed))
    rows[mine] = replace(rows[mine], sealed=large)
    _refuses(logged, token, "GET", "/api/v1/sessions")
    send("PUT", "/api/v1/sessions", token=token, body={"a": 1})
    small = rows[mine].sealed
    assert isinstance(small, Sealed)
    key = new_object_key()
    version, body = objects.put(mine, key, small.ciphertext), small.ciphertext
    moved = SealedObject(small.version, key, version, len(body), sha256(body))
    rows[mine] = replace(rows[mine], sealed=moved)
    _refuses(logged, token, "GET", "/api/v1/sessions")
