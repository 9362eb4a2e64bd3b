"""Many who refresh one sign-in at once, on the engines themselves and in two processes."""

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import SYSTEM
from chalicelib.domain.callers import Arrival, SessionCaller, Visit
from chalicelib.domain.clients import ClientKind
from chalicelib.domain.ids import AppId, new_grant_id
from chalicelib.domain.oidc import Denied
from chalicelib.domain.registrations import Registration
from chalicelib.domain.tokens import Grant, SignIn
from chalicelib.services.clients import Client
from chalicelib.services.token_endpoint import TokenRequest
from chalicelib.wiring.container import Container
from tests.builders import ORIGIN
from tests.contracts.directory import at_once
from tests.engines import dynamodb_local, engine, moto_cloud
from tests.services.deployments import Deployment, Tenant, deployment, tenants_of

__all__ = ["deployment", "dynamodb_local", "engine", "moto_cloud"]

SCOPE = "openid offline_access"


@pytest.fixture
def tenant(deployment: Deployment) -> Tenant:
    """Somebody at a native application."""
    found = next(tenants_of(deployment.services))
    application: Application = deployment.services.applications.install(
        found.workspace.id,
        Registration(
            id=AppId("terminal"),
            name="Terminal",
            redirect_uris=("http://127.0.0.1/",),
            post_logout_uris=(),
            kind=ClientKind.NATIVE,
        ),
        actor=SYSTEM,
        origin=ORIGIN,
    )
    return replace(found, application=application)


def sign_in(services: Container, tenant: Tenant) -> Grant:
    arrival = Arrival(
        slug=tenant.workspace.slug,
        application=tenant.application,
        user=tenant.user,
        email=tenant.email,
        sign_in=SignIn(auth_time=services.adapters.clock.now()),
        visit=Visit(ORIGIN),
    )
    head = services.sessions.enter(arrival, seed={})
    grant = new_grant_id()
    _, token = services.hosted.passages.refreshes.begin(
        arrival, head, grant=grant, scope=SCOPE, given_at=arrival.sign_in.auth_time
    )
    issued = services.grants.issue(arrival, head, grant=grant, scope=SCOPE)
    return Grant(issued.text, issued.lifetime, SCOPE, refresh_token=token)


def refresh(services: Container, tenant: Tenant, token: str | None) -> Grant | Denied:
    request = TokenRequest(
        Client(tenant.workspace, tenant.application),
        {"grant_type": "refresh_token", "refresh_token": token or ""},
        Visit(ORIGIN),
    )
    return services.hosted.passages.refreshes.exchange(request)


def test_two_who_show_one_token_at_once_are_told_the_same(
    deployment: Deployment, tenant: Tenant
) -> None:
    here, there = deployment.services, deployment.again()
    for _ in range(3):
        first = sign_in(here, tenant).refresh_token
        answers = at_once(
            [partial(refresh, services, tenant, first) for services in (here, there)] * 2
        )
        successors = {one.refresh_token for one in answers if isinstance(one, Grant)}
        assert len(answers) == 4
        assert all(isinstance(one, Grant) for one in answers)
        (successor,) = successors
        assert isinstance(refresh(there, tenant, successor), Grant)


def test_whoever_is_first_nothing_goes_on_after_a_logout(
    deployment: Deployment, tenant: Tenant
) -> None:
    here, there = deployment.services, deployment.again()
    for _ in range(3):
        given = sign_in(here, tenant)
        caller = SessionCaller(here.tokens.read_session_token(given.access_token), Visit(ORIGIN))

        def log_out(caller: SessionCaller = caller) -> None:
            here.grants.log_out(caller)

        answers: list[Grant | Denied | None] = at_once(
            [log_out, *[partial(refresh, there, tenant, given.refresh_token)] * 3]
        )
        tokens = {one.refresh_token for one in answers if isinstance(one, Grant)}
        for token in {given.refresh_token, *tokens}:
            assert isinstance(refresh(there, tenant, token), Denied)
