"""Browser sign-ins as items of DynamoDB."""

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.codes import sign_in_fields, sign_in_of
from chalicelib.domain.agents import SOME_BROWSER
from chalicelib.domain.ids import BrowserId, UserId, WorkspaceId, digest
from chalicelib.domain.login import BrowserSignIn
from chalicelib.domain.sessions import Person


def browser_fields(browser: BrowserSignIn) -> Fields:
    """Answer a browser's sign-in as attributes."""
    return {
        "wid": browser.person.workspace,
        "digest": browser.digest,
        "id": browser.id,
        "agent": browser.agent,
        "uid": browser.person.user,
        "signIn": sign_in_fields(browser.sign_in),
        "exp": browser.exp,
        "ttl": browser.exp,
    }


def browser_of(item: Item) -> BrowserSignIn:
    """Answer the browser's sign-in that an item holds."""
    return BrowserSignIn(
        digest=item["digest"],
        # Rows of before sign-ins had names gave grants that begin with none.
        id=BrowserId(item["id"] if "id" in item else digest(item["digest"])),
        agent=item.get("agent", SOME_BROWSER),
        person=Person(WorkspaceId(item["wid"]), UserId(item["uid"])),
        sign_in=sign_in_of(item["signIn"]),
        exp=item["exp"],
    )
