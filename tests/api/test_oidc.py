import base64
import hashlib
import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import jwt
import pytest

from chalicelib.domain.workspaces import Gate, GateStatus
from tests.api.platform import OWN_ORIGIN, PAGE, Answer, Platform, Tenant, send
from tests.api.visitor import Visitor, account, code_of, post_form, query_of
from tests.domain.tricks import MALFORMED, STRANGERS
from tests.promised import document

ISSUER = f"{OWN_ORIGIN}/oidc/acme"
OAUTH = "/.well-known/oauth-authorization-server/oidc"
TRICKS = [trick for trick in (*MALFORMED, *STRANGERS) if trick != f"{PAGE}/"]
BROWSER = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant)


def _claims(answer: Answer) -> dict[str, Any]:
    """The ID token's claims, verified as a client would, by the published keys."""
    (key,) = send("GET", "/oidc/acme/jwks.json").json()["keys"]
    token = answer.json()["id_token"]
    claims: dict[str, Any] = jwt.decode(
        token,
        jwt.PyJWK(key),
        algorithms=["ES256"],
        issuer=ISSUER,
        options={"verify_exp": False, "verify_iat": False, "verify_aud": False},
    )
    return claims


def test_metadata_lists_what_exists(tenant: Tenant) -> None:
    answer = send("GET", f"/oidc/{tenant.workspace.slug}/.well-known/openid-configuration")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "public, max-age=300"
    found = answer.json()
    assert found["issuer"] == ISSUER
    endpoints = {n: u for n, u in found.items() if n.endswith(("_endpoint", "_uri"))}
    assert endpoints == {
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": f"{ISSUER}/token",
        "jwks_uri": f"{ISSUER}/jwks.json",
        "end_session_endpoint": f"{ISSUER}/logout",
        "userinfo_endpoint": f"{ISSUER}/userinfo",
        "revocation_endpoint": f"{ISSUER}/revoke",
        "introspection_endpoint": f"{ISSUER}/introspect",
        "device_authorization_endpoint": f"{ISSUER}/device_authorization",
        "pushed_authorization_request_endpoint": f"{ISSUER}/par",
    }
    assert found["response_types_supported"] == ["code"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["token_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "client_secret_post",
        "none",
    ]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found.keys() == document()["components"]["schemas"]["Metadata"]["properties"].keys()


def test_clients_of_plain_oauth_find_the_same_at_their_own_address(tenant: Tenant) -> None:
    answer = send("GET", f"{OAUTH}/{tenant.workspace.slug}")
    other = send("GET", f"/oidc/{tenant.workspace.slug}/.well-known/openid-configuration")
    assert (answer.status, answer.json()) == (200, other.json())
    assert answer.headers["cache-control"] == other.headers["cache-control"]


@pytest.mark.parametrize("slug", ["nowhere", "a%23b", "..", "%00", "acme%2F"])
def test_plain_oauth_finds_no_workspace_either_that_is_not_there(tenant: Tenant, slug: str) -> None:
    assert tenant.workspace.slug == "acme"
    assert send("GET", f"{OAUTH}/{slug}").status == 404


def test_every_page_may_read_keys_and_metadata(tenant: Tenant) -> None:
    slug = tenant.workspace.slug
    places = (f"/oidc/{slug}/jwks.json", f"/oidc/{slug}/.well-known/openid-configuration")
    for path in (*places, f"{OAUTH}/{slug}"):
        answer = send("GET", path, headers={"origin": "https://anywhere.example"})
        assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "name", ["jwks.json", ".well-known/openid-configuration", "authorize", "logout"]
)
@pytest.mark.parametrize("slug", ["nowhere", "a%23b", "..", "%00"])
def test_a_workspace_that_is_not_there_is_404(tenant: Tenant, name: str, slug: str) -> None:
    assert tenant.workspace.slug == "acme"
    assert send("GET", f"/oidc/{slug}/{name}").status == 404


def test_keys_are_public_halves(tenant: Tenant) -> None:
    (key,) = send("GET", f"/oidc/{tenant.workspace.slug}/jwks.json").json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert (key["kty"], key["alg"], key["use"]) == ("EC", "ES256", "sig")


def test_a_request_leads_to_the_login_page_with_all_of_it(visitor: Visitor) -> None:
    answer = visitor.authorize(login_hint="mira@acme.example", state="a b&c=ü/?#")
    assert answer.status == 302
    assert answer.headers["cache-control"] == "no-store"
    location = answer.headers["location"]
    assert location.startswith("/app/sessions/login?")
    assert query_of(location) == {
        "workspace_name": "acme",
        "app_id": "notes",
        **visitor.params(login_hint="mira@acme.example", state="a b&c=ü/?#"),
    }


def test_the_page_is_given_the_request_and_nothing_else(visitor: Visitor) -> None:
    answer = visitor.authorize(error="access_denied", workspace_name="evil", foo="bar")
    found = query_of(answer.headers["location"])
    assert found["workspace_name"] == "acme"
    assert set(found) == {"workspace_name", "app_id", *visitor.params()}


def test_a_request_can_be_posted(visitor: Visitor) -> None:
    answer = post_form("/oidc/acme/authorize", visitor.params())
    assert answer.status == 303
    assert query_of(answer.headers["location"])["client_id"] == visitor.params()["client_id"]


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("prompt", ["login", "none"])
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    visitor: Visitor, trick: str, prompt: str
) -> None:
    visitor.sign_in()
    request = {**visitor.params(prompt=prompt), "redirect_uri": trick}
    path = f"/oidc/acme/authorize?{urlencode(request)}"
    answer = visitor.get(path)
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert "location" not in answer.headers
    answer = visitor.get(path, **BROWSER)
    own = "/app/sessions/login?error=redirect_uri_not_registered&request_id=req-1"
    assert (answer.status, answer.headers["location"]) == (302, own)
    assert visitor.authorize(redirect_uri=None).status == 400


@pytest.mark.parametrize("trick", TRICKS)
def test_nobody_is_sent_there_after_a_sign_out_either(visitor: Visitor, trick: str) -> None:
    request = {
        "client_id": visitor.tenant.application.client_id,
        "post_logout_redirect_uri": trick,
        "state": "s-1",
    }
    answer = visitor.get(f"/oidc/acme/logout?{urlencode(request)}")
    assert (answer.status, answer.headers["location"]) == (302, "/#signed-out")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"client_id": None}, 400),
        ({"client_id": ""}, 400),
        ({"client_id": "c" + "a" * 26}, 404),
        ({"client_id": "a#b"}, 404),
        ({"app_id": "forms"}, 404),
    ],
)
def test_an_unknown_client_is_not_answered_at_its_address(
    visitor: Visitor, changes: dict[str, str | None], status: int
) -> None:
    answer = visitor.authorize(**changes)
    assert answer.status == status
    assert "location" not in answer.headers


def test_a_client_of_another_workspace_is_unknown(platform: Platform, visitor: Visitor) -> None:
    neighbour = platform.tenant("neighbour")
    answer = visitor.authorize(client_id=neighbour.application.client_id)
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_parameter_that_is_sent_twice_is_refused(visitor: Visitor) -> None:
    query = urlencode(visitor.params())
    for twice in ("redirect_uri=https%3A%2F%2Fevil.example", "state=other", "client_id=c"):
        answer = visitor.get(f"/oidc/acme/authorize?{query}&{twice}")
        assert (answer.status, answer.code) == (400, "invalid_input")
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"scope": 'openid "quoted"'}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "everything"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"nonce": "a\nb"}, "invalid_request"),
        ({"login_hint": "a" * 321}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "none", "max_age": "0"}, "login_required"),
    ],
)
def test_a_client_learns_what_is_wrong_with_its_request(
    visitor: Visitor, changes: dict[str, str | None], error: str
) -> None:
    answer = visitor.authorize(**changes)
    assert answer.status == 302
    location = answer.headers["location"]
    assert location.startswith("https://notes.example/?")
    found = query_of(location)
    assert set(found) == {"error", "error_description", "state", "iss"}
    assert (found["error"], found["state"], found["iss"]) == (error, "s-1", ISSUER)
    assert found["error_description"].isascii()


def test_a_state_that_cannot_be_echoed_is_not(visitor: Visitor) -> None:
    found = query_of(visitor.authorize(state="a\r\nb").headers["location"])
    assert found["error"] == "invalid_request"
    assert "state" not in found


def test_a_silent_request_is_answered_for_whom_the_browser_knows(visitor: Visitor) -> None:
    visitor.sign_in()
    answer = visitor.authorize(prompt="none")
    assert answer.status == 302
    assert visitor.exchange(code_of(answer.headers["location"])).status == 200


def test_a_code_is_exchanged_for_tokens(platform: Platform, visitor: Visitor) -> None:
    before = len(platform.events)
    answer = visitor.exchange(visitor.code())
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    found = answer.json()
    assert set(found) == {"access_token", "token_type", "expires_in", "scope", "id_token"}
    assert (found["token_type"], found["expires_in"]) == ("Bearer", 900)
    assert found["scope"] == "openid email profile"
    assert platform.actions_since(before) == ["signin.succeeded", "session.created"]
    identity = send("GET", "/api/v1/sessions/identity", token=found["access_token"]).json()
    assert identity == {"userId": visitor.tenant.user, "email": visitor.tenant.email}


def test_the_id_token_says_who_for_whom_and_to_which_request(
    platform: Platform, visitor: Visitor
) -> None:
    answer = visitor.exchange(visitor.code())
    claims = _claims(answer)
    now = platform.adapters.clock.now()
    digest = hashlib.sha256(answer.json()["access_token"].encode()).digest()
    expected = {
        "iss": ISSUER,
        "aud": visitor.tenant.application.client_id,
        "azp": visitor.tenant.application.client_id,
        "sub": str(visitor.tenant.user),
        "iat": now,
        "exp": now + 300,
        "auth_time": now,
        "nonce": "n-1",
        "at_hash": base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode(),
        "email": visitor.tenant.email,
        "email_verified": True,
        "name": "Mira",
        "amr": ["pwd"],
        "acr": "sf:1",
    }
    assert {name: claims[name] for name in expected} == expected
    assert set(claims) == {*expected, "sid", "gid", "jti"}


def test_a_name_is_told_only_to_those_who_ask(visitor: Visitor) -> None:
    request = {"workspace_name": "acme", **visitor.params(scope="openid", nonce=None)}
    words = {"email": visitor.tenant.email, "password": "plain words are long"}
    location = visitor.step("sign-in", request=request, **words).json()["redirectTo"]
    claims = _claims(visitor.exchange(code_of(location)))
    assert "name" not in claims
    assert "nonce" not in claims


def test_a_second_sign_in_continues_the_same_session(platform: Platform, visitor: Visitor) -> None:
    first = _claims(visitor.exchange(visitor.code()))
    before = len(platform.events)
    second = _claims(visitor.exchange(visitor.code()))
    assert first["sid"] == second["sid"]
    assert platform.actions_since(before) == ["signin.succeeded"]


def test_a_code_works_once_and_a_second_use_ends_what_the_first_gave(
    platform: Platform, visitor: Visitor
) -> None:
    other = visitor.exchange(visitor.code()).json()["access_token"]
    code = visitor.code()
    first = visitor.exchange(code).json()["access_token"]
    assert send("GET", "/api/v1/sessions", token=first).status == 200
    before = len(platform.events)
    again = visitor.exchange(code)
    assert (again.status, again.json()["error"]) == (400, "invalid_grant")
    assert platform.actions_since(before) == ["code.reused"]
    assert send("GET", "/api/v1/sessions", token=first).code == "token_superseded"
    assert send("GET", "/api/v1/sessions", token=other).status == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "a" * 43},
        {"code_verifier": "short"},
        {"redirect_uri": "https://notes.example"},
        {"redirect_uri": "https://evil.example/"},
    ],
)
def test_what_does_not_fit_the_code_gets_nothing_and_burns_it(
    platform: Platform, visitor: Visitor, changes: dict[str, str]
) -> None:
    code = visitor.code()
    before = len(platform.events)
    refused = visitor.exchange(code, **changes)
    assert (refused.status, refused.json()["error"]) == (400, "invalid_grant")
    assert set(refused.json()) == {"error", "error_description"}
    assert refused.headers["cache-control"] == "no-store"
    assert visitor.exchange(code).json()["error"] == "invalid_grant"
    assert platform.actions_since(before) == []


@pytest.mark.parametrize("stranger", ["sfc_" + "a" * 43, "sfi_", "é", "\x00"])
def test_a_code_that_was_never_given_is_invalid(visitor: Visitor, stranger: str) -> None:
    assert visitor.exchange(stranger).json()["error"] == "invalid_grant"


def test_a_code_belongs_to_its_client(platform: Platform, visitor: Visitor) -> None:
    tenant = visitor.tenant
    other = platform.application(tenant.workspace, tenant.user, "forms")
    answer = visitor.exchange(visitor.code(), client_id=other.client_id)
    assert answer.json()["error"] == "invalid_grant"


def test_a_code_of_one_workspace_is_nothing_at_another(
    platform: Platform, visitor: Visitor
) -> None:
    neighbour = platform.tenant("neighbour")
    code = visitor.code()
    other = neighbour.application.client_id
    assert visitor.exchange(code, at="neighbour").json()["error"] == "invalid_client"
    answer = visitor.exchange(code, at="neighbour", client_id=other)
    assert answer.json()["error"] == "invalid_grant"
    assert visitor.exchange(code).status == 200


def test_a_code_ends_after_a_minute(platform: Platform, visitor: Visitor) -> None:
    code = visitor.code()
    platform.adapters.clock.pause(60)
    assert visitor.exchange(code).json()["error"] == "invalid_grant"


def test_a_second_use_minutes_later_still_ends_the_tokens(
    platform: Platform, visitor: Visitor
) -> None:
    code = visitor.code()
    token = visitor.exchange(code).json()["access_token"]
    platform.adapters.clock.pause(600)
    assert visitor.exchange(code).status == 400
    assert send("GET", "/api/v1/sessions", token=token).code == "token_superseded"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"client_id": None}, "invalid_request"),
        ({"client_id": "c" + "a" * 26}, "invalid_client"),
        ({"client_id": "a#b"}, "invalid_client"),
        ({"code": ""}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"code_verifier": None}, "invalid_request"),
    ],
)
def test_a_token_request_is_refused_in_the_words_of_the_standard(
    platform: Platform, visitor: Visitor, changes: dict[str, str | None], error: str
) -> None:
    code = visitor.code()
    before = len(platform.events)
    given = {"code": code, **changes}
    answer = visitor.exchange(given.pop("code") or "", **given)
    status = 401 if error == "invalid_client" else 400
    assert (answer.status, answer.json()["error"]) == (status, error)
    assert platform.actions_since(before) == []
    assert visitor.exchange(code).status == 200


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        (b"{}", "application/json"),
        (b"grant_type=authorization_code&grant_type=password", None),
        (b"grant_type=%ff", None),
        (b"\xff=1", None),
        (b"&".join(b"a%d=1" % n for n in range(51)), None),
        (b"", None),
    ],
)
def test_a_token_request_of_another_form_is_invalid(
    tenant: Tenant, raw: bytes, media_type: str | None
) -> None:
    headers = {"content-type": media_type or "application/x-www-form-urlencoded"}
    answer = send("POST", f"/oidc/{tenant.workspace.slug}/token", raw=raw, headers=headers)
    assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


def test_only_a_registered_page_may_exchange(visitor: Visitor) -> None:
    code = visitor.code()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": visitor.tenant.application.client_id,
        "redirect_uri": visitor.redirect_uri,
        "code_verifier": visitor.verifier,
    }
    foreign = post_form("/oidc/acme/token", form, origin="https://evil.example")
    assert (foreign.status, foreign.code) == (403, "origin_not_allowed")
    answer = post_form("/oidc/acme/token", form, origin=PAGE)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] in {PAGE, "*"}
    assert "access-control-allow-credentials" not in answer.headers


def test_a_sealed_workspace_signs_nobody_in(platform: Platform, visitor: Visitor) -> None:
    code = visitor.code()
    platform.adapters.workspaces.gates[visitor.tenant.workspace.id] = Gate(GateStatus.SEALED, 2)
    platform.adapters.clock.pause(5)
    assert visitor.exchange(code).code == "workspace_sealed"
    assert visitor.sign_in().code == "workspace_sealed"
    answer = visitor.authorize()
    assert (answer.status, "location" in answer.headers) == (423, False)


def test_a_sign_out_ends_the_browsers_sign_in_and_its_cookie(visitor: Visitor) -> None:
    id_token = visitor.exchange(visitor.code()).json()["id_token"]
    kept = dict(visitor.cookies)
    request = {
        "id_token_hint": id_token,
        "post_logout_redirect_uri": "https://notes.example/",
        "state": "bye",
    }
    answer = visitor.get(f"/oidc/acme/logout?{urlencode(request)}")
    assert answer.status == 302
    assert answer.headers["location"] == "https://notes.example/?state=bye"
    (line,) = answer.cookies
    name = f"__Host-sf-{visitor.tenant.workspace.id}"
    assert line == f"{name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"
    visitor.cookies = kept
    assert visitor.step("continue").code == "token_missing"


def test_a_hint_serves_long_after_it_expired(platform: Platform, visitor: Visitor) -> None:
    hint = visitor.exchange(visitor.code()).json()["id_token"]
    platform.adapters.clock.pause(86_400)
    request = {"id_token_hint": hint, "post_logout_redirect_uri": "https://notes.example/"}
    answer = visitor.get(f"/oidc/acme/logout?{urlencode(request)}")
    assert answer.headers["location"] == "https://notes.example/"


def test_a_hint_about_somebody_else_has_the_person_asked(
    platform: Platform, visitor: Visitor
) -> None:
    account(platform, visitor.tenant.workspace, "ben@acme.example")
    location = Visitor(platform, visitor.tenant, verifier=visitor.verifier).sign_in(
        "ben@acme.example"
    )
    bens = visitor.exchange(code_of(location.json()["redirectTo"])).json()["id_token"]
    visitor.sign_in()
    answer = visitor.get(f"/oidc/acme/logout?id_token_hint={bens}")
    assert (answer.cookies, query_of(answer.headers["location"])["sign_out"]) == ([], "asked")
    assert bens not in answer.headers["location"]
    assert visitor.step("continue").status == 200


@pytest.mark.parametrize("kind", ["forged", "garbage", "access token", "neighbour's"])
def test_a_hint_that_is_none_ends_nothing(platform: Platform, visitor: Visitor, kind: str) -> None:
    tokens = visitor.exchange(visitor.code()).json()
    head, body, _ = tokens["id_token"].split(".")
    hint = {
        "forged": f"{head}.{body}.{'A' * 86}",
        "garbage": "a.b",
        "access token": tokens["access_token"],
        "neighbour's": platform.id_token(platform.tenant("neighbour")),
    }[kind]
    request = {"id_token_hint": hint, "post_logout_redirect_uri": "https://notes.example/"}
    answer = visitor.get(f"/oidc/acme/logout?{urlencode(request)}")
    assert query_of(answer.headers["location"])["sign_out"] == "asked"
    assert hint not in answer.headers["location"]
    assert visitor.step("continue").status == 200


def test_a_hint_of_one_client_does_not_open_the_addresses_of_another(
    platform: Platform, visitor: Visitor
) -> None:
    tenant = visitor.tenant
    forms = platform.application(
        tenant.workspace, tenant.user, "forms", page="https://forms.example"
    )
    request = {
        "id_token_hint": visitor.exchange(visitor.code()).json()["id_token"],
        "client_id": forms.client_id,
        "post_logout_redirect_uri": "https://forms.example/",
    }
    answer = visitor.get(f"/oidc/acme/logout?{urlencode(request)}")
    assert answer.headers["location"] == "/#signed-out"


@pytest.mark.parametrize(
    ("body", "reason", "name"),
    [
        (("acme", "notes", "https://notes.example/"), None, "Notes"),
        (("acme", "notes", "https://evil.example/"), "redirect_uri_not_registered", "Notes"),
        (("acme", "forms", "https://notes.example/"), "application_unknown", None),
        (("acme", "a#b", "https://notes.example/"), "application_unknown", None),
        (("nowhere", "notes", "https://notes.example/"), "workspace_unknown", None),
        (("", "", ""), "workspace_unknown", None),
    ],
)
@pytest.mark.parametrize("names", [("workspaceName", "appId", "redirectUri"), None])
def test_an_address_is_judged_for_anybody_who_asks(
    tenant: Tenant,
    body: tuple[str, str, str],
    reason: str | None,
    name: str | None,
    names: tuple[str, str, str] | None,
) -> None:
    assert tenant.workspace.slug == "acme"
    spelled = names or ("workspace_name", "app_id", "redirect_uri")
    asked = dict(zip(spelled, body, strict=True))
    answer = send("POST", "/api/v1/applications/validate-redirect", body=asked)
    assert answer.status == 200
    assert answer.json() == {
        "valid": reason is None,
        "appId": body[1],
        "redirectUri": body[2],
        "reason": reason,
        "displayName": name,
    }


def test_no_answer_of_the_whole_way_tells_a_secret_to_an_address(
    platform: Platform, visitor: Visitor
) -> None:
    location = visitor.sign_in().json()["redirectTo"]
    tokens = visitor.exchange(code_of(location)).json()
    visited = [location, visitor.authorize().headers["location"]]
    for address in visited:
        assert tokens["access_token"] not in address
        assert tokens["id_token"] not in address
        assert quote(visitor.tenant.email) not in address
        assert visitor.verifier not in address
        assert urlsplit(address).fragment == ""
    recorded = json.dumps([dict(event.meta) for event in platform.events])
    assert visitor.tenant.email not in recorded


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("authorize", {"scope": "openid " + "x" * 9_000}),
        ("authorize", {"ui_locales": "x" * 9_000}),
        ("logout", {"state": "x" * 9_000}),
    ],
)
def test_what_fits_in_no_header_is_refused(
    visitor: Visitor, path: str, more: dict[str, str]
) -> None:
    form = {**visitor.params(), "post_logout_redirect_uri": visitor.redirect_uri, **more}
    answer = post_form(f"/oidc/acme/{path}", form)
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert "location" not in answer.headers
