"""Guests are forgotten when nothing lets them in any more, and never before."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import cast

import pytest

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.clients import ClientKind
from chalicelib.domain.errors import StoreUnavailable
from chalicelib.domain.ids import AppId
from chalicelib.domain.limits import (
    AWAITED_SECONDS,
    REFRESH_SECONDS,
    SECOND_PASS_SECONDS,
    SWEPT_AGAIN_SECONDS,
    VISITOR_SECONDS,
)
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import Profile, UserKind, UserStatus
from chalicelib.domain.visitors import Awaited, VisitorUse
from chalicelib.domain.workspaces import Gate, GateStatus
from chalicelib.wiring.container import Container
from chalicelib.wiring.ports import Adapters
from tests.api.platform import Platform, Tenant, send
from tests.api.visitor import Visitor, account, code_of, post_form
from tests.builders import ORIGIN, some_event
from tests.contracts.test_invites import some_invite
from tests.services.stopping import Steps, Stopped, Stopping

LIFE = VISITOR_SECONDS + AWAITED_SECONDS
DAY = 86_400


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant(visitors=VisitorUse.ALLOWED)


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    """Somebody who began without an account, and wrote something."""
    visitor = Visitor(platform, tenant)
    token = tokens(visitor)["access_token"]
    assert send("PUT", "/api/v1/sessions", token=token, body={"note": "mine"}).status == 200
    return visitor


def tokens(visitor: Visitor, **changes: str) -> Mapping[str, str]:
    named = {"workspace_name": visitor.slug, "app_id": visitor.tenant.application.id}
    request = {**named, **visitor.params(**changes)}
    answer = visitor.step("visit", request=request)
    got = visitor.exchange(code_of(answer.json()["redirectTo"]))
    assert got.status == 200, got.body
    found: Mapping[str, str] = got.json()
    return found


def refreshed(visitor: Visitor, token: str) -> str:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    form["client_id"] = visitor.tenant.application.client_id
    answer = post_form(f"/oidc/{visitor.slug}/token", form)
    assert answer.status == 200, answer.body
    found: str = answer.json()["refresh_token"]
    return found


def person_of(visitor: Visitor) -> Person:
    (event,) = [
        each
        for each in visitor.platform.events
        if each.action is AuditAction.USER_CREATED and each.meta.get("kind") == "anonymous"
    ]
    assert event.subject is not None
    return Person(visitor.tenant.workspace.id, event.subject)


def sweep(platform: Platform, *, limit: int = 9, steps: Steps | None = None) -> Mapping[str, int]:
    adapters = cast("Adapters", Stopping(platform.adapters, steps or Steps()))
    return Container(platform.services.settings, adapters).erasing.absences.sweep(limit=limit)


def outcome(**counts: int) -> Mapping[str, int]:
    return {"found": 0, "erased": 0, "awaited": 0, "kept": 0, **counts}


def is_there(platform: Platform, person: Person) -> bool:
    user = platform.adapters.users.get(person)
    has_keys = platform.adapters.keys.of_user(person) is not None
    assert has_keys is (user is not None and user.status is UserStatus.ACTIVE)
    return has_keys


def test_whoever_can_never_come_back_is_erased(platform: Platform, visitor: Visitor) -> None:
    person, clock = person_of(visitor), platform.adapters.clock
    assert len(platform.adapters.sessions.of_person(person)) == 1
    clock.pause(LIFE)
    assert sweep(platform) == outcome()
    assert is_there(platform, person)
    clock.pause(1)
    count = len(platform.events)
    assert sweep(platform) == outcome(found=1, erased=1)
    assert not is_there(platform, person)
    assert platform.actions_since(count) == ["key.destroyed", "user.erased"]
    for event in platform.events[count:]:
        assert (event.actor.kind, event.subject) == ("system", person.user)
    clock.pause(SECOND_PASS_SECONDS)
    assert platform.services.erasing.remnants.finish(limit=9)["finished"] == 1
    assert platform.adapters.users.get(person) is None
    assert platform.adapters.sessions.of_person(person) == []
    assert platform.adapters.visitors.get(person) is None
    assert sweep(platform) == outcome()


@pytest.mark.parametrize("age", [0, VISITOR_SECONDS // 2 - 60, VISITOR_SECONDS // 2 + 60])
def test_whoever_comes_back_in_the_last_second_of_their_cookie_keeps_everything(
    platform: Platform, visitor: Visitor, age: int
) -> None:
    person, clock = person_of(visitor), platform.adapters.clock
    clock.pause(age)
    token = tokens(visitor)["access_token"]
    # Was the cookie renewed with that?
    left = VISITOR_SECONDS if age > VISITOR_SECONDS // 2 else VISITOR_SECONDS - age
    for pause in (left - 1, 1):
        clock.pause(pause)
        sweep(platform)
        assert is_there(platform, person)
    clock.pause(-1)
    token = tokens(visitor)["access_token"]
    assert send("GET", "/api/v1/sessions", token=token).json() == {"note": "mine"}
    # And for as long as what they were given in that second may live.
    clock.pause(VISITOR_SECONDS + AWAITED_SECONDS - DAY)
    sweep(platform)
    assert is_there(platform, person)


def test_a_refresh_token_is_a_way_to_come_back(platform: Platform) -> None:
    tenant = platform.tenant(visitors=VisitorUse.ALLOWED, kind=ClientKind.NATIVE)
    visitor = Visitor(platform, tenant)
    clock = platform.adapters.clock
    refresh = tokens(visitor, scope="openid offline_access")["refresh_token"]
    person = person_of(visitor)
    since = clock.now()
    while clock.now() - since <= LIFE:
        clock.pause(REFRESH_SECONDS - 60)
        refresh = refreshed(visitor, refresh)
    assert sweep(platform) == outcome(found=1, awaited=1)
    assert sweep(platform) == outcome()
    clock.pause(REFRESH_SECONDS - 1)
    refresh = refreshed(visitor, refresh)
    clock.pause(AWAITED_SECONDS + 2)
    assert sweep(platform) == outcome(found=1, awaited=1)
    clock.pause(REFRESH_SECONDS + 1)
    assert sweep(platform) == outcome(found=1, erased=1)
    assert not is_there(platform, person)


def test_an_account_is_never_erased(platform: Platform, visitor: Visitor) -> None:
    person = person_of(visitor)
    user = platform.adapters.users.get(person)
    assert user is not None
    platform.services.hosted.users.upgrade(
        user,
        Profile(email="nora@acme.example"),
        password="$hash$",
        origin=ORIGIN,
        app=AppId("notes"),
        redemption=None,
    )
    platform.adapters.clock.pause(LIFE + 1)
    assert sweep(platform) == outcome()
    # A second visit that began at that moment leaves its row behind.
    platform.adapters.visitors.wait(Awaited(person, 5))
    assert sweep(platform) == outcome(found=1)
    assert is_there(platform, person)
    assert platform.adapters.visitors.get(person) is None


@pytest.mark.parametrize("meanwhile", ["came back", "added an account", "is erased"])
def test_what_happens_while_they_are_judged_counts(
    platform: Platform, visitor: Visitor, meanwhile: str
) -> None:
    person = person_of(visitor)
    platform.adapters.clock.pause(LIFE + 1)
    user = platform.adapters.users.get(person)
    assert user is not None

    def happen() -> None:
        match meanwhile:
            case "came back":
                until = platform.adapters.clock.now() + LIFE
                platform.adapters.visitors.wait(Awaited(person, until))
            case "added an account":
                after = replace(user, kind=UserKind.ACCOUNT)
                event = some_event(person.workspace)
                platform.adapters.users.upgrade(user, after, address="a" * 43, event=event)
            case _:
                platform.services.erasing.erasures.erase(
                    person, actor=some_event(person.workspace).actor, origin=ORIGIN
                )

    steps = Meanwhile("before begin", happen)
    assert sweep(platform, steps=steps) == outcome(found=1, kept=1)
    assert is_there(platform, person) is (meanwhile != "is erased")


class Meanwhile(Steps):
    """Lets something happen at a step, once."""

    def __init__(self, at: str, happen: Callable[[], None]) -> None:
        super().__init__()
        self._at, self._happen = at, happen

    def reach(self, step: str) -> None:
        super().reach(step)
        if step == self._at and self.reached.count(step) == 1:
            self._happen()


def test_whoever_is_kept_or_ends_a_run_holds_up_nobody(platform: Platform, tenant: Tenant) -> None:
    held, sealed = Visitor(platform, tenant), Visitor(platform, tenant)
    for each in (held, sealed):
        tokens(each)
    people = [
        Person(tenant.workspace.id, event.subject)
        for event in platform.events
        if event.meta.get("kind") == "anonymous" and event.subject is not None
    ]
    platform.adapters.clock.pause(LIFE + 1)
    for person in people:
        platform.adapters.erasures.hold(person)
    assert sweep(platform, limit=1) == outcome(found=1, kept=1)
    assert sweep(platform, limit=1) == outcome(found=1, kept=1)
    assert sweep(platform, limit=1) == outcome()
    assert all(is_there(platform, person) for person in people)
    platform.adapters.clock.pause(SWEPT_AGAIN_SECONDS + 1)
    platform.adapters.erasures.release_holds()
    assert sweep(platform) == outcome(found=2, erased=2)


def test_what_is_sealed_stays(platform: Platform, visitor: Visitor) -> None:
    gates, workspace = platform.adapters.workspaces.gates, visitor.tenant.workspace.id
    platform.adapters.clock.pause(LIFE + 1)
    gates[workspace] = Gate(GateStatus.SEALED, version=2)
    assert sweep(platform) == outcome(found=1, kept=1)
    assert is_there(platform, person_of(visitor))
    gates[workspace] = Gate(GateStatus.LIVE, version=3)
    platform.adapters.clock.pause(SWEPT_AGAIN_SECONDS + 1)
    assert sweep(platform) == outcome(found=1, erased=1)


def test_whoever_stops_a_sweep_anywhere_leaves_it_to_the_next(
    platform: Platform, tenant: Tenant
) -> None:
    def one() -> Person:
        tokens(Visitor(platform, tenant))
        platform.adapters.clock.pause(LIFE + 1)
        (event,) = [e for e in platform.events if e.meta.get("kind") == "anonymous"][-1:]
        assert event.subject is not None
        return Person(tenant.workspace.id, event.subject)

    one()
    steps = Steps()
    sweep(platform, steps=steps)
    assert {"after due", "before put_off", "before begin", "after begin"} <= set(steps.reached)
    for step in dict.fromkeys(steps.reached):
        person = one()
        with pytest.raises(Stopped):
            sweep(platform, steps=Steps(step))
        platform.adapters.clock.pause(SWEPT_AGAIN_SECONDS + 1)
        sweep(platform)
        assert not is_there(platform, person), step


def test_an_invite_forgets_its_address_when_it_is_over(platform: Platform) -> None:
    tenant, clock = platform.tenant(), platform.adapters.clock
    invites = platform.adapters.invites
    now = clock.now()
    short, long = (
        some_invite(tenant.workspace.id, exp=now + seconds, created_at=now) for seconds in (60, 90)
    )
    for each in (short, long):
        invites.add(each, some_event(tenant.workspace.id))
    count = len(platform.events)
    lapses = platform.services.upkeep.lapses
    assert lapses.sweep(limit=9) == {"found": 0, "lapsed": 0}
    clock.pause(60)
    assert lapses.sweep(limit=9) == {"found": 1, "lapsed": 1}
    assert lapses.sweep(limit=9) == {"found": 0, "lapsed": 0}
    assert invites.get(tenant.workspace.id, short.digest) == short.lapsed()
    assert invites.get(tenant.workspace.id, long.digest) == long
    (event,) = platform.events[count:]
    assert (event.action, event.meta) == ("invite.expired", {"invite": short.id})
    assert event.actor.kind == "system"


def test_an_invite_that_cannot_lapse_now_holds_up_no_other(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, invites = platform.tenant(), platform.adapters.invites
    made = [some_invite(tenant.workspace.id, exp=5 + number) for number in range(3)]
    for each in made:
        invites.add(each, some_event(tenant.workspace.id))
    lapse = invites.lapse

    def failing(invite: object, event: object, *, at: object) -> None:
        if invite == at:
            raise StoreUnavailable("not now")
        lapse(invite, event)  # type: ignore[arg-type]

    monkeypatch.setattr(invites, "lapse", partial(failing, at=replace(made[0], email=None)))
    assert platform.services.upkeep.lapses.sweep(limit=9) == {"found": 3, "lapsed": 2}


def test_accounts_have_nobody_who_waits(platform: Platform, tenant: Tenant) -> None:
    user = account(platform, tenant.workspace, "anna@acme.example")
    assert platform.adapters.visitors.get(user.person) is None
