"""The conformance suite's plans replayed: a module of OpenID's each, by the name it has there.

Its own client sends PKCE where a provider announces it, and so does this one.
"""

from collections.abc import Callable
from urllib.parse import urlencode

import jwt
import pytest

from chalicelib.domain.limits import PUSHED_SECONDS
from chalicelib.domain.tokens import SigningAlg
from tests.api.authenticator import Authenticator, enrolled
from tests.api.platform import PAGE, Answer, Platform, send
from tests.api.prover import TOKEN, Prover
from tests.api.visitor import PASSWORD, post_form, query_of
from tests.openid.conformance import ISSUER, USERINFO, Client, client_on, named, pushed


def server(client: Client) -> None:
    tokens = client.flow()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    claims = client.told(tokens)
    assert claims["sub"] == client.userinfo(tokens["access_token"])["sub"]
    assert len(claims["sub"]) <= 255


def response_type_missing(client: Client) -> None:
    assert client.denied(client.sent(response_type=None)) == "invalid_request"


def userinfo_get(client: Client) -> None:
    assert set(client.userinfo(client.flow()["access_token"])) > {"sub"}


def userinfo_post_header(client: Client) -> None:
    answer = send("POST", USERINFO, token=client.flow()["access_token"])
    assert (answer.status, answer.json()["sub"]) == (200, str(client.visitor.tenant.user))


def userinfo_post_body(client: Client) -> None:
    token = client.flow()["access_token"]
    answer = post_form(USERINFO, {"access_token": token})
    assert (answer.status, answer.json()["sub"]) == (200, str(client.visitor.tenant.user))


def without_nonce(client: Client) -> None:
    client.told(client.flow(nonce=None), nonce=None)


def scoped(scope: str, *expected: str) -> "Module":
    def module(client: Client) -> None:
        tokens = client.flow(scope=scope)
        told = client.userinfo(tokens["access_token"])
        assert set(told) == {"sub", *expected}
        assert all(told[name] for name in expected)
        # The ID token says the address always, and of others nothing that was not asked for.
        of_person = {"name", "address", "phone_number"}
        assert client.told(tokens).keys() & of_person <= set(expected)

    return module


def accepted(**changes: str | None) -> "Module":
    def module(client: Client) -> None:
        client.told(client.flow(**changes))

    return module


def prompt_login(client: Client) -> None:
    first = client.told(client.flow())
    client.pause(2)
    sent = client.sent(prompt="login")
    assert client.page(sent).json()["person"] is None
    continued = client.visitor.step("continue", request=query_of(sent.headers["location"]))
    assert continued.code == "token_missing"
    second = client.told(client.tokens(client.signed_in(sent)["code"]))
    assert second["sub"] == first["sub"]
    assert second["auth_time"] > first["auth_time"]


def prompt_none_not_logged_in(client: Client) -> None:
    assert client.denied(client.sent(prompt="none")) == "login_required"


def prompt_none_logged_in(client: Client) -> None:
    first = client.told(client.flow())
    client.pause(2)
    back = client.back(client.sent(prompt="none").headers["location"])
    second = client.told(client.tokens(back["code"]))
    assert [second[name] for name in ("sub", "auth_time")] == [first["sub"], first["auth_time"]]


def max_age_1(client: Client) -> None:
    first = client.told(client.flow())
    client.pause(2)
    sent = client.sent(max_age="1")
    assert client.page(sent).json()["person"] is None
    second = client.told(client.tokens(client.signed_in(sent)["code"]))
    assert second["auth_time"] > first["auth_time"]
    assert client.denied(_later(client, prompt="none", max_age="1")) == "login_required"


def max_age_10000(client: Client) -> None:
    first = client.told(client.flow())
    sent = _later(client, max_age="10000")
    assert client.page(sent).json()["person"]["email"] == client.visitor.tenant.email
    second = client.told(client.tokens(client.went_on(sent)["code"]))
    assert second["auth_time"] == first["auth_time"]


def id_token_hint(client: Client) -> None:
    tokens = client.flow()
    client.pause(3_600)  # a hint is shown long after it expired
    sent = client.sent(prompt="none", id_token_hint=tokens["id_token"])
    back = client.back(sent.headers["location"])
    assert client.told(client.tokens(back["code"]))["sub"] == client.told_before(tokens)["sub"]


def login_hint(client: Client) -> None:
    hint = "buffy@example.com"
    assert client.asked(login_hint=hint)["loginHint"] == hint
    client.told(client.flow(login_hint=hint))


def acr_values(client: Client) -> None:
    metadata = send("GET", "/oidc/acme/.well-known/openid-configuration").json()
    values = metadata["acr_values_supported"]
    assert client.told(client.flow(acr_values="1 2"))["acr"] in values
    authenticator = enrolled(client.platform, client.visitor.tenant)
    sent = client.sent(acr_values="sf:2")
    claims = client.told(client.tokens(_by_two(client, sent, authenticator)))
    assert claims["acr"] == "sf:2"


def code_reuse(client: Client) -> None:
    code = client.code()
    client.tokens(code)
    answer = client.exchanged(code)
    assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")


def code_reuse_30_seconds(client: Client) -> None:
    code = client.code()
    token = client.tokens(code)["access_token"]
    client.pause(30)
    answer = client.exchanged(code)
    assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")
    # RFC 6749, 4.1.2: tokens that came of it should be revoked.
    assert send("GET", USERINFO, token=token).status == 401


def registered_redirect_uri(client: Client) -> None:
    for other in (f"{PAGE}/other", f"{PAGE}/?more=1", "https://evil.example/", PAGE):
        _shown_an_error(client, redirect_uri=other)


def redirect_uri_regfrag(client: Client) -> None:
    _shown_an_error(client, redirect_uri=f"{PAGE}/#fragment")
    answer = send(
        "POST",
        "/api/v1/applications/notes/redirect-uris",
        token=client.platform.member_token(client.visitor.tenant.workspace),
        body={"redirectUri": f"{PAGE}/#fragment"},
    )
    assert (answer.status, answer.code) == (400, "invalid_input")


def redirect_uri_query_ok(client: Client) -> None:
    uri = f"{PAGE}/?foo=bar"
    body = {"redirectUri": uri}
    token = client.platform.member_token(client.visitor.tenant.workspace)
    path = "/api/v1/applications/notes/redirect-uris"
    assert send("POST", path, token=token, body=body).status == 200
    client.pause(6)
    back = client.signed_in(client.sent(redirect_uri=uri))
    assert back["foo"] == "bar"
    client.tokens(back["code"], redirect_uri=uri)


def redirect_uri_missing(client: Client) -> None:
    _shown_an_error(client, redirect_uri=None)


def post_request(client: Client) -> None:
    answer = post_form("/oidc/acme/authorize", client.visitor.params())
    assert answer.status == 303
    client.told(client.tokens(client.signed_in(answer)["code"]))


def client_secret_post(client: Client) -> None:
    secret = {"client_id": client.id, "client_secret": client.server.secret}
    client.told(client.tokens(client.code(), headers={}, **secret))


def request_object(client: Client) -> None:
    unsigned = jwt.encode({"nonce": "other"}, key="", algorithm="none")
    assert client.denied(client.sent(request=unsigned)) == "request_not_supported"


def request_object_with_redirect_uri(client: Client) -> None:
    unsigned = jwt.encode({"redirect_uri": "https://evil.example/"}, key="", algorithm="none")
    _shown_an_error(client, redirect_uri=None, request=unsigned)
    assert client.denied(client.sent(request=unsigned)) == "request_not_supported"


def claims_essential(client: Client) -> None:
    metadata = send("GET", "/oidc/acme/.well-known/openid-configuration").json()
    assert metadata["claims_parameter_supported"] is False
    client.told(client.flow(claims='{"userinfo": {"name": {"essential": true}}}'))


def refresh_token(client: Client) -> None:
    first = client.flow(scope="openid offline_access")
    client.pause(2)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    answer = client.server.post("token", form)
    assert answer.status == 200, answer
    before, after = client.told_before(first), client.told(answer.json(), nonce=None)
    for same in ("iss", "sub", "aud", "auth_time"):
        assert after[same] == before[same]
    assert after["iat"] > before["iat"]
    assert client.userinfo(answer.json()["access_token"])["sub"] == before["sub"]
    form["refresh_token"] = answer.json()["refresh_token"]
    other = client.second().server.post("token", form)
    assert (other.status, other.json()["error"]) == (400, "invalid_grant")


def discovery(client: Client) -> None:
    client.platform.services.upkeep.signing_keys.add(SigningAlg.RS256)
    client.pause(60)
    found = send("GET", "/oidc/acme/.well-known/openid-configuration").json()
    assert found["issuer"] == ISSUER
    for name in ("authorization", "token", "userinfo"):
        assert found[f"{name}_endpoint"].startswith("https://")
    assert "code" in found["response_types_supported"]
    assert "public" in found["subject_types_supported"]
    assert {"ES256", "RS256"} <= set(found["id_token_signing_alg_values_supported"])
    assert {"openid", "email", "profile", "offline_access"} <= set(found["scopes_supported"])
    assert {"iss", "sub", "aud", "exp", "iat", "email"} <= set(found["claims_supported"])
    for name in ("claims", "request", "request_uri"):
        assert found[f"{name}_parameter_supported"] is False


def keys(client: Client) -> None:
    client.platform.services.upkeep.signing_keys.add(SigningAlg.RS256)
    client.pause(60)
    found = send("GET", "/oidc/acme/jwks.json").json()["keys"]
    assert len({key["kid"] for key in found}) == len(found) == 2
    assert {(key["kty"], key["alg"], key["use"]) for key in found} == {
        ("EC", "ES256", "sig"),
        ("RSA", "RS256", "sig"),
    }
    private = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
    assert [private & set(key) for key in found] == [set(), set()]


def id_token_rs256(client: Client) -> None:
    client.platform.services.upkeep.signing_keys.add(SigningAlg.RS256)
    client.pause(60)
    token = client.platform.member_token(client.visitor.tenant.workspace)
    path = "/api/v1/applications/notes"
    assert send("PATCH", path, token=token, body={"idTokenAlg": "RS256"}).status == 200
    client.pause(6)
    tokens = client.flow()
    assert jwt.get_unverified_header(tokens["id_token"])["alg"] == "RS256"
    client.told(tokens)


def par_used_again(client: Client) -> None:
    address = pushed(client)
    client.tokens(client.signed_in(named(client, address))["code"])
    _is_an_error(named(client, address))


def par_expired(client: Client) -> None:
    address = pushed(client)
    client.pause(PUSHED_SECONDS)
    _is_an_error(named(client, address))


def par_of_another_client(client: Client) -> None:
    address = pushed(client)
    _is_an_error(named(client.second(), address))


def par_other_parameters(client: Client) -> None:
    query = {"client_id": client.id, "request_uri": pushed(client), "state": "other"}
    sent = client.visitor.get(f"/oidc/acme/authorize?{urlencode(query)}")
    assert query_of(sent.headers["location"])["state"] == "s-1"


def par_plain_pkce(client: Client) -> None:
    for changes in (
        {"code_challenge_method": "plain"},
        {"code_challenge": None, "code_challenge_method": None},
    ):
        params = client.visitor.params(**changes)
        answer = post_form("/oidc/acme/par", params, **client.server.basic)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


def par_request_uri(client: Client) -> None:
    params = {**client.visitor.params(), "request_uri": pushed(client)}
    answer = post_form("/oidc/acme/par", params, **client.server.basic)
    assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


def par_unregistered_redirect_uri(client: Client) -> None:
    params = client.visitor.params(redirect_uri="https://evil.example/")
    answer = post_form("/oidc/acme/par", params, **client.server.basic)
    assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


def dpop_negative(client: Client) -> None:
    prover = _prover(client)
    good = prover.proof("POST", TOKEN)
    code = client.code()
    for proof in (
        prover.proof("GET", TOKEN),
        prover.proof("POST", f"{ISSUER}/other"),
        prover.proof("POST", TOKEN, iat=prover.clock.now() - 120),
        prover.proof("POST", TOKEN, jti=None),
        prover.proof("POST", TOKEN, header={"typ": "JWT"}),
        prover.proof("POST", TOKEN, header={"jwk": None}),
        f"{good[:-8]}AAAAAAAA",
    ):
        answer = client.exchanged(code, headers={**client.server.basic, "dpop": proof})
        assert (answer.status, answer.json()["error"]) == (400, "invalid_dpop_proof")
    bound = client.exchanged(code, headers={**client.server.basic, "dpop": good})
    assert bound.json()["token_type"] == "DPoP"
    token = bound.json()["access_token"]
    assert send("GET", USERINFO, token=token).status == 401
    assert post_form(USERINFO, {"access_token": token}).status == 401
    assert prover.send("GET", USERINFO, token).status == 200


def dpop_code_binding(client: Client) -> None:
    prover, other = _prover(client), _prover(client)
    code = client.code(dpop_jkt=prover.thumbprint)
    for headers in ({"dpop": other.proof("POST", TOKEN)}, {}):
        answer = client.exchanged(code, headers={**client.server.basic, **headers})
        assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")


def dpop_at_par(client: Client) -> None:
    prover, other = _prover(client), _prover(client)
    headers = {**client.server.basic, "dpop": prover.proof("POST", f"{ISSUER}/par")}
    mixed = client.visitor.params(dpop_jkt=other.thumbprint)
    answer = post_form("/oidc/acme/par", mixed, **headers)
    assert answer.json()["error"] == "invalid_dpop_proof"
    headers["dpop"] = prover.proof("POST", f"{ISSUER}/par")
    address = post_form("/oidc/acme/par", client.visitor.params(), **headers).json()["request_uri"]
    code = client.signed_in(named(client, address))["code"]
    thief = client.exchanged(
        code, headers={**client.server.basic, "dpop": other.proof("POST", TOKEN)}
    )
    assert thief.json()["error"] == "invalid_grant"


def _later(client: Client, **changes: str | None) -> Answer:
    client.pause(2)
    return client.sent(**changes)


def _by_two(client: Client, sent: Answer, authenticator: Authenticator) -> str:
    request = query_of(sent.headers["location"])
    words = {"email": client.visitor.tenant.email, "password": PASSWORD}
    step = client.visitor.step("sign-in", request=request, **words).json()["step"]
    typed = {"challenge": step["challenge"], "code": authenticator.code()}
    answer = client.visitor.step("steps/totp", request=request, **typed)
    return client.back(answer.json()["redirectTo"])["code"]


def _shown_an_error(client: Client, **changes: str | None) -> None:
    _is_an_error(client.visitor.authorize(**changes))


def _is_an_error(answer: Answer) -> None:
    assert (answer.status, answer.headers.get("location")) == (400, None), answer


def _prover(client: Client) -> Prover:
    workspace = client.visitor.tenant.workspace.id
    return Prover(
        client.platform.adapters.clock, nonce=client.platform.services.dpop.nonce(workspace)
    )


Module = Callable[[Client], None]
OF_EMAIL, OF_PROFILE = ("email", "email_verified"), ("name",)
BASIC: dict[str, Module] = {
    "oidcc-server": server,
    "oidcc-response-type-missing": response_type_missing,
    "oidcc-userinfo-get": userinfo_get,
    "oidcc-userinfo-post-header": userinfo_post_header,
    "oidcc-userinfo-post-body": userinfo_post_body,
    "oidcc-ensure-request-without-nonce-succeeds-for-code-flow": without_nonce,
    "oidcc-scope-profile": scoped("openid profile", *OF_PROFILE),
    "oidcc-scope-email": scoped("openid email", *OF_EMAIL),
    "oidcc-scope-address": scoped("openid address"),
    "oidcc-scope-phone": scoped("openid phone"),
    "oidcc-scope-all": scoped("openid profile email address phone", *OF_EMAIL, *OF_PROFILE),
    "oidcc-ensure-other-scope-order-succeeds": scoped("email openid", *OF_EMAIL),
    "oidcc-display-page": accepted(display="page"),
    "oidcc-display-popup": accepted(display="popup"),
    "oidcc-prompt-login": prompt_login,
    "oidcc-prompt-none-not-logged-in": prompt_none_not_logged_in,
    "oidcc-prompt-none-logged-in": prompt_none_logged_in,
    "oidcc-max-age-1": max_age_1,
    "oidcc-max-age-10000": max_age_10000,
    "oidcc-ensure-request-with-unknown-parameter-succeeds": accepted(extra="foobar"),
    "oidcc-id-token-hint": id_token_hint,
    "oidcc-login-hint": login_hint,
    "oidcc-ui-locales": accepted(ui_locales="se fr-CA en"),
    "oidcc-claims-locales": accepted(claims_locales="se"),
    "oidcc-ensure-request-with-acr-values-succeeds": acr_values,
    "oidcc-codereuse": code_reuse,
    "oidcc-codereuse-30seconds": code_reuse_30_seconds,
    "oidcc-ensure-registered-redirect-uri": registered_redirect_uri,
    "oidcc-ensure-post-request-succeeds": post_request,
    "oidcc-server-client-secret-post": client_secret_post,
    "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported": request_object,
    "oidcc-claims-essential": claims_essential,
    "oidcc-ensure-request-object-with-redirect-uri": request_object_with_redirect_uri,
    "oidcc-refresh-token": refresh_token,
    "oidcc-ensure-request-with-valid-pkce-succeeds": server,
}
CONFIG: dict[str, Module] = {
    "oidcc-discovery-endpoint-verification": discovery,
    "oidcc-server-rotate-keys, as far as keys go": keys,
}
DYNAMIC: dict[str, Module] = {
    "oidcc-idtoken-rs256": id_token_rs256,
    "oidcc-redirect-uri-query-OK": redirect_uri_query_ok,
    "oidcc-redirect-uri-regfrag": redirect_uri_regfrag,
    "oidcc-ensure-redirect-uri-in-authorization-request": redirect_uri_missing,
}
FAPI: dict[str, Module] = {
    "par-attempt-reuse-request_uri": par_used_again,
    "par-attempt-to-use-expired-request_uri": par_expired,
    "par-attempt-to-use-request_uri-for-different-client": par_of_another_client,
    "par-authorization-request-containing-other-parameters": par_other_parameters,
    "par-plain-pkce-rejected": par_plain_pkce,
    "par-authorization-request-containing-request_uri-form-param": par_request_uri,
    "par-attempt-invalid-redirect_uri": par_unregistered_redirect_uri,
    "dpop-negative-tests": dpop_negative,
    "ensure-dpop-auth-code-binding-success": dpop_code_binding,
    "ensure-dpop-proof-at-par-endpoint-binding-success": dpop_at_par,
}


@pytest.mark.parametrize(
    "module",
    [
        pytest.param(module, id=f"{plan}: {name}")
        for plan, modules in (
            ("basic", BASIC),
            ("config", CONFIG),
            ("dynamic", DYNAMIC),
            ("fapi2", FAPI),
        )
        for name, module in modules.items()
    ],
)
def test_a_module_of_the_conformance_suite_passes(platform: Platform, module: Module) -> None:
    module(client_on(platform))
