"""What every workspace store does."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import UserId, WorkspaceId, new_user_id, new_workspace_id
from chalicelib.domain.limits import DEFAULT_SESSION_QUOTA, MAX_QUOTA
from chalicelib.domain.workspaces import Gate, GateStatus, Member, Role
from tests.builders import NOW, some_event, some_workspace, some_workspace_keys
from tests.contracts.directory import Directory, at_once, wins

BARE = some_workspace()


def test_a_created_workspace_is_found_by_its_slug_and_by_its_id(directory: Directory) -> None:
    workspace = some_workspace(name="Größe & Söhne", open_signup=False)
    directory.add_workspace(workspace)
    assert directory.workspaces.find(workspace.slug) == workspace
    assert directory.workspaces.get(workspace.id) == workspace


def test_a_new_workspace_has_an_open_gate_of_version_one(directory: Directory) -> None:
    workspace = directory.add_workspace()
    assert directory.workspaces.gate(workspace.id) == Gate(GateStatus.LIVE, 1)


def test_a_new_workspace_has_its_keys(directory: Directory) -> None:
    workspace = some_workspace()
    keys = some_workspace_keys(workspace.id)
    directory.workspaces.create(workspace, keys=keys, owner=None, events=[])
    assert directory.keys.of_workspace(workspace.id) == keys


def test_a_new_workspace_has_its_owner_as_a_member(directory: Directory) -> None:
    workspace = some_workspace()
    owner = Member(workspace.id, new_user_id(), Role.OWNER, since=NOW)
    directory.add_workspace(workspace, owner=owner)
    assert directory.members.get(workspace.id, owner.operator) == owner
    assert directory.members.workspaces_of(owner.operator) == [workspace.id]


def test_every_event_of_a_creation_is_recorded(directory: Directory) -> None:
    workspace = some_workspace()
    events = [
        some_event(workspace.id, action=AuditAction.WORKSPACE_CREATED),
        some_event(workspace.id, action=AuditAction.KEY_CREATED),
        some_event(workspace.id, action=AuditAction.MEMBER_ADDED),
    ]
    directory.workspaces.create(
        workspace, keys=some_workspace_keys(workspace.id), owner=None, events=events
    )
    assert directory.events(workspace.id) == sorted(events, key=lambda event: event.id)


def test_a_taken_slug_is_stale_and_leaves_nothing(directory: Directory) -> None:
    first = directory.add_workspace()
    second = some_workspace(slug=first.slug)
    owner = Member(second.id, new_user_id(), Role.OWNER, since=NOW)
    with pytest.raises(Stale):
        directory.add_workspace(second, owner=owner)
    assert directory.workspaces.find(first.slug) == first
    assert directory.workspaces.get(second.id) is None
    assert directory.workspaces.gate(second.id) is None
    assert directory.keys.of_workspace(second.id) is None
    assert directory.members.get(second.id, owner.operator) is None
    assert directory.members.workspaces_of(owner.operator) == []
    assert directory.events(second.id) == []


def test_a_taken_id_is_stale_and_leaves_its_slug_free(directory: Directory) -> None:
    first = directory.add_workspace()
    second = some_workspace(id=first.id)
    with pytest.raises(Stale):
        directory.add_workspace(second)
    assert directory.workspaces.find(second.slug) is None
    assert directory.workspaces.get(first.id) == first


def test_an_event_that_is_already_recorded_refuses_the_whole_creation(
    directory: Directory,
) -> None:
    workspace = some_workspace()
    fresh, known = some_event(workspace.id), some_event(workspace.id)
    directory.audit.append(known)
    with pytest.raises(Stale):
        directory.workspaces.create(
            workspace, keys=some_workspace_keys(workspace.id), owner=None, events=[fresh, known]
        )
    assert directory.workspaces.find(workspace.slug) is None
    assert directory.events(workspace.id) == [known]


def test_what_was_not_created_is_not_there(directory: Directory) -> None:
    workspace = some_workspace()
    assert directory.workspaces.find(workspace.slug) is None
    assert directory.workspaces.get(workspace.id) is None
    assert directory.workspaces.gate(workspace.id) is None


@pytest.mark.parametrize("text", ["", "#", "a#CLAIM", "é", "x" * 5_000, "../META", "%23", "\x00"])
def test_what_cannot_be_a_slug_or_an_id_finds_nothing(directory: Directory, text: str) -> None:
    assert directory.workspaces.find(text) is None
    assert directory.workspaces.get(WorkspaceId(text)) is None
    assert directory.workspaces.gate(WorkspaceId(text)) is None
    assert directory.members.get(WorkspaceId(text), new_user_id()) is None


def test_a_slug_is_no_id_and_an_id_is_no_slug(directory: Directory) -> None:
    workspace = directory.add_workspace()
    assert directory.workspaces.find(workspace.id) is None
    assert directory.workspaces.get(WorkspaceId(workspace.slug)) is None


def test_a_member_is_one_of_that_workspace_only(directory: Directory) -> None:
    operator = new_user_id()
    mine, theirs = some_workspace(), directory.add_workspace()
    directory.add_workspace(mine, owner=Member(mine.id, operator, Role.ADMIN, since=NOW))
    assert directory.members.get(theirs.id, operator) is None
    assert directory.members.get(mine.id, UserId(operator - 1)) is None
    assert directory.members.workspaces_of(UserId(operator - 1)) == []


def test_an_operator_finds_every_workspace_in_order(directory: Directory) -> None:
    operator = new_user_id()
    made = [some_workspace() for _ in range(3)]
    for workspace in made:
        directory.add_workspace(
            workspace, owner=Member(workspace.id, operator, Role.OWNER, since=NOW)
        )
    assert directory.members.workspaces_of(operator) == sorted(w.id for w in made)


def test_of_eight_who_claim_one_slug_one_wins(directory: Directory) -> None:
    slug = some_workspace().slug
    rivals = [some_workspace(slug=slug) for _ in range(8)]
    outcomes = at_once([partial(wins, partial(directory.add_workspace, rival)) for rival in rivals])
    assert sum(outcomes) == 1
    winner = rivals[outcomes.index(True)]
    assert directory.workspaces.find(slug) == winner
    for rival in rivals:
        assert (directory.workspaces.get(rival.id) is not None) == (rival is winner)
        assert len(directory.events(rival.id)) == (1 if rival is winner else 0)


@pytest.mark.parametrize("session_quota", [DEFAULT_SESSION_QUOTA, 0, 7, MAX_QUOTA])
def test_quotas_are_changed_and_recorded_and_nothing_else_changes(
    directory: Directory, session_quota: int
) -> None:
    made = some_workspace(session_quota=session_quota, payload_quota=session_quota)
    before = directory.add_workspace(made)
    assert directory.workspaces.get(before.id) == before
    after = replace(before, session_quota=8, payload_quota=9, name="Another", slug="another")
    event = some_event(before.id, action=AuditAction.WORKSPACE_SETTINGS_CHANGED)
    directory.workspaces.change_quotas(before, after, event)
    kept = replace(before, session_quota=8, payload_quota=9)
    assert directory.workspaces.get(before.id) == kept
    assert event in directory.events(before.id)


def test_who_read_other_quotas_changes_none(directory: Directory) -> None:
    before = directory.add_workspace()
    events = directory.events(before.id)
    for read in (replace(before, session_quota=1), replace(before, payload_quota=1)):
        with pytest.raises(Stale):
            directory.workspaces.change_quotas(
                read, replace(read, session_quota=5), some_event(before.id)
            )
    assert directory.workspaces.get(before.id) == before
    assert directory.events(before.id) == events


def test_a_workspace_that_is_not_there_gets_no_quotas(directory: Directory) -> None:
    there = directory.add_workspace()
    other = replace(there, id=new_workspace_id())
    with pytest.raises(Stale):
        directory.workspaces.change_quotas(
            other, replace(other, session_quota=5), some_event(other.id)
        )
    assert directory.workspaces.get(other.id) is None
    assert directory.workspaces.get(there.id) == there
    assert directory.events(other.id) == []


def test_changed_settings_are_stored_and_recorded_and_nothing_else_changes(
    directory: Directory,
) -> None:
    before = directory.add_workspace(some_workspace(session_quota=7))
    people = (new_user_id(), new_user_id())
    changes: list[dict[str, Any]] = [
        {"require_mfa": True, "open_signup": False},
        {"require_sso": True, "break_glass": people},
        {"require_mfa": False, "break_glass": people[:1]},
        {"require_sso": False, "break_glass": (), "open_signup": True},
    ]
    for change in changes:
        after = replace(before, **change, name="Another", session_quota=9)
        event = some_event(before.id, action=AuditAction.WORKSPACE_SETTINGS_CHANGED)
        directory.workspaces.change_settings(before, after, event)
        before = replace(before, **change)
        assert directory.workspaces.get(before.id) == before
        assert event in directory.events(before.id)
    assert before in directory.workspaces.all()


def test_who_read_other_settings_changes_none(directory: Directory) -> None:
    one = (new_user_id(),)
    kinds: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"require_mfa": True}, {}),
        ({}, {"require_mfa": True}),
        ({"require_sso": True, "break_glass": one}, {"require_sso": True}),
        ({}, {"break_glass": one}),
        ({"open_signup": False}, {}),
        ({}, {"open_signup": False}),
    ]
    for stored, seen in kinds:
        there = directory.add_workspace(some_workspace(**stored))
        read = replace(there, **{name: getattr(BARE, name) for name in stored} | seen)
        events = directory.events(there.id)
        with pytest.raises(Stale):
            directory.workspaces.change_settings(
                read, replace(read, require_mfa=not read.require_mfa), some_event(there.id)
            )
        assert directory.workspaces.get(there.id) == there
        assert directory.events(there.id) == events


def test_a_workspace_that_is_not_there_gets_no_settings(directory: Directory) -> None:
    there = directory.add_workspace()
    other = replace(there, id=new_workspace_id())
    with pytest.raises(Stale):
        directory.workspaces.change_settings(
            other, replace(other, require_mfa=True), some_event(other.id)
        )
    assert directory.workspaces.get(other.id) is None
    assert directory.workspaces.get(there.id) == there


def test_all_workspaces_are_found_once_each(directory: Directory) -> None:
    made = [directory.add_workspace(some_workspace(session_quota=n)) for n in range(3)]
    directory.add_user()
    directory.add_application()
    found = list(directory.workspaces.all())
    for workspace in made:
        assert found.count(workspace) == 1


def test_the_members_of_a_workspace_are_its_own(directory: Directory) -> None:
    workspace = some_workspace()
    owner = Member(workspace.id, new_user_id(), Role.OWNER, NOW)
    directory.add_workspace(workspace, owner=owner)
    directory.add_workspace(owner=None)
    assert directory.members.of(workspace.id) == [owner]
    assert directory.members.of(new_workspace_id()) == []


def test_a_membership_ends_with_its_event(directory: Directory) -> None:
    workspace = some_workspace()
    owner = Member(workspace.id, new_user_id(), Role.OWNER, NOW)
    directory.add_workspace(workspace, owner=owner)
    event = some_event(workspace.id, action=AuditAction.MEMBER_REMOVED)
    directory.members.remove(owner, owner=None, event=event)
    assert directory.members.get(workspace.id, owner.operator) is None
    assert directory.members.workspaces_of(owner.operator) == []
    assert event in directory.events(workspace.id)
    with pytest.raises(Stale):
        directory.members.remove(owner, owner=None, event=some_event(workspace.id))


def test_an_owner_goes_only_while_another_one_stays(directory: Directory) -> None:
    workspace = some_workspace()
    owner = Member(workspace.id, new_user_id(), Role.OWNER, NOW)
    nobody = replace(owner, operator=new_user_id())
    directory.add_workspace(workspace, owner=owner)
    with pytest.raises(Stale):
        directory.members.remove(owner, owner=nobody, event=some_event(workspace.id))
    assert directory.members.get(workspace.id, owner.operator) == owner
    assert directory.members.get(workspace.id, nobody.operator) is None
