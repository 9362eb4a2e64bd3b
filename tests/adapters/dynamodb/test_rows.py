"""What the directory and the login leave in DynamoDB, where a store's answers do not show it."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamodb.attributes import Raw, read
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.layout import BY_TIME, DIRECTORY, LOGIN
from chalicelib.domain.audit import AuditAction
from chalicelib.domain.errors import Contended, Stale, StoreUnavailable
from chalicelib.domain.ids import new_session_id
from tests.builders import NOW, some_event, some_person, some_workspace
from tests.contracts.directory import Directory, some_user
from tests.contracts.stores import dynamo_stores
from tests.contracts.test_attempts import some_account
from tests.contracts.test_browsers import some_browser
from tests.contracts.test_codes import some_code
from tests.contracts.test_sign_ups import some_sign_up


class Collisions:
    """Lets the next transactions meet another one, and counts them."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.seen = 0

    def __call__(self, operation: str, arguments: Raw) -> None:
        del arguments
        if operation != "TransactWriteItems":
            return
        self.seen += 1
        if self.left:
            self.left -= 1
            raise Contended


class Interruption:
    """Lets some calls pass, and none after."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, operation: str, arguments: Raw) -> None:
        del operation, arguments
        if self.left == 0:
            raise StoreUnavailable("the process ended here")
        self.left -= 1


@pytest.fixture
def directory(tables: Tables) -> Iterator[Directory]:
    before = tables.on_call
    stores = dynamo_stores(tables, SystemClock())
    yield Directory(
        workspaces=stores.workspaces,
        members=stores.members,
        invites=stores.invites,
        upstreams=stores.upstreams,
        applications=stores.applications,
        users=stores.users,
        keys=stores.keys,
        audit=stores.audit,
        login=stores.login,
        challenges=stores.challenges,
        devices=stores.devices,
        factors=stores.factors,
        refresh=stores.refresh,
        passkeys=stores.passkeys,
        detours=stores.detours,
    )
    tables.on_call = before


def test_every_row_of_a_login_has_a_time_to_live(directory: Directory, tables: Tables) -> None:
    code, browser, sign_up = some_code(), some_browser(), some_sign_up()
    directory.login.add_code(code)
    directory.login.take_code(code.workspace, code.digest, now=NOW)
    directory.login.remember_session(code, new_session_id(NOW * 1_000))
    directory.login.remember_session(some_code(), new_session_id(NOW * 1_000))
    directory.login.take_code(code.workspace, some_code().digest, now=NOW)
    event = some_event(browser.person.workspace, action=AuditAction.SIGNIN_SUCCEEDED)
    directory.login.add_browser(browser, event)
    directory.login.open_sign_up(sign_up)
    directory.login.count_try(sign_up.workspace, sign_up.digest, now=NOW)
    directory.login.count_try(sign_up.workspace, code.digest, now=NOW)
    directory.login.count_failure(code.workspace, some_account(), now=NOW)
    rows = [read(raw) for raw in everything(tables)]
    assert len(rows) >= 5
    assert [row["PK"] for row in rows if row.get("ttl", 0) < NOW] == []


def test_ending_every_sign_in_of_a_person_leaves_no_row(
    directory: Directory, tables: Tables
) -> None:
    browser = some_browser()
    event = some_event(browser.person.workspace, action=AuditAction.SIGNIN_SUCCEEDED)
    directory.login.add_browser(browser, event)
    workspace = browser.person.workspace
    assert len(rows_of(tables, workspace)) == 2
    directory.login.end_browsers(browser.person)
    assert rows_of(tables, workspace) == []
    again = some_browser(person=browser.person)
    event = some_event(workspace, action=AuditAction.SIGNIN_SUCCEEDED)
    directory.login.add_browser(again, event)
    directory.login.end_browser(workspace, again.digest)
    assert rows_of(tables, workspace) == []


@pytest.mark.parametrize("last", [1, 2, 3])
def test_an_end_that_is_interrupted_leaves_all_of_a_sign_in_or_nothing(
    directory: Directory, tables: Tables, last: int
) -> None:
    browser = some_browser()
    workspace = browser.person.workspace
    event = some_event(workspace, action=AuditAction.SIGNIN_SUCCEEDED)
    directory.login.add_browser(browser, event)
    tables.on_call = Interruption(last)
    with suppress(StoreUnavailable):
        directory.login.end_browsers(browser.person)
    tables.on_call = lambda *_: None
    is_there = directory.login.browser(workspace, browser.digest, now=NOW) is not None
    assert [browser] * is_there == directory.login.browsers_of(browser.person, now=NOW)
    assert len(rows_of(tables, workspace)) == 2 * is_there
    directory.login.end_browser(workspace, browser.digest)
    assert rows_of(tables, workspace) == []


def test_users_are_listed_by_the_time_of_their_creation(
    directory: Directory, tables: Tables
) -> None:
    first = some_user(created_at=NOW)
    workspace = first.person.workspace
    second = some_user(some_person(workspace), created_at=NOW + 1)
    directory.add_user(second)
    directory.add_user(first)
    rows = tables.query(DIRECTORY, "#timePK = :pk", {"pk": f"W#{workspace}#USERS"}, index=BY_TIME)
    assert [row["timeSK"] for row in rows] == [
        f"{NOW}#{first.person.user}",
        f"{NOW + 1}#{second.person.user}",
    ]


def test_a_collision_is_asked_again_until_the_answer_is_known(
    directory: Directory, tables: Tables
) -> None:
    tables.on_call = collisions = Collisions(3)
    workspace = directory.add_workspace()
    assert collisions.seen == 4
    assert directory.workspaces.find(workspace.slug) == workspace
    tables.on_call = Collisions(3)
    with pytest.raises(Stale):
        directory.add_workspace(some_workspace(slug=workspace.slug))


def test_collisions_without_end_are_an_unavailable_store_and_never_a_taken_name(
    directory: Directory, tables: Tables
) -> None:
    tables.on_call = Collisions(1_000)
    workspace = some_workspace()
    with pytest.raises(StoreUnavailable):
        directory.add_workspace(workspace)
    assert directory.workspaces.find(workspace.slug) is None


def everything(tables: Tables) -> list[Raw]:
    answer = tables.call("Scan", {"TableName": tables.name(LOGIN), "ConsistentRead": True})
    assert "LastEvaluatedKey" not in answer
    found: list[Raw] = answer["Items"]
    return found


def rows_of(tables: Tables, workspace: str) -> list[str]:
    keys = [read(raw)["PK"] for raw in everything(tables)]
    return [key for key in keys if key.startswith(f"W#{workspace}#")]
