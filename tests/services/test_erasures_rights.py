"""The rights of the functions suffice for an erasure, and the job's are the fewest that do."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import cast

import pytest

from chalicelib.adapters.dynamodb.layout import profile_key
from chalicelib.adapters.dynamodb.transactions import Update
from chalicelib.domain.audit import SYSTEM
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import digest, new_browser_id, new_secret, new_user_id
from chalicelib.domain.limits import MAX_PAYLOAD_BYTES, SECOND_PASS_SECONDS
from chalicelib.domain.links import Link
from chalicelib.domain.login import BrowserSignIn
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import SignIn
from chalicelib.domain.users import User, UserKind, UserStatus
from chalicelib.domain.visitors import Awaited
from chalicelib.domain.workspaces import Member, Role
from chalicelib.services.wishes import Terms
from chalicelib.wiring.container import Container
from chalicelib.wiring.ports import Adapters
from tests.builders import ORIGIN, some_event, some_sealed, some_user_keys
from tests.contracts.test_invites import some_invite
from tests.contracts.test_passkeys import some_passkey
from tests.engines import dynamodb_local, engine, moto_cloud
from tests.fakes.surroundings import FakeClock
from tests.packaging.rights import allows, needs
from tests.services.deployments import Deployment, caller, deployment, sign_in, tenants_of
from tests.services.stopping import AtAnotherTime

__all__ = ["deployment", "dynamodb_local", "engine", "moto_cloud"]  # fixtures


def test_the_rights_suffice(deployment: Deployment) -> None:
    services, stores = deployment.services, deployment.adapters
    tenant = next(tenants_of(services, payload_bytes=MAX_PAYLOAD_BYTES))
    person = Person(tenant.workspace.id, tenant.user)
    event = partial(some_event, person.workspace)
    # What is here of somebody who came by an invite.
    invite = some_invite(person.workspace)
    stores.invites.add(invite, event())
    came = Update(
        key=profile_key(person), change="SET #invite = :invite", values={"invite": invite.digest}
    )
    deployment.adapters.tables.update(came, answer="ALL_NEW")
    sign_in(services, tenant, seeded=False)
    services.writes.replace(caller(services, tenant), {"a": "x" * 400_000}, Terms())
    for _ in range(2):
        stores.users.link(person, Link(digest(new_secret())), event())
    stores.login.add_browser(
        BrowserSignIn(
            digest=digest(new_secret()),
            id=new_browser_id(),
            person=person,
            sign_in=SignIn(0),
            exp=2**33,
        ),
        event(),
    )
    stores.passkeys.add(some_passkey(person=person), event())

    def asked(function: str, work: Callable[[], object]) -> set[str]:
        deployment.calls.clear()
        work()
        for operation, arguments in deployment.calls:
            for need in needs(operation, arguments):
                assert allows(function, need), need
        return {operation for operation, _ in deployment.calls}

    erase = services.erasing.erasures.erase
    made = asked("api_handler", lambda: erase(person, actor=SYSTEM, origin=ORIGIN))
    assert {"TransactWriteItems", "DeleteItem", "delete_object"} <= made
    # Somebody signed in at the same moment.
    stores.passkeys.add(some_passkey(person=person), event())
    clock = FakeClock(stores.clock.now() + SECOND_PASS_SECONDS)
    later = Container(
        deployment.settings, cast("Adapters", AtAnotherTime(deployment.adapters, clock))
    )
    finished = asked("finish_erasures", lambda: later.erasing.remnants.finish(limit=10))
    assert {"Query", "DeleteItem"} <= finished
    assert stores.users.get(person) is None


def test_guests_can_be_forgotten(deployment: Deployment) -> None:
    stores, clock = deployment.adapters, deployment.adapters.clock
    workspace = next(tenants_of(deployment.services)).workspace.id
    event = partial(some_event, workspace)
    people = [Person(workspace, new_user_id()) for _ in range(3)]
    gone, known, account = (
        User(person, UserStatus.ACTIVE, some_sealed(), None, created_at=0, kind=UserKind.VISITOR)
        for person in people
    )
    for user in (gone, known, account):
        stores.users.create(
            user,
            address=None,
            keys=some_user_keys(user.person),
            event=event(),
            awaited=Awaited(user.person, clock.now() - 5),
        )
    after = replace(account, kind=UserKind.ACCOUNT, password="$hash$")
    stores.users.upgrade(account, after, address=digest(new_secret()), event=event())
    stores.visitors.wait(Awaited(account.person, clock.now() - 5))
    browser = BrowserSignIn(
        digest=digest(new_secret()),
        id=new_browser_id(),
        person=known.person,
        sign_in=SignIn(0),
        exp=clock.now(),
    )
    stores.login.add_browser(browser, event())
    used, open_ = (some_invite(workspace, exp=clock.now() - 5) for _ in range(2))
    for invite in (used, open_):
        stores.invites.add(invite, event())
    stores.invites.revoke(used, event())
    deployment.calls.clear()
    outcomes = [
        deployment.services.upkeep.lapses.sweep(limit=9),
        deployment.services.erasing.absences.sweep(limit=9),
    ]
    assert outcomes == [
        {"found": 2, "lapsed": 2},
        {"found": 3, "erased": 1, "awaited": 1, "kept": 0},
    ]
    for operation, arguments in deployment.calls:
        for need in needs(operation, arguments):
            assert allows("sweep_guests", need), need
    assert "Scan" not in {operation for operation, _ in deployment.calls}
    assert stores.keys.of_user(gone.person) is None
    assert stores.keys.of_user(known.person) is not None


def test_a_membership_can_be_ended(deployment: Deployment) -> None:
    tenant = next(tenants_of(deployment.services))
    owner = Member(tenant.workspace.id, new_user_id(), Role.OWNER, since=0)
    deployment.calls.clear()
    with pytest.raises(Stale):
        deployment.adapters.members.remove(
            owner,
            owner=replace(owner, operator=new_user_id()),
            event=some_event(tenant.workspace.id),
        )
    wanted = [need for call in deployment.calls for need in needs(*call)]
    assert {need.action for need in wanted} >= {"dynamodb:DeleteItem", "dynamodb:UpdateItem"}
    assert all(allows("api_handler", need) for need in wanted)
