"""Promise 3 for people and their proofs: what is sealed in one row opens in no other."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.domain.challenges import ChallengeKind, waiting_place
from chalicelib.domain.clients import ClientKind
from chalicelib.domain.detours import detour_place
from chalicelib.domain.errors import Unopenable
from chalicelib.domain.factors import totp_place
from chalicelib.domain.ids import digest, new_secret
from chalicelib.domain.invites import invited_place
from chalicelib.domain.keys import Place, Sealed, UserKeys
from chalicelib.domain.login import code_place
from chalicelib.domain.passkeys import passkey_place
from chalicelib.domain.pushed_requests import PREFIX, key_in, pushed_place, secret_named
from chalicelib.domain.refresh import successor_place
from chalicelib.domain.sessions import Person
from chalicelib.domain.upstreams import secret_place
from chalicelib.domain.users import profile_place
from chalicelib.domain.vouching import Vouched
from tests.api.authenticator import enrolled
from tests.api.devices import sent_new
from tests.api.own import Home, home_at
from tests.api.platform import Platform, Tenant, send
from tests.api.visitor import Visitor, account, code_of, post_form, query_of
from tests.device import Device

ISSUER = "https://login.acme.example"


@dataclass(frozen=True)
class Row:
    """Something sealed, where it lies, and under whose keys if not a person's."""

    name: str
    place: Place
    sealed: Sealed
    keys: UserKeys | None = None

    def opened(self, platform: Platform, other: "Row") -> bytes:
        """What opens here when the other's message lies in this row."""
        return platform.services.keys.open(self.place, other.sealed, known=self.keys)


def tenant_on(platform: Platform, slug: str) -> Tenant:
    tenant = platform.tenant(slug, kind=ClientKind.NATIVE)
    tenant.email = f"anna@{slug}.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


def neighbour(platform: Platform, tenant: Tenant) -> Tenant:
    email = f"ben@{tenant.workspace.slug}.example"
    user = account(platform, tenant.workspace, email)
    return replace(tenant, user=user.person.user, email=email)


def of_person(platform: Platform, tenant: Tenant) -> Iterator[Row]:
    """What there is of one person: a profile, factors, and what waits for minutes."""
    adapters, person = platform.adapters, Person(tenant.workspace.id, tenant.user)
    home = home_at(platform, tenant)
    added_passkeys(home)
    waits = [
        (ChallengeKind.ENROLMENT, home.ask("POST", "/totp")),
        (ChallengeKind.ENROLMENT, home.ask("POST", "/totp")),
        (ChallengeKind.ADDRESS, home.ask("POST", "/email", {"email": "c@acme.example"})),
    ]
    for kind, answer in waits:
        name, now = digest(answer.json()["challenge"]), adapters.clock.now()
        waiting = adapters.challenges.get(person.workspace, name, kind=kind, now=now)
        assert waiting is not None
        yield _row(kind, waiting_place(person, name), waiting.sealed)
    for number in range(2):
        yield from of_sign_in(platform, home.visitor, str(number))
    enrolled(platform, tenant)
    user, factors = adapters.users.get(person), adapters.factors.of(person)
    assert user is not None
    assert factors.totp is not None
    yield _row("profile", profile_place(person.workspace, person.user), user.profile)
    yield _row("totp", totp_place(person), factors.totp.secret)
    (passkey,) = adapters.passkeys.of(person)
    yield _row("passkey", passkey_place(person), passkey.name)


def added_passkeys(home: Home) -> None:
    ceremony = home.ask("POST", "/passkeys/options").json()
    credential = sent_new(Device().make(ceremony["options"]))
    body = {"challenge": ceremony["challenge"], "credential": credential, "name": "Laptop"}
    assert home.ask("POST", "/passkeys", body).status == 201


def of_sign_in(platform: Platform, visitor: Visitor, name: str) -> Iterator[Row]:
    """A code with first data in it, and a family of refresh tokens with a successor."""
    tenant = visitor.tenant
    named = {"workspace_name": visitor.slug, "app_id": tenant.application.id}
    wishes = {"payload": '{"a": 1}', "scope": "openid offline_access"}
    request = {**named, **visitor.params(**wishes)}
    text = code_of(visitor.step("continue", request=request).json()["redirectTo"])
    code = platform.adapters.login._codes[tenant.workspace.id, digest(text)]  # noqa: SLF001
    yield _row(f"code {name}", code_place(code), code.seed)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": visitor.exchange(text).json()["refresh_token"],
        "client_id": tenant.application.client_id,
    }
    assert post_form(f"/oidc/{visitor.slug}/token", form).status == 200
    family = list(platform.adapters.refresh.families.values())[-1]
    yield _row(f"successor {name}", successor_place(family), family.successor)


def of_workspace(platform: Platform, tenant: Tenant) -> Iterator[Row]:
    """What belongs to nobody: an upstream's secret, ways to it, an invite."""
    workspace, adapters = tenant.workspace, platform.adapters
    adapters.identity_providers.add(ISSUER)
    token = platform.member_token(workspace)
    choice = {
        "displayName": "Acme",
        "issuer": ISSUER,
        "clientId": "secureflows",
        "clientSecret": "of the upstream",
        "makesUsers": True,
    }
    path = "/api/v1/identity-providers/acme"
    assert send("PUT", path, token=token, body=choice).status == 200
    body = {"email": f"dora@{workspace.slug}.example"}
    assert send("POST", "/api/v1/invites", token=token, body=body).status == 201
    adapters.clock.pause(6)
    for number in range(2):
        visitor = Visitor(platform, tenant)
        asked = query_of(visitor.step("sso", provider="acme").json()["redirectTo"])
        if number:
            adapters.identity_providers.answers["c-1"] = Vouched(
                issuer=ISSUER, subject="u-1", email="d@acme.example", is_verified=True
            )
            back = urlencode({"state": asked["state"], "code": "c-1"})
            assert visitor.get(f"/oidc/{visitor.slug}/callback/acme?{back}").status == 302
    upstream = adapters.upstreams.get(workspace.id, "acme")
    assert upstream is not None
    assert upstream.secret is not None
    place = secret_place(workspace.id, upstream.secret.keys.user)
    yield Row("upstream", place, upstream.secret.sealed, upstream.secret.keys)
    for detour in adapters.detours._detours.values():  # noqa: SLF001 - who can read the table
        if detour.workspace == workspace.id:
            place = detour_place(workspace.id, detour.keys.user)
            yield Row(f"detour {detour.kind}", place, detour.sealed, detour.keys)
    for invite in adapters.invites._invites.values():  # noqa: SLF001 - as above
        if invite.workspace == workspace.id:
            assert invite.email is not None
            place = invited_place(workspace.id, invite.email.keys.user)
            yield Row("invite", place, invite.email.sealed, invite.email.keys)


def _row(name: str, place: Place, sealed: Any) -> Row:
    assert isinstance(sealed, Sealed)
    return Row(name, place, sealed)


def test_what_is_sealed_in_one_row_opens_in_no_other(platform: Platform) -> None:
    mine, elsewhere = tenant_on(platform, "acme"), tenant_on(platform, "globex")
    rows = [
        *of_person(platform, mine),
        *of_person(platform, neighbour(platform, mine)),
        *of_person(platform, elsewhere),
        *of_workspace(platform, mine),
        *of_workspace(platform, elsewhere),
    ]
    assert len(rows) == 3 * 10 + 2 * 4
    for row in rows:
        assert row.opened(platform, row)
    open_too = [
        (here.name, there.name)
        for here, there in itertools.permutations(rows, 2)
        if _opens(platform, here, there)
    ]
    assert open_too == []


def _opens(platform: Platform, here: Row, there: Row) -> bool:
    try:
        here.opened(platform, there)
    except Unopenable:
        return False
    return True


def test_a_pushed_request_opens_under_its_own_address_only(platform: Platform) -> None:
    tenant = tenant_on(platform, "acme")
    visitor, pushed = Visitor(platform, tenant), platform.adapters.pushed_requests.pushed
    secrets = []
    for state in ("one", "two"):
        answer = post_form("/oidc/acme/par", visitor.params(state=state))
        secrets.append(secret_named(answer.json()["request_uri"]) or "")
    (one, first), (two, second) = list(pushed.items())
    pushed[one] = replace(first, sealed=second.sealed)
    named = {"client_id": tenant.application.client_id}
    asked = urlencode({**named, "request_uri": f"urn:ietf:params:oauth:request_uri:{secrets[0]}"})
    answer = visitor.get(f"/oidc/acme/authorize?{asked}")
    assert (answer.status, answer.headers.get("location")) == (503, None)
    place, sealed = pushed_place(tenant.workspace.id), second.sealed
    cipher = platform.adapters.cipher
    for secret, at in (
        (new_secret(PREFIX), place),
        (secrets[1], pushed_place(platform.tenant("globex").workspace.id)),
    ):
        with pytest.raises(Unopenable):
            cipher.open(sealed.ciphertext, key=key_in(secret), version=sealed.version, place=at)
    assert two != one


def test_an_authenticator_of_another_person_is_not_asked_for_codes(
    platform: Platform, logged: StringIO
) -> None:
    tenant = tenant_on(platform, "acme")
    other = neighbour(platform, tenant)
    theirs = enrolled(platform, other)
    enrolled(platform, tenant)
    stored = platform.adapters.factors._factors  # noqa: SLF001 - who can write the table
    here, there = (Person(each.workspace.id, each.user) for each in (tenant, other))
    mine, planted = stored[here].totp, stored[there].totp
    assert mine is not None
    assert planted is not None
    stored[here] = replace(stored[here], totp=replace(mine, secret=planted.secret))
    visitor = Visitor(platform, tenant)
    challenge = visitor.sign_in().json()["step"]["challenge"]
    answer = visitor.step("steps/totp", challenge=challenge, code=theirs.code())
    assert (answer.status, answer.code) == (503, "store_unavailable")
    assert answer.cookies == []
    assert "sealed data did not open" in logged.getvalue()
