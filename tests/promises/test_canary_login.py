"""Promise 4 for people and their proofs: nothing that lets somebody in is readable at rest."""

import re
import secrets
from collections.abc import Iterator
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.domain.backups import BackupKind
from chalicelib.domain.clients import ClientKind
from chalicelib.domain.visitors import VisitorUse
from chalicelib.domain.vouching import Vouched
from tests.api.authenticator import Authenticator
from tests.api.devices import sent_new
from tests.api.own import Home, home_at
from tests.api.platform import OWN_ORIGIN, Tenant, send
from tests.api.prover import Prover
from tests.api.server import secret_of
from tests.api.shell import shell_of
from tests.api.test_copies import copy
from tests.api.visitor import Visitor, account, post_form, query_of
from tests.device import Device
from tests.engines import Engine
from tests.promises.stand import Stand, stand_on
from tests.promises.traces import found_in, objects_of, rows_of

ISSUER = "https://login.acme.example"
PROVIDERS = "/api/v1/identity-providers/acme"
KINDS = (
    *("TOTP", "RECOVERY", "CRED#", "RF#", "PAR#", "CH#", "CODE#", "SSO#", "IDP#", "INV#"),
    *("DEV#", "JTI#"),
)


@pytest.fixture(scope="module")
def stand(engine: Engine) -> Iterator[Stand]:
    with stand_on(engine) as made:
        yield made


class Canaries(dict[str, str]):
    """Secrets by name: what is made up here, and what the platform itself made."""

    def new(self, name: str) -> str:
        self[name] = "".join(secrets.choice("abcdefghijkmnopqrstuvwxyz") for _ in range(20))
        return self[name]

    def keep(self, name: str, secret: str) -> str:
        assert len(secret) >= 8, name
        self[name] = secret
        return secret

    def cookies(self, name: str, visitor: Visitor) -> None:
        for cookie, value in visitor.cookies.items():
            self.keep(f"{name}, {cookie[:10]}", value.rpartition(".")[2])


def person_on(stand: Stand, canary: Canaries) -> Tenant:
    """Somebody at an application of their own machine."""
    workspace = stand.cloud.workspace
    user = account(stand, workspace, f"{canary.new('address')}@example.org")
    application = stand.application(workspace, user.person.user, "terminal", kind=ClientKind.NATIVE)
    return Tenant(workspace, application, user.person.user, f"{canary['address']}@example.org")


def second_factors(home: Home, canary: Canaries) -> None:
    setup = home.ask("POST", "/totp").json()
    canary.keep("authenticator", setup["secret"])
    canary.keep("challenge of a set-up", setup["challenge"])
    authenticator = Authenticator(home.platform, setup["secret"])
    body = {"challenge": setup["challenge"], "code": authenticator.code()}
    codes = home.ask("POST", "/totp/confirm", body).json()["recoveryCodes"]
    for number, code in enumerate(codes):
        canary.keep(f"recovery code {number}", code)
        canary.keep(f"recovery code {number}, plain", code.replace("-", ""))
    home.platform.adapters.clock.pause(60)
    visitor = Visitor(home.platform, home.tenant)
    step = visitor.sign_in().json()["step"]
    canary.keep("challenge between factors", step["challenge"])
    used = {"challenge": step["challenge"], "code": codes[0]}
    assert visitor.step("steps/recovery", **used).status == 200
    # One more is left unanswered, as everything here is once.
    canary.keep("open challenge", visitor.sign_in().json()["step"]["challenge"])
    home.step_up(authenticator)


def passkeys(home: Home, canary: Canaries) -> None:
    ceremony = home.ask("POST", "/passkeys/options").json()
    canary.keep("challenge of a passkey", ceremony["challenge"])
    credential = sent_new(Device().make(ceremony["options"]))
    body = {"challenge": ceremony["challenge"], "credential": credential}
    named = {"name": canary.new("name of a passkey")}
    assert home.ask("POST", "/passkeys", {**body, **named}).status == 201
    canary.keep("open passkey", home.visitor.step("passkey/options").json()["challenge"])


def address(home: Home, canary: Canaries) -> None:
    forgotten = home.visitor.step("password/forgot", email=home.tenant.email)
    canary.keep("challenge of a reset", forgotten.json()["challenge"])
    email = f"{canary.new('next address')}@example.org"
    moved = home.ask("POST", "/email", {"email": email})
    canary.keep("challenge of an address", moved.json()["challenge"])


def tokens(visitor: Visitor, canary: Canaries) -> None:
    scope = {"scope": "openid email offline_access"}
    code = canary.keep("used code", _code(visitor, **scope))
    given = visitor.exchange(code).json()
    client = {"client_id": visitor.tenant.application.client_id}
    for number in range(3):
        for kind in ("access_token", "id_token", "refresh_token"):
            canary.keep(f"{kind} {number}", re.split(r"[._]", given[kind], maxsplit=2)[-1])
        form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"], **client}
        answer = post_form(f"/oidc/{visitor.slug}/token", form)
        # Told again, so that a successor lies in the row.
        assert post_form(f"/oidc/{visitor.slug}/token", form).status == answer.status == 200
        given = answer.json()
    at, prover = f"{OWN_ORIGIN}/oidc/{visitor.slug}/token", Prover(visitor.platform.adapters.clock)
    prover.nonce = visitor.platform.services.dpop.nonce(visitor.tenant.workspace.id)
    proof = prover.proof("POST", at, jti=canary.new("proof"))
    assert visitor.exchange(_code(visitor), headers={"dpop": proof}).json()["token_type"] == "DPoP"
    canary.keep("open code", _code(visitor))


def _code(visitor: Visitor, **changes: str) -> str:
    named = {"workspace_name": visitor.slug, "app_id": visitor.tenant.application.id}
    request = {**named, **visitor.params(**changes)}
    answer = visitor.step("continue", request=request)
    return query_of(answer.json()["redirectTo"])["code"]


def pushed(visitor: Visitor, canary: Canaries) -> None:
    words = {
        "login_hint": f"{canary.new('pushed hint')}@example.org",
        "state": canary.new("pushed state"),
        "payload": f'{{"{canary.new("pushed key")}": "{canary.new("pushed value")}"}}',
    }
    answer = post_form(f"/oidc/{visitor.slug}/par", visitor.params(**words))
    canary.keep("pushed address", answer.json()["request_uri"][-43:])


def providers(stand: Stand, tenant: Tenant, canary: Canaries) -> None:
    stand.adapters.identity_providers.add(ISSUER)
    choice = {
        "displayName": "Acme",
        "issuer": ISSUER,
        "clientId": "secureflows",
        "clientSecret": canary.new("secret of an upstream"),
        "makesUsers": True,
        "attributes": {"department": "dept"},
    }
    token = stand.member_token(tenant.workspace)
    assert send("PUT", PROVIDERS, token=token, body=choice).status == 200
    stand.adapters.clock.pause(6)
    email = f"{canary.new('vouched address')}@example.org"
    word = Vouched(
        issuer=ISSUER,
        subject=canary.new("vouched subject"),
        email=email,
        is_verified=True,
        name=canary.new("vouched name"),
        auth_time=stand.adapters.clock.now(),
        claims={"dept": canary.new("vouched attribute")},
    )
    # One that is finished, one that is back, and one on its way.
    for number in range(3):
        visitor = Visitor(stand, tenant)
        named = {"workspace_name": visitor.slug, "app_id": tenant.application.id}
        hint = f"{canary.new(f'hint of detour {number}')}@example.org"
        request = {**named, **visitor.params(login_hint=hint)}
        answer = visitor.step("sso", request=request, provider="acme")
        asked = query_of(answer.json()["redirectTo"])
        for name in ("state", "nonce"):
            canary.keep(f"{name} of detour {number}", asked[name])
        canary.cookies(f"detour {number}", visitor)
        if number < 2:
            stand.adapters.identity_providers.answers["c-1"] = word
            back = urlencode({"state": asked["state"], "code": "c-1"})
            assert visitor.get(f"/oidc/{visitor.slug}/callback/acme?{back}").status == 302
        if number == 0:
            assert visitor.step("sso/finish", request=request).status == 200
            canary.cookies("federated", visitor)


def invites(stand: Stand, tenant: Tenant, canary: Canaries) -> None:
    body = {"email": f"{canary.new('invited address')}@example.org"}
    token = stand.member_token(tenant.workspace)
    assert send("POST", "/api/v1/invites", token=token, body=body).status == 201
    found = re.search(r"#invite=sfi_([A-Za-z0-9_-]{43})\b", stand.adapters.sent[-1].text)
    assert found is not None
    canary.keep("invite", found[1])


def visits(stand: Stand, tenant: Tenant, canary: Canaries) -> None:
    """One goes on, one waits for a code, one has an account, and one went into another's."""
    allowed = stand.application(
        tenant.workspace, tenant.user, "corner", visitors=VisitorUse.ALLOWED
    )
    corner = Tenant(tenant.workspace, allowed, tenant.user, "")
    for state in ("standing", "waiting", "upgraded", "copied"):
        visitor = Visitor(stand, corner)
        code = query_of(visitor.step("visit").json()["redirectTo"])["code"]
        token = visitor.exchange(code).json()["access_token"]
        body = {canary.new(f"key of {state}"): canary.new(f"value of {state}")}
        assert send("PUT", "/api/v1/sessions", token=token, body=body).status == 200
        canary.cookies(f"{state} visit", visitor)
        if state in {"waiting", "upgraded"}:
            words: dict[str, Any] = {
                "password": f"{canary.new(f'password of {state}')} and more words"
            }
            email = f"{canary.new(f'address of {state}')}@example.org"
            words["name"] = canary.new(f"name of {state}")
            asked = visitor.step("visit/upgrade", email=email, **words).json()
            canary.keep(f"challenge of {state}", asked["challenge"])
            if state == "upgraded":
                typed = re.search(r"\b\d{6}\b", stand.adapters.sent[-1].text)
                assert typed is not None
                challenge = asked["challenge"]
                done = visitor.step("visit/confirm", challenge=challenge, code=typed[0])
                assert done.status == 200
        if state == "copied":
            email = f"{canary.new('address of an account')}@example.org"
            account(stand, tenant.workspace, email)
            step = visitor.sign_in(email).json()["step"]
            canary.keep("challenge of a choice", step["challenge"])
            assert copy(visitor, step["challenge"]).json() == {"copied": ["Corner"]}
            assert visitor.step("steps/visitor", challenge=step["challenge"]).status == 200


def devices(visitor: Visitor, canary: Canaries) -> None:
    for kind in ("waiting", "approved"):
        shell = shell_of(visitor)
        canary.keep(f"{kind} device", shell.told["device_code"][-43:])
        canary.keep(f"code of a {kind} device", shell.user_code)
        if kind == "approved":
            assert shell.decide().status == 200


def test_of_what_lets_people_in_nothing_is_readable_at_rest_or_in_a_log(
    stand: Stand, logged: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    canary = Canaries()
    tenant = person_on(stand, canary)
    home = home_at(stand, tenant)
    second_factors(home, canary)
    passkeys(home, canary)
    address(home, canary)
    canary.cookies("signed in", home.visitor)
    canary.keep("token of a person", home.token.rpartition(".")[2])
    tokens(home.visitor, canary)
    pushed(home.visitor, canary)
    devices(home.visitor, canary)
    providers(stand, tenant, canary)
    invites(stand, tenant, canary)
    visits(stand, tenant, canary)
    server = stand.application(tenant.workspace, tenant.user, "server", kind=ClientKind.SERVER)
    canary.keep(
        "client's secret",
        secret_of(stand, Tenant(tenant.workspace, server, tenant.user, "")).removeprefix("sfs_"),
    )
    for kind in BackupKind:
        stand.services.upkeep.backups.export(kind)
    rows = list(rows_of(stand.cloud.engine, stand.cloud.stage))
    objects = list(objects_of(stand.cloud.engine, stand.cloud.stage))
    said = capfd.readouterr()
    lines = [("log", logged.getvalue().encode()), ("output", (said.out + said.err).encode())]
    # Of every kind of row there is one to be looked at.
    kinds = {kind for _, row in rows for kind in KINDS if kind.encode() in row}
    assert kinds == set(KINDS)
    found = [
        (name, place, forms)
        for place, content in (*rows, *objects, *lines)
        for name, secret in canary.items()
        if (forms := found_in(content, secret))
    ]
    assert found == []
