"""ID tokens in RS256, for applications whose clients cannot read ES256."""

import jwt
import pytest

from chalicelib.domain.tokens import SigningAlg
from tests.api.desk import Desk, desk_on
from tests.api.platform import OWN_ORIGIN, Platform, send
from tests.api.visitor import Visitor, account

NOTES = "/api/v1/applications/notes"


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return desk_on(platform)


def _published(slug: str) -> jwt.PyJWKSet:
    return jwt.PyJWKSet.from_dict(send("GET", f"/oidc/{slug}/jwks.json").json())


def _offered(slug: str) -> list[str]:
    found = send("GET", f"/oidc/{slug}/.well-known/openid-configuration").json()
    return list(found["id_token_signing_alg_values_supported"])


def test_no_application_asks_for_what_nobody_can_sign(desk: Desk) -> None:
    answer = send("PATCH", NOTES, token=desk.token(), body={"idTokenAlg": "RS256"})
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert answer.json()["errors"][0]["pointer"] == "/idTokenAlg"
    assert send("GET", NOTES, token=desk.token()).json()["idTokenAlg"] == "ES256"
    assert _offered(desk.tenant.workspace.slug) == ["ES256"]


@pytest.mark.parametrize("alg", ["none", "HS256", "rs256", "", None, 1])
def test_two_algorithms_are_known(desk: Desk, alg: object) -> None:
    desk.platform.services.upkeep.signing_keys.add(SigningAlg.RS256)
    answer = send("PATCH", NOTES, token=desk.token(), body={"idTokenAlg": alg})
    # Null is the default again, as for every setting.
    assert answer.status == (200 if alg is None else 400)


def test_an_id_token_comes_in_rs256_and_the_access_token_as_before(desk: Desk) -> None:
    platform, tenant = desk.platform, desk.tenant
    platform.services.upkeep.signing_keys.add(SigningAlg.RS256)
    platform.adapters.clock.pause(60)
    answer = send("PATCH", NOTES, token=desk.token(), body={"idTokenAlg": "RS256"})
    assert answer.json()["idTokenAlg"] == "RS256"
    account(platform, tenant.workspace, "anna@acme.example")
    visitor = Visitor(platform, tenant)
    tenant.email = "anna@acme.example"
    tokens = visitor.exchange(visitor.code()).json()
    id_token = tokens["id_token"]
    header = jwt.get_unverified_header(id_token)
    assert header["alg"] == "RS256"
    assert jwt.get_unverified_header(tokens["access_token"])["alg"] == "ES256"
    key = _published(visitor.slug)[header["kid"]]
    options: jwt.types.Options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(id_token, key, ["RS256"], options, audience=tenant.application.client_id)
    assert claims["iss"] == f"{OWN_ORIGIN}/oidc/{visitor.slug}"
    assert _offered(visitor.slug) == ["ES256", "RS256"]
    # What it proves it proves here as well.
    body = {"workspaceName": visitor.slug}
    assert send("POST", "/api/v1/sessions", token=id_token, body=body).status == 200
    assert send("GET", "/api/v1/sessions", token=id_token).code == "token_invalid"
