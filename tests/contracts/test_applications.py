"""What every application store does."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.applications import Application, ReturnFlow
from chalicelib.domain.audit import AuditAction
from chalicelib.domain.clients import ClientKind, ClientSecret, DpopUse
from chalicelib.domain.errors import Contended, Stale
from chalicelib.domain.ids import (
    AppId,
    WorkspaceId,
    new_client_id,
    new_secret_id,
    new_user_id,
    new_workspace_id,
)
from chalicelib.domain.tokens import SigningAlg
from chalicelib.domain.workspaces import Member, Role
from tests.builders import NOW, some_application, some_event, some_workspace
from tests.contracts.directory import Directory, at_once, some_digest, wins


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
        kind=ClientKind.SERVER,
        dpop=DpopUse.OFF,
        id_token_alg=SigningAlg.RS256,
        secrets=(
            ClientSecret(id=new_secret_id(), digest=some_digest(), created_at=NOW),
            ClientSecret(id=new_secret_id(), digest=some_digest(), created_at=NOW + 1),
        ),
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


def test_changed_settings_are_stored_and_recorded(directory: Directory) -> None:
    before = directory.add_application(
        some_application(new_workspace_id(), color="#00aaff", requests_per_minute=600)
    )
    after = replace(
        before,
        name="Letters",
        redirect_uris=("https://letters.example/",),
        post_logout_uris=(),
        color=None,
        token_seconds=61,
        payload_seconds=60,
        payload_bytes=1_024,
        requires_if_match=True,
        requests_per_minute=None,
        return_flow=ReturnFlow.TOKEN,
        kind=ClientKind.NATIVE,
        dpop=DpopUse.REQUIRED,
        id_token_alg=SigningAlg.RS256,
        version=2,
    )
    event = some_event(before.workspace, action=AuditAction.APPLICATION_UPDATED)
    directory.applications.update(after, event)
    assert directory.applications.get(before.workspace, before.id) == after
    assert directory.applications.find(before.client_id) == after
    assert event in directory.events(before.workspace)


def test_secrets_come_and_go_with_the_settings(directory: Directory) -> None:
    secret = ClientSecret(id=new_secret_id(), digest=some_digest(), created_at=NOW)
    before = directory.add_application(
        some_application(new_workspace_id(), kind=ClientKind.SERVER, secrets=(secret,))
    )
    after = replace(before, secrets=(), version=2)
    update(directory, after)
    assert directory.applications.get(before.workspace, before.id) == after
    again = replace(after, secrets=(secret,), version=3)
    update(directory, again)
    assert directory.applications.find(before.client_id) == again


@pytest.mark.parametrize("version", [1, 3])
def test_settings_are_changed_only_where_the_version_before_stands(
    directory: Directory, version: int
) -> None:
    before = directory.add_application()
    with pytest.raises(Stale):
        update(directory, replace(before, name="Letters", version=version))
    assert directory.applications.get(before.workspace, before.id) == before
    assert len(directory.events(before.workspace)) == 1


def test_next_door_no_settings_are_changed(directory: Directory) -> None:
    mine = directory.add_application()
    other = replace(mine, workspace=new_workspace_id(), version=2)
    for theirs in (other, replace(mine, id=AppId("forms"), version=2)):
        with pytest.raises(Stale):
            update(directory, theirs)
        with pytest.raises(Stale):
            add_redirect(directory, theirs, "https://evil.example/")
    assert directory.applications.of(mine.workspace) == [mine]
    assert directory.applications.of(other.workspace) == []


def test_a_redirect_uri_is_appended_once_and_raises_the_version(directory: Directory) -> None:
    before = directory.add_application()
    uri = "https://notes.example/more"
    add_redirect(directory, before, uri)
    after = replace(before, redirect_uris=(*before.redirect_uris, uri), version=2)
    assert directory.applications.get(before.workspace, before.id) == after
    with pytest.raises(Stale):
        add_redirect(directory, before, uri)
    with pytest.raises(Stale):
        add_redirect(directory, before, "https://notes.example/third", limit=2)
    assert directory.applications.get(before.workspace, before.id) == after
    assert len(directory.events(before.workspace)) == 2


def test_of_eight_who_change_one_version_one_wins(directory: Directory) -> None:
    before = directory.add_application()
    rivals = [replace(before, name=f"Rival {n}", version=2) for n in range(8)]
    outcomes = at_once([partial(decided, partial(update, directory, rival)) for rival in rivals])
    assert sum(outcomes) == 1
    there = directory.applications.get(before.workspace, before.id)
    assert there == rivals[outcomes.index(True)]
    assert len(directory.events(before.workspace)) == 2


def test_eight_who_append_different_addresses_lose_none(directory: Directory) -> None:
    before = directory.add_application()
    uris = [f"https://notes.example/{n}" for n in range(8)]
    outcomes = at_once(
        [partial(decided, partial(add_redirect, directory, before, uri)) for uri in uris]
    )
    assert all(outcomes)
    there = directory.applications.get(before.workspace, before.id)
    assert there is not None
    assert set(there.redirect_uris) == {*before.redirect_uris, *uris}
    assert there.version == 9
    assert len(directory.events(before.workspace)) == 9


def test_of_eight_who_append_one_address_one_does(directory: Directory) -> None:
    before = directory.add_application()
    append = partial(add_redirect, directory, before, "https://notes.example/more")
    assert sum(at_once([partial(decided, append)] * 8)) == 1
    there = directory.applications.get(before.workspace, before.id)
    assert there is not None
    assert there.redirect_uris == (*before.redirect_uris, "https://notes.example/more")


def update(directory: Directory, after: Application) -> None:
    """Store changed settings with one event."""
    directory.applications.update(
        after, some_event(after.workspace, action=AuditAction.APPLICATION_UPDATED)
    )


def add_redirect(
    directory: Directory, application: Application, uri: str, *, limit: int = 50
) -> None:
    """Append an address with one event."""
    directory.applications.add_redirect(
        application.workspace,
        application.id,
        uri,
        limit=limit,
        event=some_event(application.workspace, action=AuditAction.APPLICATION_REDIRECT_ADDED),
    )


def decided(attempt: Callable[[], None]) -> bool:
    """Try until the store has decided."""
    while True:
        try:
            return wins(attempt)
        except Contended:
            continue


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
