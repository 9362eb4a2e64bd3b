"""A workspace that requires single sign-on keeps somebody who can enter in an emergency."""

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.audit import Actor, ActorKind
from chalicelib.domain.errors import ErasureRefused
from chalicelib.domain.ids import UserId
from chalicelib.domain.users import User
from chalicelib.domain.workspaces import Member, Role, Workspace
from tests.api.authenticator import enrolled
from tests.api.platform import Platform, Tenant
from tests.api.visitor import account
from tests.builders import ORIGIN, some_event
from tests.contracts.directory import at_once
from tests.contracts.test_passkeys import some_passkey


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


def person(platform: Platform, tenant: Tenant, name: str, *, holds: str = "totp") -> User:
    """Somebody with an account, and with what they hold for an emergency."""
    user = account(platform, tenant.workspace, f"{name}@acme.example")
    if holds == "totp":
        enrolled(platform, replace(tenant, user=user.person.user, email=f"{name}@acme.example"))
    if holds == "passkey":
        event = some_event(tenant.workspace.id)
        platform.adapters.passkeys.add(some_passkey(person=user.person), event)
    return user


def name(platform: Platform, tenant: Tenant, *people: User, required: bool = True) -> None:
    """What operators choose."""
    before = there(platform, tenant)
    after = replace(
        before, require_sso=required, break_glass=tuple(each.person.user for each in people)
    )
    platform.adapters.workspaces.change_settings(before, after, some_event(before.id))


def there(platform: Platform, tenant: Tenant) -> Workspace:
    found = platform.adapters.workspaces.get(tenant.workspace.id)
    assert found is not None
    return found


def erase(platform: Platform, user: User) -> bool:
    """Erase somebody at their own wish; answers whether they are."""
    actor = Actor(ActorKind.USER, user.person.user)
    try:
        platform.services.erasing.erasures.erase(user.person, actor=actor, origin=ORIGIN)
    except ErasureRefused:
        return False
    return True


@pytest.mark.parametrize("holds", ["totp", "passkey"])
def test_the_last_one_stays_and_is_told_why(platform: Platform, tenant: Tenant, holds: str) -> None:
    one = person(platform, tenant, "one", holds=holds)
    name(platform, tenant, one)
    count = len(platform.events)
    actor = Actor(ActorKind.USER, one.person.user)
    with pytest.raises(ErasureRefused, match="Nobody else could enter Acme") as refused:
        platform.services.erasing.erasures.erase(one.person, actor=actor, origin=ORIGIN)
    assert "breakGlass" in (refused.value.hint or "")
    assert platform.actions_since(count) == []
    assert platform.adapters.keys.of_user(one.person) is not None
    assert there(platform, tenant).break_glass == (one.person.user,)


@pytest.mark.parametrize("other", ["holds nothing", "is suspended", "is erased"])
def test_one_who_could_not_enter_does_not_count(
    platform: Platform, tenant: Tenant, other: str
) -> None:
    one = person(platform, tenant, "one")
    two = person(platform, tenant, "two", holds="nothing" if "nothing" in other else "totp")
    if other == "is erased":
        assert erase(platform, two)
    if other == "is suspended":
        platform.adapters.users.suspend(tenant.workspace.id, two.person.user)
    name(platform, tenant, one, two)
    assert not erase(platform, one)


@pytest.mark.parametrize("holds", ["totp", "passkey"])
def test_one_of_two_goes_and_is_named_no_more(
    platform: Platform, tenant: Tenant, holds: str
) -> None:
    one, two = person(platform, tenant, "one"), person(platform, tenant, "two", holds=holds)
    name(platform, tenant, one, two)
    count = len(platform.events)
    assert erase(platform, one)
    assert there(platform, tenant).break_glass == (two.person.user,)
    assert there(platform, tenant).require_sso
    changed = platform.events[count]
    assert changed.action == "workspace.settings_changed"
    assert changed.actor == Actor(ActorKind.USER, one.person.user)
    assert changed.meta == {"breakGlass": 1, "breakGlassBefore": 2}
    assert not erase(platform, two)


def test_where_it_is_not_required_the_name_goes_along(platform: Platform, tenant: Tenant) -> None:
    one, two = person(platform, tenant, "one"), person(platform, tenant, "two", holds="nothing")
    name(platform, tenant, one, required=False)
    assert erase(platform, one)
    assert there(platform, tenant).break_glass == ()
    # Whoever is not named is in nobody's way.
    count = len(platform.events)
    assert erase(platform, two)
    assert "workspace.settings_changed" not in platform.actions_since(count)


def test_of_two_who_go_at_one_moment_one_stays(platform: Platform, tenant: Tenant) -> None:
    people = [person(platform, tenant, each) for each in ("one", "two")]
    name(platform, tenant, *people)
    gone = at_once([partial(erase, platform, each) for each in people])
    assert sorted(gone) == [False, True]
    (left,) = there(platform, tenant).break_glass
    assert left == people[gone.index(False)].person.user


def test_the_same_number_elsewhere_is_somebody_else(platform: Platform, tenant: Tenant) -> None:
    one = person(platform, tenant, "one")
    elsewhere = platform.tenant("globex")
    before = there(platform, elsewhere)
    after = replace(before, require_sso=True, break_glass=(one.person.user,))
    platform.adapters.workspaces.change_settings(before, after, some_event(before.id))
    assert erase(platform, one)
    assert there(platform, elsewhere) == after


def test_a_last_owner_who_stays_stays_named(platform: Platform, tenant: Tenant) -> None:
    console = platform.services.deployment.prepare()
    desk = replace(tenant, workspace=console)
    one, two = person(platform, desk, "one"), person(platform, desk, "two")
    name(platform, desk, one, two)
    workspace = tenant.workspace.id
    for former in platform.adapters.members.of(workspace):
        platform.adapters.members.remove(former, owner=None, event=some_event(workspace))
    platform.adapters.members.put(Member(workspace, UserId(one.person.user), Role.OWNER, since=0))
    assert not erase(platform, one)
    assert set(there(platform, desk).break_glass) == {one.person.user, two.person.user}
    # And the last who is named stays a member.
    name(platform, desk, one)
    platform.adapters.members.put(Member(workspace, UserId(10**15 + 7), Role.OWNER, since=0))
    assert not erase(platform, one)
    assert platform.adapters.members.get(workspace, one.person.user) is not None
