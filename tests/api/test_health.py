from tests.api.platform import Platform, send


def test_health_is_answered_to_anybody(platform: Platform) -> None:
    platform.tenant()
    for headers in ({}, {"origin": "https://anywhere.example"}):
        answer = send("GET", "/api/v1/health", headers=headers)
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_health_tells_nothing_of_anybody(platform: Platform) -> None:
    tenant = platform.tenant()
    token = platform.token(tenant, {"a": 1})
    events = len(platform.events)
    answer = send("GET", "/api/v1/health?workspace=acme", token=token)
    assert answer.status == 200
    for secret in (tenant.workspace.id, "acme", "mira", str(tenant.user), "test"):
        assert secret not in answer.body
    assert platform.actions_since(events) == []


def test_a_bad_token_does_not_matter_to_health(platform: Platform) -> None:
    platform.tenant()
    assert send("GET", "/api/v1/health", token="x.y.z").status == 200


def test_a_deployment_that_cannot_verify_a_token_is_not_healthy(platform: Platform) -> None:
    platform.adapters.keys._signing.clear()  # noqa: SLF001 - nobody else takes keys away
    answer = send("GET", "/api/v1/health")
    assert (answer.status, answer.code) == (503, "kms_unavailable")
    assert answer.headers["retry-after"] == "1"
