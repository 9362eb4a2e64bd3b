"""What one request costs at the stores and at KMS, once everything is warm."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.ids import new_grant_id
from chalicelib.domain.limits import MAX_PAYLOAD_BYTES
from chalicelib.domain.tokens import IdToken, SignIn
from chalicelib.wiring.process import installed
from tests.api.platform import send
from tests.api.prover import Prover
from tests.engines import Engine, dynamodb_local, engine, moto_cloud
from tests.services.deployments import Deployment, Tenant, sign_in, tenants_of

__all__ = ["dynamodb_local", "engine", "moto_cloud"]

READ = ["BatchGetItem"]
WRITE = ["BatchGetItem", "TransactWriteItems"]
AT_ONCE = ["TransactWriteItems"]
# A sign-in may go on by refresh tokens, and may have begun several sessions.
SIGN_OUT = ["BatchGetItem", "Query", "Query", "TransactWriteItems"]
REQUESTS = [
    ("GET", "/api/v1/sessions", None, READ),
    ("GET", "/api/v1/sessions/get/a", None, READ),
    ("GET", "/api/v1/sessions/keys", None, READ),
    ("GET", "/api/v1/sessions/identity", None, READ),
    ("PUT", "/api/v1/sessions", {"a": 1}, AT_ONCE),
    ("PUT", "/api/v1/sessions", {"a": 2}, AT_ONCE),
    ("PATCH", "/api/v1/sessions", {"b": 2}, WRITE),
    ("POST", "/api/v1/sessions/set/c", {"value": 3}, WRITE),
    ("DELETE", "/api/v1/sessions/delete/c", None, WRITE),
    ("DELETE", "/api/v1/sessions/delete/never", None, READ),
    ("POST", "/api/v1/auth/logout", None, SIGN_OUT),
]

# Whoever is given a token rests on a sign-in: the last look is for its end.
GIVING = [
    ("/get-or-create", ["GetItem", "BatchGetItem", "GetItem", "Query"]),
    ("", ["GetItem", "BatchGetItem", "TransactWriteItems", "Query"]),
    ("/renew", ["GetItem", "GetItem", "TransactWriteItems", "Query", "BatchGetItem"]),
]

BIG = "x" * 400_000
COUNT = "UpdateItem"  # what adds or takes off 64 KiB and more is counted at once
# In their order: an object is put before the row points to it, the old one deleted after.
LARGE = [
    (
        *("PUT", "/api/v1/sessions", {"a": BIG}),
        ["put_object", "TransactWriteItems", COUNT],
    ),
    ("GET", "/api/v1/sessions", None, ["BatchGetItem", "get_object"]),
    ("GET", "/api/v1/sessions/identity", None, READ),
    (
        *("PUT", "/api/v1/sessions", {"b": BIG}),
        ["put_object", "TransactWriteItems", "delete_object"],
    ),
    (
        *("PATCH", "/api/v1/sessions", {"c": 1}),
        ["BatchGetItem", "get_object", "put_object", "TransactWriteItems", "delete_object"],
    ),
    (
        *("DELETE", "/api/v1/sessions/delete/b", None),
        ["BatchGetItem", "get_object", "TransactWriteItems", "delete_object", COUNT],
    ),
    ("GET", "/api/v1/sessions", None, READ),
    (
        *("PUT", "/api/v1/sessions", {"d": BIG}),
        ["put_object", "TransactWriteItems", COUNT],
    ),
    (
        *("POST", "/api/v1/sessions/revoke", None),
        ["BatchGetItem", "GetItem", "TransactWriteItems", "delete_object"],
    ),
]


@pytest.fixture
def deployment(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", engine.endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.dynamodb_endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    made = Deployment(engine, engine.fresh_stage())
    with installed(made.services):
        yield made


def tenant_of(deployment: Deployment) -> Tenant:
    tenant = next(tenants_of(deployment.services, payload_bytes=MAX_PAYLOAD_BYTES))
    sign_in(deployment.services, tenant, seeded=True)
    return tenant


def test_a_warm_request_makes_one_read_and_at_most_one_write_and_asks_no_kms(
    deployment: Deployment,
) -> None:
    tenant = tenant_of(deployment)
    assert send("PUT", "/api/v1/sessions", token=tenant.token, body={"a": 0}).status == 200
    assert send("GET", "/api/v1/sessions/identity", token=tenant.token).status == 200
    # Whoever asked it now would be refused.
    kms = deployment.engine.client("kms")
    for alias in (deployment.settings.root_key, deployment.settings.first_signing_key):
        kms.disable_key(KeyId=kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"])
    for method, path, body, expected in REQUESTS:
        deployment.calls.clear()
        answer = send(method, path, token=tenant.token, body=body)
        assert answer.status == 200, answer.body
        assert [operation for operation, _ in deployment.calls] == expected, (method, path)


def test_a_token_is_given_for_one_look_at_the_ends_of_sign_ins(deployment: Deployment) -> None:
    tenant = tenant_of(deployment)
    now = deployment.adapters.clock.now()
    token = deployment.services.tokens.id_token(
        IdToken(
            slug=tenant.workspace.slug,
            client_id=tenant.application.client_id,
            user=tenant.user,
            sid=tenant.ref.sid,
            grant=new_grant_id(),
            sign_in=SignIn(auth_time=now),
            iat=now,
            exp=now + 300,
        )
    )
    bodies = ({"workspaceName": tenant.workspace.slug}, {"sessionToken": tenant.token})
    for path, _ in GIVING:
        giving(path, token, bodies)
    for path, expected in GIVING:
        deployment.calls.clear()
        giving(path, token, bodies)
        assert [operation for operation, _ in deployment.calls] == expected, path


def giving(path: str, token: str, bodies: tuple[Any, Any]) -> None:
    body = bodies[path == "/renew"]
    answer = send("POST", f"/api/v1/sessions{path}", token=token, body=body)
    assert answer.status == 200, answer.body


def test_a_proof_of_a_key_costs_no_round_trip_and_asks_no_kms(deployment: Deployment) -> None:
    tenant = tenant_of(deployment)
    prover = Prover(deployment.services.adapters.clock)
    sign_in(deployment.services, tenant, seeded=True, key=prover.thumbprint)
    asked = prover.send("GET", "/api/v1/sessions", tenant.token)
    assert asked.status == 401
    prover.nonce = asked.headers["dpop-nonce"]
    assert prover.send("PUT", "/api/v1/sessions", tenant.token, body={"a": 0}).status == 200
    kms = deployment.engine.client("kms")
    alias = deployment.settings.root_key
    kms.disable_key(KeyId=kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"])
    for method, path, body, expected in REQUESTS:
        deployment.calls.clear()
        answer = prover.send(method, path, tenant.token, body=body)
        assert answer.status == 200, answer.body
        assert [operation for operation, _ in deployment.calls] == expected, (method, path)


def test_a_key_of_idempotency_costs_no_round_trip_of_its_own(deployment: Deployment) -> None:
    tenant = tenant_of(deployment)
    for value in (0, 1):
        assert send("PUT", "/api/v1/sessions", token=tenant.token, body={"a": value}).status == 200
    for number, (method, path, body, expected) in enumerate(REQUESTS):
        if "TransactWriteItems" not in expected or path.endswith("logout"):
            continue
        headers = {"idempotency-key": f"k{number}"}
        again = [*AT_ONCE, *READ] if method == "PUT" else READ
        for calls in (expected, again):
            deployment.calls.clear()
            answer = send(method, path, token=tenant.token, body=body, headers=headers)
            assert answer.status == 200, answer.body
            assert [operation for operation, _ in deployment.calls] == calls, (method, path)


def test_a_first_write_under_a_key_of_idempotency_makes_one_data_key(
    deployment: Deployment,
) -> None:
    tenant = tenant_of(deployment)
    assert send("GET", "/api/v1/sessions", token=tenant.token).status == 200
    deployment.calls.clear()
    headers = {"idempotency-key": "first"}
    body = {"value": 1}
    answer = send("POST", "/api/v1/sessions/set/a", token=tenant.token, body=body, headers=headers)
    assert answer.status == 200, answer.body
    # The data key of the workspace is not unwrapped yet: who is let in is asked first.
    made = [operation for operation, _ in deployment.calls]
    assert made == [*READ, *READ, "UpdateItem", "GetItem", *AT_ONCE]


def test_a_large_payload_costs_one_more_round_trip_each_way(deployment: Deployment) -> None:
    tenant = tenant_of(deployment)
    assert send("PUT", "/api/v1/sessions", token=tenant.token, body={"a": 0}).status == 200
    for method, path, body, expected in LARGE:
        deployment.calls.clear()
        answer = send(method, path, token=tenant.token, body=body)
        assert answer.status == 200, answer.body
        assert [operation for operation, _ in deployment.calls] == expected, (method, path)


def test_a_large_payload_that_the_reader_has_is_not_fetched(deployment: Deployment) -> None:
    tenant = tenant_of(deployment)
    method, path, body, _ = LARGE[0]
    etag = send(method, path, token=tenant.token, body=body).headers["etag"]
    deployment.calls.clear()
    headers = {"if-none-match": etag}
    assert send("GET", "/api/v1/sessions", token=tenant.token, headers=headers).status == 304
    assert [operation for operation, _ in deployment.calls] == READ


def test_the_end_of_a_small_session_pays_nothing_for_large_ones(deployment: Deployment) -> None:
    tenant = tenant_of(deployment)
    deployment.calls.clear()
    assert send("POST", "/api/v1/sessions/revoke", token=tenant.token).status == 200
    assert [operation for operation, _ in deployment.calls] == WRITE


def test_a_process_that_knows_no_settings_yet_gets_them_with_its_first_read(
    deployment: Deployment,
) -> None:
    tenant = tenant_of(deployment)
    fresh = Deployment(deployment.engine, deployment.stage)
    with installed(fresh.services):
        # Who verifies tokens has read the signing keys before.
        assert send("GET", "/api/v1/health").status == 200
        fresh.calls.clear()
        assert send("GET", "/api/v1/sessions/identity", token=tenant.token).status == 200
    assert [operation for operation, _ in fresh.calls] == READ
