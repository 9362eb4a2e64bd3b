"""What every store of invites does, and what a user store does with one."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.errors import Contended, Stale
from chalicelib.domain.ids import (
    AppId,
    InviteId,
    WorkspaceId,
    new_invite_id,
    new_user_id,
    new_workspace_id,
)
from chalicelib.domain.invites import Invite, Redemption
from chalicelib.domain.keys import SealedApart
from tests.builders import NOW, some_event, some_person, some_sealed, some_user_keys
from tests.contracts.directory import Directory, at_once, some_digest, some_user


def some_invite(workspace: WorkspaceId | None = None, **changes: Any) -> Invite:
    """Make an open invite with all that it can have."""
    wid = workspace or new_workspace_id()
    words: dict[str, Any] = {
        "id": new_invite_id(),
        "workspace": wid,
        "digest": some_digest(),
        "address": some_digest(),
        "created_at": NOW,
        "created_by": new_user_id(),
        "exp": NOW + 86_400,
        "email": SealedApart(some_user_keys(some_person(wid)), some_sealed()),
        "app": AppId("notes"),
        **changes,
    }
    return Invite(**words)


def add(directory: Directory, invite: Invite) -> Invite:
    directory.invites.add(invite, some_event(invite.workspace, action=AuditAction.INVITE_CREATED))
    return invite


def redemption(invite: Invite, **changes: Any) -> Redemption:
    event = some_event(invite.workspace, action=AuditAction.INVITE_REDEEMED, **changes)
    return Redemption(invite, event)


def redeem(directory: Directory, invite: Invite, **changes: Any) -> Any:
    user = some_user(some_person(invite.workspace))
    event = some_event(invite.workspace, action=AuditAction.USER_CREATED)
    directory.users.create(
        user,
        address=some_digest(),
        keys=some_user_keys(user.person),
        event=event,
        redemption=redemption(invite, **changes),
    )
    return user


@pytest.mark.parametrize("app", [AppId("notes"), None])
def test_one_comes_back_as_it_was_by_digest_and_by_id(
    directory: Directory, app: AppId | None
) -> None:
    invite = add(directory, some_invite(app=app))
    assert directory.invites.get(invite.workspace, invite.digest) == invite
    assert directory.invites.named(invite.workspace, invite.id) == invite
    (event,) = directory.events(invite.workspace)
    assert event.action == "invite.created"


@pytest.mark.parametrize("taken", ["id", "digest"])
def test_a_taken_name_is_stale_and_changes_nothing(directory: Directory, taken: str) -> None:
    first = add(directory, some_invite())
    second = some_invite(first.workspace, **{taken: getattr(first, taken)})
    with pytest.raises(Stale):
        add(directory, second)
    assert directory.invites.get(first.workspace, first.digest) == first
    assert len(directory.events(first.workspace)) == 1


def test_the_newest_come_first_by_pages(directory: Directory) -> None:
    workspace = new_workspace_id()
    made = [add(directory, some_invite(workspace, created_at=NOW + n)) for n in range(5)]
    newest = made[::-1]
    assert directory.invites.of(workspace, before=None, limit=2) == newest[:2]
    assert directory.invites.of(workspace, before=newest[1].position, limit=9) == newest[2:]
    assert directory.invites.of(workspace, before=newest[4].position, limit=9) == []


def test_one_that_is_taken_back_keeps_no_address(directory: Directory) -> None:
    invite = add(directory, some_invite())
    event = some_event(invite.workspace, action=AuditAction.INVITE_REVOKED)
    directory.invites.revoke(invite, event)
    found = directory.invites.get(invite.workspace, invite.digest)
    assert found == replace(invite.revoked())
    assert directory.invites.of(invite.workspace, before=None, limit=9) == [found]
    assert event in directory.events(invite.workspace)
    with pytest.raises(Stale):
        directory.invites.revoke(
            invite, some_event(invite.workspace, action=AuditAction.INVITE_REVOKED)
        )


def test_one_is_redeemed_with_the_user_that_it_permits(directory: Directory) -> None:
    invite = add(directory, some_invite())
    user = redeem(directory, invite)
    assert directory.users.get(user.person) == user
    found = directory.invites.get(invite.workspace, invite.digest)
    assert found == invite.redeemed(user.person.user)
    actions = [event.action.value for event in directory.events(invite.workspace)]
    assert sorted(actions) == ["invite.created", "invite.redeemed", "user.created"]


@pytest.mark.parametrize("why", ["used", "revoked", "over", "never made", "next door"])
def test_what_is_not_open_makes_no_user(directory: Directory, why: str) -> None:
    invite, at = some_invite(), NOW * 1_000
    if why != "never made":
        add(directory, invite)
    if why == "used":
        redeem(directory, invite)
    if why == "revoked":
        event = some_event(invite.workspace, action=AuditAction.INVITE_REVOKED)
        directory.invites.revoke(invite, event)
    if why == "over":
        at = invite.exp * 1_000
    shown = replace(invite, workspace=new_workspace_id()) if why == "next door" else invite
    before = directory.events(shown.workspace)
    user = some_user(some_person(shown.workspace))
    event = some_event(shown.workspace, action=AuditAction.USER_CREATED)
    with pytest.raises(Stale):
        directory.users.create(
            user,
            address=some_digest(),
            keys=some_user_keys(user.person),
            event=event,
            redemption=redemption(shown, at=at),
        )
    assert directory.users.get(user.person) is None
    assert directory.keys.of_user(user.person) is None
    assert directory.events(shown.workspace) == before


def test_of_eight_who_redeem_one_at_once_one_has_an_account(directory: Directory) -> None:
    invite = add(directory, some_invite())

    def attempt() -> bool:
        try:
            redeem(directory, invite)
        except (Stale, Contended):
            return False
        return True

    assert sum(at_once([partial(attempt) for _ in range(8)])) == 1


def test_next_door_there_is_none(directory: Directory) -> None:
    invite = add(directory, some_invite())
    other = new_workspace_id()
    assert directory.invites.get(other, invite.digest) is None
    assert directory.invites.named(other, invite.id) is None
    assert directory.invites.of(other, before=None, limit=9) == []
    for text in ("", "#", invite.digest[:-1], f"{invite.digest}#x", "x" * 80):
        assert directory.invites.get(invite.workspace, text) is None
        assert directory.invites.named(invite.workspace, InviteId(text)) is None
    assert directory.invites.of(WorkspaceId("w#x"), before=None, limit=9) == []
    with pytest.raises(ValueError, match="not a part"):
        add(directory, some_invite(digest="a#b"))


def is_over(directory: Directory, invite: Invite, *, now: int) -> bool:
    found = directory.invites.over(now=now, limit=1_000)
    return invite.id in {each.id for each in found}


def test_one_is_over_from_its_end_on_until_it_lapses(directory: Directory) -> None:
    invite = add(directory, some_invite())
    assert not is_over(directory, invite, now=invite.exp - 1)
    assert is_over(directory, invite, now=invite.exp)
    (found,) = [
        each for each in directory.invites.over(now=invite.exp, limit=1_000) if each.id == invite.id
    ]
    assert found == replace(invite, email=None)
    event = some_event(invite.workspace, action=AuditAction.INVITE_EXPIRED)
    directory.invites.lapse(found, event)
    assert event in directory.events(invite.workspace)
    assert directory.invites.get(invite.workspace, invite.digest) == invite.lapsed()
    assert directory.invites.named(invite.workspace, invite.id) == invite.lapsed()
    assert not is_over(directory, invite, now=invite.exp)


def test_the_first_to_end_lapses_first(directory: Directory) -> None:
    made = [add(directory, some_invite(exp=1_000_000 - age)) for age in range(120)]
    found = directory.invites.over(now=1_000_000, limit=1_000)
    assert [each.id for each in found] == [each.id for each in reversed(made)]
    few = directory.invites.over(now=1_000_000, limit=2)
    assert [each.id for each in few] == [made[-1].id, made[-2].id]
    for each in found:
        directory.invites.lapse(each, None)


@pytest.mark.parametrize("became", ["redeemed", "revoked"])
def test_one_that_ended_otherwise_lapses_without_a_word(directory: Directory, became: str) -> None:
    invite = add(directory, some_invite())
    if became == "redeemed":
        redeem(directory, invite)
    else:
        event = some_event(invite.workspace, action=AuditAction.INVITE_REVOKED)
        directory.invites.revoke(invite, event)
    before = directory.invites.get(invite.workspace, invite.digest)
    assert before is not None
    directory.invites.lapse(before, None)
    # Whose account it made is known; whom it was for and never came is not.
    after = before if became == "redeemed" else before.lapsed()
    assert directory.invites.get(invite.workspace, invite.digest) == after
    assert not is_over(directory, invite, now=invite.exp)


def test_one_that_was_used_meanwhile_does_not_lapse_as_open(directory: Directory) -> None:
    invite = add(directory, some_invite())
    user = redeem(directory, invite)
    event = some_event(invite.workspace, action=AuditAction.INVITE_EXPIRED)
    with pytest.raises(Stale):
        directory.invites.lapse(invite, event)
    assert event not in directory.events(invite.workspace)
    found = directory.invites.get(invite.workspace, invite.digest)
    assert found == invite.redeemed(user.person.user)
    assert is_over(directory, invite, now=invite.exp)


def test_a_neighbours_invite_does_not_lapse_along(directory: Directory) -> None:
    mine = add(directory, some_invite())
    theirs = add(directory, some_invite(None, id=mine.id, digest=mine.digest))
    directory.invites.lapse(mine, None)
    assert directory.invites.get(theirs.workspace, theirs.digest) == theirs
    assert is_over(directory, theirs, now=theirs.exp)
