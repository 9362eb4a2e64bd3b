"""Promise 7: a token proves what all of its claims say together, and nothing less."""

from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.domain.tokens import KeyState
from chalicelib.domain.workspaces import Role
from tests.api.platform import OWN_ORIGIN, Platform, Tenant, send
from tests.promises.forge import (
    DOORS,
    IDENTITY,
    KINDS,
    MEMBER,
    PERSON,
    SESSION,
    Forge,
    forge_on,
    knock,
    refused,
    signed,
)


@pytest.fixture
def forge(platform: Platform) -> Forge:
    return forge_on(platform)


WRONG: dict[str, dict[str, list[Any]]] = {
    SESSION: {
        "iss": [f"{OWN_ORIGIN}/oidc/globex", f"{OWN_ORIGIN}/oidc/console", "https://evil.example"],
        "aud": [f"{OWN_ORIGIN}/api/v1/manage", "notes", [f"{OWN_ORIGIN}/api/v1/sessions"]],
        "client_id": ["console", "c" + "a" * 26],
        "app": ["a#b", "", 7],
        "wid": ["a#b", "", None],
        "sub": ["0", "-1", "1e15", "٤" * 16, "x", 7, str(2**53)],
        "sid": ["a#b", "", 7],
        "rev": ["1", True, None, 1.0],
    },
    IDENTITY: {
        "iss": ["https://evil.example/oidc/acme", f"{OWN_ORIGIN}/oidc"],
        "aud": [["c"], None, 7],
        "azp": ["someone-else", None],
        "sub": ["0", "x", 7],
        "sid": ["a#b", "", 7],
    },
    MEMBER: {
        "iss": [f"{OWN_ORIGIN}/oidc/acme", "https://evil.example/oidc/console"],
        "aud": [f"{OWN_ORIGIN}/api/v1/sessions", [f"{OWN_ORIGIN}/api/v1/manage"]],
        "wid": ["", "a#b", 7],
        "sub": ["0", "x"],
    },
}


@pytest.mark.parametrize(
    ("kind", "claim", "value"),
    [
        (kind, claim, value)
        for kind, claims in WRONG.items()
        for claim, values in claims.items()
        for value in values
    ],
)
def test_a_signed_token_with_a_wrong_claim_isrefused(
    forge: Forge, kind: str, claim: str, value: object
) -> None:
    # "globex" exists, so that a mixed issuer is not just an unknown one.
    forge.platform.tenant("globex", "forms")
    refused(forge, forge.sign(forge.claims(kind, **{claim: value}), kind), kind)


# What only describes a token, or how the person signed in, decides nothing when it is absent.
DESCRIPTIVE = {"jti", "amr", "email", "email_verified", "name", "nonce", "at_hash"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_that_lacks_a_claim_isrefused(forge: Forge, kind: str) -> None:
    for claim in forge.claims(kind).keys() - DESCRIPTIVE:
        refused(forge, forge.sign(forge.claims(kind, **{claim: ...}), kind), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_times_that_are_none_arerefused(forge: Forge, kind: str) -> None:
    now = forge.platform.adapters.clock.now()
    for changes in (
        {"exp": str(now + 60)},
        {"exp": now + 60.5},
        {"exp": True},
        {"exp": None},
        {"exp": [now + 60]},
        {"iat": now + 31},
        {"iat": "now"},
        {"nbf": now + 31},
    ):
        refused(forge, forge.sign(forge.claims(kind, **changes), kind), kind)
    for answer in knock(forge, forge.sign(forge.claims(kind, exp=now), kind), kind):
        assert (answer.status, answer.code) == (401, "token_expired")
    for answer in knock(forge, forge.sign(forge.claims(kind, exp=-(2**70)), kind), kind):
        assert answer.status == 401


def test_a_token_of_one_workspace_cannot_be_turned_to_another(forge: Forge) -> None:
    platform = forge.platform
    other = platform.tenant("globex", "notes")
    theirs, issued = platform.session(other, {"a": "of globex"})
    stolen = jwt.decode(issued.text, options={"verify_signature": False})
    for names in (("wid",), ("wid", "sub"), ("wid", "sub", "sid"), ("iss",), ("client_id",)):
        mixed = forge.claims(SESSION, **{name: stolen[name] for name in names})
        refused(forge, forge.sign(mixed, SESSION), SESSION)
    # Everything but the issuer is theirs: the issuer must be that of the workspace.
    foreign = {**stolen, "iss": forge.claims(SESSION)["iss"]}
    refused(forge, forge.sign(foreign, SESSION), SESSION)
    assert platform.adapters.sessions.heads[theirs.ref] == theirs


def test_a_signed_token_for_what_does_not_exist_finds_nothing(forge: Forge) -> None:
    for changes in ({"app": "forms"}, {"wid": "w" + "a" * 20}):
        for answer in knock(forge, forge.sign(forge.claims(SESSION, **changes), SESSION), SESSION):
            assert (answer.status, answer.code) == (404, "not_found")


def test_a_session_of_somebody_else_is_not_found_behind_ones_own_name(forge: Forge) -> None:
    platform, tenant = forge.platform, forge.tenant
    neighbour = Tenant(
        tenant.workspace,
        tenant.application,
        platform.user(tenant.workspace, "nils@acme.example"),
        "nils@acme.example",
    )
    theirs, _ = platform.session(neighbour, {"a": "of nils"})
    private = ec.generate_private_key(ec.SECP256R1())
    mixed = forge.claims(SESSION, sid=theirs.ref.sid)
    attackers = signed(mixed, private, {"kid": forge.key.kid, "typ": "at+jwt"})
    refused(forge, attackers, SESSION)
    # Even a signed token finds a session only in the partition that the same token names.
    for answer in knock(forge, forge.sign(mixed, SESSION), SESSION):
        assert (answer.status, answer.code) == (410, "session_ended")


def test_an_application_cannot_use_the_token_of_its_neighbour(forge: Forge) -> None:
    platform, tenant = forge.platform, forge.tenant
    forms = platform.application(tenant.workspace, tenant.user, "forms")
    for changes in (
        {"app": "forms"},
        {"client_id": forms.client_id},
    ):
        refused(forge, forge.sign(forge.claims(SESSION, **changes), SESSION), SESSION)
    whole = forge.claims(SESSION, app="forms", client_id=forms.client_id)
    for answer in knock(forge, forge.sign(whole, SESSION), SESSION):
        assert (answer.status, answer.code) == (410, "session_ended")


def test_a_member_token_is_good_for_its_own_workspace_only(forge: Forge) -> None:
    other = forge.platform.tenant("globex")
    mixed = forge.claims(MEMBER, wid=other.workspace.id)
    for answer in knock(forge, forge.sign(mixed, MEMBER), MEMBER):
        assert (answer.status, answer.code) == (403, "forbidden")


def test_a_persons_own_token_is_good_for_its_own_browser_only(forge: Forge) -> None:
    nils = forge.platform.user(forge.tenant.workspace, "nils@acme.example")
    globex = forge.platform.tenant("globex")
    for changes in (
        {"sub": str(nils)},
        {"gid": "A" * 43},
        {"wid": globex.workspace.id},
        {"iss": f"{OWN_ORIGIN}/oidc/globex"},
        {"wid": globex.workspace.id, "iss": f"{OWN_ORIGIN}/oidc/globex"},
        {"aud": f"{OWN_ORIGIN}/api/v1/sessions"},
        {"client_id": "console"},
        {"role": "owner"},
    ):
        for answer in knock(forge, forge.sign(forge.claims(PERSON, **changes), PERSON), PERSON):
            assert answer.status == 401, (changes, answer)
            assert answer.code in {"token_invalid", "token_superseded"}


def test_the_role_in_a_member_token_decides_nothing(forge: Forge) -> None:
    auditor = forge.platform.member_token(forge.tenant.workspace, Role.AUDITOR)
    claims = jwt.decode(auditor, options={"verify_signature": False}) | {"role": "owner"}
    method, path, body = DOORS[MEMBER][1]
    answer = send(method, path, token=forge.sign(claims, MEMBER), body=body)
    assert (answer.status, answer.code) == (403, "forbidden")


def test_a_key_that_is_retired_verifies_until_its_time_is_over(forge: Forge) -> None:
    platform = forge.platform
    now = platform.adapters.clock.now()
    fresh = platform.adapters.signatures.new_key()
    old = replace(forge.key, state=KeyState.RETIRED, not_after=now + 100)
    platform.adapters.keys._signing = {old.kid: old, fresh.kid: fresh}  # noqa: SLF001 - no port does
    platform.adapters.clock.pause(61)
    assert send("GET", "/api/v1/sessions", token=forge.good[SESSION]).status == 200
    platform.adapters.clock.pause(39)
    answer = send("GET", "/api/v1/sessions", token=forge.good[SESSION])
    assert (answer.status, answer.code) == (401, "token_invalid")
