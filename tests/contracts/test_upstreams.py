"""What every store of upstreams does."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.errors import Contended, Stale
from chalicelib.domain.ids import WorkspaceId, new_workspace_id
from chalicelib.domain.keys import SealedApart
from chalicelib.domain.upstreams import Upstream, UpstreamKind
from tests.builders import NOW, some_event, some_person, some_sealed, some_user_keys
from tests.contracts.directory import Directory, at_once


def some_upstream(workspace: WorkspaceId | None = None, **changes: Any) -> Upstream:
    """Make an upstream with all that it can have."""
    wid = workspace or new_workspace_id()
    keys = some_user_keys(replace(some_person(), workspace=wid))
    words: dict[str, Any] = {
        "workspace": wid,
        "name": "acme",
        "issuer": "https://login.acme.example",
        "client_id": "secureflows",
        "display_name": "Acme Größe",
        "created_at": NOW,
        "secret": SealedApart(keys, some_sealed()),
        "domains": ("acme.example", "acme.test"),
        "makes_users": True,
        "is_offered": False,
        "is_trusted_with_mfa": True,
        "is_proven": True,
        "kind": UpstreamKind.SAML,
        "sso_url": "https://login.acme.example/sso",
        "certificates": ("MIIB", "MIIC"),
        "attributes": {"zone": "z", "department": "dept"},
        "tenants": ("72f988bf-86f1-41af-91ab-2d7cd011db47", "acme.example"),
        **changes,
    }
    return Upstream(**words)


BARE: dict[str, Any] = {
    "secret": None,
    "domains": (),
    "tenants": (),
    "attributes": {},
    "is_enabled": False,
    "is_proven": False,
    "kind": UpstreamKind.OIDC,
    "sso_url": "",
    "certificates": (),
}


def put(directory: Directory, upstream: Upstream) -> Upstream:
    event = some_event(upstream.workspace, action=AuditAction.WORKSPACE_SETTINGS_CHANGED)
    directory.upstreams.put(upstream, event)
    return upstream


def test_every_setting_comes_back_as_it_was(directory: Directory) -> None:
    upstream = put(directory, some_upstream())
    found = directory.upstreams.get(upstream.workspace, "acme")
    assert found == upstream
    assert found is not None
    assert list(found.attributes) == ["zone", "department"]


def test_one_without_a_secret_and_without_domains_comes_back_too(directory: Directory) -> None:
    bare = some_upstream(**BARE)
    put(directory, bare)
    assert directory.upstreams.of(bare.workspace) == [bare]


def test_a_change_takes_the_place_of_the_version_before_and_is_recorded(
    directory: Directory,
) -> None:
    first = put(directory, some_upstream())
    second = replace(first, version=2, secret=None, is_removed=True)
    event = some_event(first.workspace, action=AuditAction.WORKSPACE_SETTINGS_CHANGED)
    directory.upstreams.put(second, event)
    assert directory.upstreams.of(first.workspace) == [second]
    assert event in directory.events(first.workspace)


@pytest.mark.parametrize("version", [1, 2, 4])
def test_another_version_than_the_next_is_stale_and_changes_nothing(
    directory: Directory, version: int
) -> None:
    first = put(directory, some_upstream())
    second = put(directory, replace(first, version=2))
    before = directory.events(first.workspace)
    with pytest.raises(Stale):
        put(directory, replace(first, version=version, display_name="Other"))
    assert directory.upstreams.get(first.workspace, "acme") == second
    assert directory.events(first.workspace) == before


def test_a_change_of_what_is_not_there_is_stale(directory: Directory) -> None:
    upstream = some_upstream(version=2)
    with pytest.raises(Stale):
        put(directory, upstream)
    assert directory.upstreams.get(upstream.workspace, "acme") is None


def test_of_eight_changes_at_once_one_is_made(directory: Directory) -> None:
    first = put(directory, some_upstream())

    def attempt(number: int) -> bool:
        try:
            put(directory, replace(first, version=2, display_name=f"Acme {number}"))
        except (Stale, Contended):
            return False
        return True

    assert sum(at_once([partial(attempt, number) for number in range(8)])) == 1


def test_they_stand_in_the_order_of_their_names(directory: Directory) -> None:
    workspace = new_workspace_id()
    made = [put(directory, some_upstream(workspace, name=name)) for name in ("okta", "acme", "b-x")]
    names = [upstream.name for upstream in directory.upstreams.of(workspace)]
    assert names == sorted(upstream.name for upstream in made)


def test_next_door_there_is_none(directory: Directory) -> None:
    upstream = put(directory, some_upstream())
    assert directory.upstreams.get(new_workspace_id(), "acme") is None
    assert directory.upstreams.of(new_workspace_id()) == []
    for name in ("acm", "acme2", "acme#x", "", "x" * 80):
        assert directory.upstreams.get(upstream.workspace, name) is None
    assert directory.upstreams.get(WorkspaceId("w#x"), "acme") is None
    assert directory.upstreams.of(WorkspaceId("w#x")) == []


def test_no_name_reaches_into_a_neighbours_key(directory: Directory) -> None:
    with pytest.raises(ValueError, match="not a part"):
        put(directory, some_upstream(name="a#b"))
