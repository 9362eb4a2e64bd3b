"""What every application store does."""

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.applications import ReturnFlow
from chalicelib.domain.audit import AuditAction
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import AppId, WorkspaceId, new_client_id, new_user_id, new_workspace_id
from chalicelib.domain.workspaces import Member, Role
from tests.builders import NOW, some_application, some_event, some_workspace
from tests.contracts.directory import Directory, at_once, wins


def test_a_created_application_is_found_by_its_id_and_by_its_client_id(
    directory: Directory,
) -> None:
    application = directory.add_application()
    assert directory.applications.get(application.workspace, application.id) == application
    assert directory.applications.find(application.client_id) == application


def test_every_setting_comes_back_as_it_was(directory: Directory) -> None:
    application = some_application(
        new_workspace_id(),
        name="Größte Notizen 📝",
        redirect_uris=("https://z.example/", "https://a.example/", "http://127.0.0.1:8001/x?y=z"),
        post_logout_uris=("https://z.example/bye", "https://a.example/bye"),
        color="#00aaff",
        token_seconds=61,
        payload_seconds=86_400,
        payload_bytes=4_194_304,
        requires_if_match=True,
        requests_per_minute=600,
        return_flow=ReturnFlow.TOKEN,
    )
    directory.add_application(application)
    assert directory.applications.get(application.workspace, application.id) == application


def test_a_creation_is_recorded(directory: Directory) -> None:
    application = some_application(new_workspace_id())
    event = some_event(application.workspace, action=AuditAction.APPLICATION_CREATED)
    directory.applications.create(application, event)
    assert directory.events(application.workspace) == [event]


def test_a_taken_id_is_stale_and_leaves_nothing(directory: Directory) -> None:
    first = directory.add_application()
    second = replace(first, client_id=new_client_id(), name="Second")
    before = directory.events(first.workspace)
    with pytest.raises(Stale):
        directory.add_application(second)
    assert directory.applications.get(first.workspace, first.id) == first
    assert directory.applications.find(second.client_id) is None
    assert directory.events(first.workspace) == before


def test_a_taken_client_id_is_stale_even_from_another_workspace(directory: Directory) -> None:
    first = directory.add_application()
    second = some_application(new_workspace_id(), client_id=first.client_id)
    with pytest.raises(Stale):
        directory.add_application(second)
    assert directory.applications.find(first.client_id) == first
    assert directory.applications.get(second.workspace, second.id) is None
    assert directory.events(second.workspace) == []


def test_one_id_in_two_workspaces_is_two_applications(directory: Directory) -> None:
    mine, theirs = directory.add_application(), directory.add_application()
    assert mine.id == theirs.id
    assert directory.applications.get(mine.workspace, mine.id) == mine
    assert directory.applications.get(theirs.workspace, theirs.id) == theirs
    assert directory.applications.of(mine.workspace) == [mine]


def test_from_next_door_nothing_is_found(directory: Directory) -> None:
    mine = directory.add_application()
    neighbour = new_workspace_id()
    assert directory.applications.get(neighbour, mine.id) is None
    assert directory.applications.of(neighbour) == []
    assert directory.applications.get(mine.workspace, AppId("forms")) is None
    assert directory.applications.get(mine.workspace, AppId(mine.id[:-1])) is None
    assert directory.applications.find(new_client_id()) is None


def test_a_workspace_lists_its_own_applications_in_order(directory: Directory) -> None:
    made = some_workspace()
    workspace = made.id
    owner = Member(workspace, new_user_id(), Role.OWNER, since=NOW)
    directory.add_workspace(made, owner=owner)
    names = ["notes", "a-b", "a1", "aa", "forms"]
    for name in names:
        directory.add_application(some_application(workspace, id=AppId(name)))
    directory.add_application(some_application(WorkspaceId(workspace + "x")))
    assert [a.id for a in directory.applications.of(workspace)] == sorted(names)


@pytest.mark.parametrize("text", ["", "#", "a#CLAIM", "é", "x" * 5_000, "\x00", "notes#", "*"])
def test_what_cannot_be_an_id_finds_nothing(directory: Directory, text: str) -> None:
    mine = directory.add_application()
    assert directory.applications.find(text) is None
    assert directory.applications.get(mine.workspace, AppId(text)) is None
    assert directory.applications.get(WorkspaceId(text), mine.id) is None
    assert directory.applications.of(WorkspaceId(text)) == []


def test_of_eight_who_claim_one_id_one_wins(directory: Directory) -> None:
    workspace = new_workspace_id()
    rivals = [some_application(workspace) for _ in range(8)]
    outcomes = at_once(
        [partial(wins, partial(directory.add_application, rival)) for rival in rivals]
    )
    assert sum(outcomes) == 1
    assert directory.applications.of(workspace) == [rivals[outcomes.index(True)]]
    assert sum(directory.applications.find(r.client_id) is not None for r in rivals) == 1
    assert len(directory.events(workspace)) == 1
