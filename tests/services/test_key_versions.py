"""Keys get new versions while other processes remember the old ones."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.keys import (
    KeyKind,
    Purpose,
    UserKey,
    UserRing,
    WorkspaceKey,
    WorkspaceRing,
    user_key_context,
    workspace_key_context,
)
from chalicelib.domain.sessions import Person
from chalicelib.wiring.container import Container
from chalicelib.wiring.process import installed
from tests.api.platform import Platform, Tenant, send

PATH = "/api/v1/sessions"


@pytest.fixture
def platform() -> Iterator[Platform]:
    platform = Platform()
    with installed(platform.services):
        yield platform


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


def rotate_workspace(platform: Platform, workspace: WorkspaceId) -> None:
    """Add a version of the data key, under which new users' keys are wrapped from now on."""
    stored = platform.adapters.keys._workspaces  # noqa: SLF001 - no port adds versions yet
    keys = stored[workspace]
    context = workspace_key_context(workspace, purpose=Purpose.DATA, version=2)
    _, wrapped, arn = platform.adapters.root_key.new_key(context)
    versions = {
        **keys.rings[Purpose.DATA].versions,
        2: WorkspaceKey(wrapped=wrapped, root_arn=arn, created_at=platform.adapters.clock.now()),
    }
    ring = WorkspaceRing(current=2, versions=versions)
    stored[workspace] = replace(keys, rings={**keys.rings, Purpose.DATA: ring})


def rotate_user(platform: Platform, person: Person) -> None:
    """Add a version of a user's data key, which seals from now on."""
    stored, cipher = platform.adapters.keys._users, platform.adapters.cipher  # noqa: SLF001
    wrapped = platform.adapters.keys.of_workspace(person.workspace)
    assert wrapped is not None
    context = workspace_key_context(person.workspace, purpose=Purpose.DATA, version=1)
    key = wrapped.rings[Purpose.DATA].versions[1]
    under = platform.adapters.root_key.unwrap(key.wrapped, arn=key.root_arn, context=context)
    words = user_key_context(
        person.workspace, person.user, kind=KeyKind.DK, version=2, workspace_version=1
    )
    made = cipher.wrap(cipher.new_user_key(), under=under, context=words)
    keys = stored[person]
    versions = {**keys.rings[KeyKind.DK].versions, 2: UserKey(made, workspace_version=1)}
    stored[person] = replace(keys, rings={**keys.rings, KeyKind.DK: UserRing(2, versions)})


def test_a_workspace_s_key_that_another_process_added_is_looked_for_once(
    platform: Platform, tenant: Tenant
) -> None:
    token = platform.token(tenant, {"a": 1})
    assert send("GET", PATH, token=token).status == 200
    workspace = tenant.workspace.id
    rotate_workspace(platform, workspace)
    with installed(Container(platform.services.settings, platform.adapters)):
        # The user's first data key is wrapped under the second version.
        assert send("PUT", PATH, token=token, body={"a": 2}).status == 200
    keys = platform.adapters.keys.of_user(Person(workspace, tenant.user))
    assert keys is not None
    assert keys.rings[KeyKind.DK].versions[1].workspace_version == 2
    assert send("GET", PATH, token=token).json() == {"a": 2}
    assert send("PATCH", PATH, token=token, body={"b": 1}).json() == {"a": 2, "b": 1}


def test_a_version_that_nobody_has_is_a_key_that_is_gone(
    platform: Platform, tenant: Tenant
) -> None:
    token = platform.token(tenant, {"a": 1})
    assert send("PUT", PATH, token=token, body={"a": 2}).status == 200
    person, stored = Person(tenant.workspace.id, tenant.user), platform.adapters.keys._users  # noqa: SLF001
    keys = stored[person]
    lost = {1: replace(keys.rings[KeyKind.DK].versions[1], workspace_version=9)}
    stored[person] = replace(keys, rings={**keys.rings, KeyKind.DK: UserRing(1, lost)})
    assert send("GET", PATH, token=token).code == "store_unavailable"


def test_a_user_s_key_that_was_added_after_the_keys_were_read_is_looked_for_once(
    platform: Platform, tenant: Tenant
) -> None:
    head, issued = platform.session(tenant, {"a": 1})
    assert send("PUT", PATH, token=issued.text, body={"a": 2}).status == 200
    person = Person(tenant.workspace.id, tenant.user)
    before = platform.adapters.keys.of_user(person)
    assert before is not None
    rotate_user(platform, person)
    with installed(Container(platform.services.settings, platform.adapters)):
        assert send("PUT", PATH, token=issued.text, body={"a": 3}).status == 200
    payload = platform.adapters.sessions.payloads[head.ref]
    assert payload.sealed.version == 2
    # A batch is no snapshot: the keys may have been read first.
    found = platform.services.holdings.objects.open(payload, known=before)
    assert found == b'{"a":3}'
