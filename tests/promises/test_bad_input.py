"""Promise 12: whatever comes in, at whatever route, gets a clear answer and no failure of ours."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import app
from chalicelib.api.endpoint import declared
from tests.api.platform import OWN_ORIGIN, PAGE, Platform, Tenant, send

ROUTES = [
    pytest.param(path, method, declared[entry.view_function].caller, id=f"{method} {path}")
    for path, methods in sorted(app.routes.items())
    for method, entry in sorted(methods.items())
]
WITH_BODY = [route for route in ROUTES if route.values[1] != "GET"]
NAMES = [
    *("workspaceName", "displayName", "openSignup", "appId", "app_id", "redirectUris", "payload"),
    *("sessionToken", "request", "email", "password", "name", "challenge", "code", "value"),
    *("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge"),
    *("code_challenge_method", "prompt", "workspace_name", "grant_type", "code_verifier"),
    *("id_token_hint", "post_logout_redirect_uri", "login_hint", "max_age", "everywhere"),
    *("prefix", "cursor", "limit"),
]
# Every scalar, lone surrogates and control characters included.
TEXT = st.text(max_size=30)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.sampled_from(["acme", "notes", "S256", "code", f"{PAGE}/", "openid", "x" * 5_000])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | TEXT, inner)
    ),
    max_leaves=15,
)
BODIES = JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=200)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(
            ["application/json", "application/x-www-form-urlencoded", "text/plain", "a/b;c", ""]
        ),
        "if-match": st.sampled_from(["*", '"1"', 'W/"1"', '"' + "9" * 40 + '"', ",,", '"', "\x00"]),
        "if-none-match": st.sampled_from(["*", '"1"', 'W/"1"', 'W/"', '"1", *', "\x00"]),
        "cookie": st.text(st.characters(codec="latin-1"), max_size=60),
        "origin": st.sampled_from([PAGE, OWN_ORIGIN, "null", "", "https://", "://[", "x" * 3_000]),
        "x-secureflows": st.just("1"),
        "accept": st.sampled_from(["text/html", "*/*", ""]),
        "user-agent": st.text(st.characters(codec="latin-1"), max_size=600),
    },
)


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


def _credential(platform: Platform, tenant: Tenant, caller: str) -> str | None:
    if caller == "session":
        return platform.token(tenant, {"a": 1})
    if caller == "identity":
        return platform.id_token(tenant)
    if caller == "person":
        return platform.person_token(platform.newcomer(tenant))
    return platform.member_token(tenant.workspace) if caller == "member" else None


@pytest.mark.parametrize(("path", "method", "caller"), ROUTES)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_nothing_that_comes_in_leads_to_a_failure_of_ours(
    platform: Platform, tenant: Tenant, path: str, method: str, caller: str, data: st.DataObject
) -> None:
    at = path
    for step in (step for step in path.split("/") if step.startswith("{")):
        names = st.sampled_from(["acme", "%FF", "%00", "%ED%A0%80", "..", "%", "%2", "%zz"])
        spoken = st.text(min_size=1, max_size=20).map(
            lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="")
        )
        at = at.replace(step, data.draw(names | spoken, label="step"))
    query = data.draw(
        st.dictionaries(st.sampled_from(NAMES), st.text(st.characters(codec="utf-8")), max_size=5)
    )
    headers: dict[str, Any] = data.draw(HEADERS, label="headers")
    raw = data.draw(st.none() | BODIES, label="body") if method != "GET" else None
    own_page = {"origin": OWN_ORIGIN, "x-secureflows": "1"} if caller == "own_page" else {}
    answer = send(
        method,
        f"{at}?{urlencode(query)}" if query else at,
        token=_credential(platform, tenant, caller),
        raw=raw,
        headers={**headers, **own_page},
    )
    assert answer.status < 500, answer
    if answer.status >= 400 and "application/problem+json" in answer.headers["content-type"]:
        assert answer.json()["status"] == answer.status


@pytest.mark.parametrize(("path", "method", "caller"), WITH_BODY)
def test_a_json_body_of_the_right_names_and_wrong_kinds_is_refused_clearly(
    platform: Platform, tenant: Tenant, path: str, method: str, caller: str
) -> None:
    at = path.replace("{workspace}", "acme").replace("{key}", "a")
    headers = {"origin": OWN_ORIGIN, "x-secureflows": "1"} if caller == "own_page" else {}
    kinds: list[Any] = [None, True, 7, 1e300, "", "x", [], ["x"], {}, {"request": {}}, [[]] * 50]
    for kind in kinds:
        body = dict.fromkeys(NAMES, kind)
        for sent in (body, {"request": body, "email": "a@b.example", "password": "x"}):
            answer = send(
                method,
                at,
                token=_credential(platform, tenant, caller),
                body=sent,
                headers=headers,
            )
            assert answer.status < 500, answer
