"""Two workspaces with three applications of different rules, and two people in each of them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chalicelib.domain.audit import Origin
from chalicelib.domain.ids import AppId, UserId
from chalicelib.domain.registrations import Registration
from chalicelib.domain.workspaces import Workspace
from chalicelib.settings import settings_of
from chalicelib.wiring.aws import AwsAdapters
from chalicelib.wiring.container import Container
from tests.e2e.launch import Run
from tests.e2e.walk_model import Rules
from tests.history.cluster import Cluster, Place

OPEN, TIGHT, QUOTA = "walk-open", "walk-tight", 6
SCHEMA = '{"maxProperties":3,"properties":{"n":{"type":"integer"}}}'
RULES = {
    "notes": Rules(256 * 1024),
    "strict": Rules(1_024, requires_if_match=True),
    "formed": Rules(
        2_048,
        fits=lambda data: len(data) <= 3 and type(data.get("n", 0)) is int,
    ),
}


@contextmanager
def settled(run: Run, folder: Path) -> Iterator[Cluster]:
    """Prepare both workspaces in a run, and answer the way to it."""
    environment = run.environment()
    with pytest.MonkeyPatch.context() as variables:
        # Another test of this process may have said where its tables are.
        variables.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
        for name, text in environment.items():
            variables.setenv(name, text)
        settings = settings_of(environment)
        adapters = AwsAdapters(settings)
        services = Container(settings, adapters)
        places = _places(services)
        made = Cluster(services, adapters.tables, places, environment, run.origin, 0, folder)
        made.clients.append(run.client)
        yield made


def _places(services: Container) -> list[Place]:
    def person(workspace: Workspace, name: str) -> UserId:
        return services.deployment.person(
            workspace,
            email=f"{name}@example.org",
            password=secrets.token_urlsafe(16),
            name=name.title(),
        )

    owner = person(services.deployment.prepare(), "walker")
    places = []
    for slug in (OPEN, TIGHT):
        workspace = services.deployment.workspace(slug, name=slug, owner=owner)
        people = [(name, person(workspace, name)) for name in ("mira", "nils")]
        for app, rules in RULES.items():
            registration = Registration(
                id=AppId(app),
                name=app,
                redirect_uris=(f"https://{app}.example/",),
                post_logout_uris=(),
                payload_bytes=rules.most_bytes,
                requires_if_match=rules.requires_if_match,
                payload_schema=SCHEMA if app == "formed" else None,
            )
            application = services.deployment.application(workspace, registration)
            places += [Place(slug, application, uid, f"{n}@example.org") for n, uid in people]
    services.workspaces.change_quotas(
        TIGHT, sessions=QUOTA, payload_bytes=None, origin=Origin(agent="walk")
    )
    return places
