"""One issuer that speaks for many tenants, as Microsoft's do."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.adapters.identity_providers import HttpIdentityProviders
from chalicelib.domain.errors import UpstreamUnavailable
from chalicelib.domain.tenants import GOOGLE
from chalicelib.domain.vouching import Doubt, Vouched
from tests.adapters.test_identity_providers import REDEMPTION, claims
from tests.fakes.surroundings import FakeClock
from tests.upstream import Upstream, serving

ONE = "72f988bf-86f1-41af-91ab-2d7cd011db47"
TWO = "9188040d-6c67-4c5b-b112-36a304b66dad"
ASKED = replace(REDEMPTION, tenants=(ONE,))


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serving() as upstream:
        upstream.metadata["issuer"] = f"{upstream.issuer}/{{tenantid}}/v2.0"
        upstream.metadata["userinfo_endpoint"] = f"{upstream.issuer}/userinfo"
        answer = upstream.answer

        def renamed(handler: Any) -> tuple[int, Any]:
            handler.path = handler.path.replace("/organizations/v2.0/", "/")
            return answer(handler)

        upstream.answer = renamed  # type: ignore[method-assign]
        yield upstream


@pytest.fixture
def providers() -> HttpIdentityProviders:
    return HttpIdentityProviders(clock=FakeClock(), reaches_loopback=True)


def redeemed(
    providers: HttpIdentityProviders, upstream: Upstream, tenant: str = ONE, **words: Any
) -> Vouched | Doubt:
    said = {"iss": f"{upstream.issuer}/{tenant}/v2.0", "tid": tenant, **words}
    upstream.signs(claims(upstream, **said))
    provider = providers.describe(f"{upstream.issuer}/organizations/v2.0")
    return providers.redeem(provider, ASKED)


def test_a_named_tenant_is_believed_and_its_name_is_the_issuer(
    providers: HttpIdentityProviders, upstream: Upstream
) -> None:
    found = redeemed(providers, upstream)
    assert isinstance(found, Vouched)
    assert found.issuer == f"{upstream.issuer}/{ONE}/v2.0"
    # Whoever administers a tenant types what stands there.
    assert not found.is_verified
    sure = redeemed(providers, upstream, xms_edov=True)
    assert isinstance(sure, Vouched)
    assert sure.is_verified


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ({"tenant": TWO}, Doubt.TENANT),
        ({"tid": None}, Doubt.TENANT),
        ({"tid": TWO}, Doubt.TENANT),
        ({"tenant": TWO, "tid": ONE}, Doubt.ISSUER),
        ({"iss": "https://elsewhere.example/v2.0"}, Doubt.ISSUER),
    ],
)
def test_another_tenant_is_not_believed(
    providers: HttpIdentityProviders, upstream: Upstream, words: dict[str, Any], doubt: Doubt
) -> None:
    assert redeemed(providers, upstream, **words) is doubt


def test_its_word_for_all_tenants_is_not_believed(
    providers: HttpIdentityProviders, upstream: Upstream
) -> None:
    shared = upstream.metadata["issuer"]
    assert redeemed(providers, upstream, iss=shared) is Doubt.ISSUER
    own = f"{upstream.issuer}/organizations/v2.0"
    assert redeemed(providers, upstream, iss=own) is Doubt.ISSUER


@pytest.mark.parametrize(
    ("tenant", "is_believed"), [("{tenantid}", True), (ONE, True), (TWO, False)]
)
def test_a_key_signs_for_the_tenant_that_it_names(
    providers: HttpIdentityProviders, upstream: Upstream, tenant: str, *, is_believed: bool
) -> None:
    upstream.keys[0]["issuer"] = f"{upstream.issuer}/{tenant}/v2.0"
    found = redeemed(providers, upstream)
    assert isinstance(found, Vouched) if is_believed else found is Doubt.SIGNATURE


def test_an_address_is_taken_from_what_was_signed_alone(
    providers: HttpIdentityProviders, upstream: Upstream
) -> None:
    upstream.userinfo = {"sub": "u-1", "email": "ceo@acme.example"}
    found = redeemed(providers, upstream, email=None, xms_edov=True)
    assert isinstance(found, Vouched)
    assert found.email is None
    assert "/userinfo" not in upstream.asked


@pytest.mark.parametrize("issuer", ["{issuer}", "{issuer}/organizations/v2.0", "{issuer}/x/v2.0"])
def test_one_that_names_itself_in_another_way_is_not_available(
    providers: HttpIdentityProviders, upstream: Upstream, issuer: str
) -> None:
    upstream.metadata["issuer"] = issuer.format(issuer=upstream.issuer)
    with pytest.raises(UpstreamUnavailable):
        providers.describe(f"{upstream.issuer}/organizations/v2.0")


@pytest.mark.parametrize(("hd", "found"), [("acme.example", None), (None, Doubt.TENANT)])
def test_google_speaks_for_the_domains_that_were_named(
    providers: HttpIdentityProviders, upstream: Upstream, hd: str | None, found: Doubt | None
) -> None:
    provider = providers.describe(f"{upstream.issuer}/organizations/v2.0")
    google = replace(provider, issuer=GOOGLE)
    upstream.signs(claims(upstream, iss=GOOGLE, hd=hd))
    said = providers.redeem(google, replace(REDEMPTION, tenants=("acme.example",)))
    if found is None:
        assert isinstance(said, Vouched)
        assert said.is_verified
    else:
        assert said is found
