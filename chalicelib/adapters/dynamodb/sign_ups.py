"""Accounts in waiting as items of DynamoDB, their keys wrapped and their profile sealed."""

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.keys import rings_of, user_keys_of
from chalicelib.adapters.dynamodb.sealed import sealed_fields, sealed_of
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.login import SignUp
from chalicelib.domain.sessions import Person


def sign_up_fields(sign_up: SignUp) -> Fields:
    """Answer an account in waiting as attributes."""
    return {
        "wid": sign_up.workspace,
        "digest": sign_up.digest,
        "code": sign_up.code,
        "exp": sign_up.exp,
        "tries": sign_up.tries,
        "mails": sign_up.mails,
        "address": sign_up.address,
        "keys": rings_of(sign_up.keys),
        "uid": sign_up.user,
        "profile": sealed_fields(sign_up.profile),
        "password": sign_up.password,
        "invite": sign_up.invite,
        "ttl": sign_up.exp,
    }


def sign_up_of(item: Item) -> SignUp:
    """Answer the account in waiting that an item holds."""
    workspace, user = WorkspaceId(item["wid"]), UserId(item["uid"])
    return SignUp(
        digest=item["digest"],
        workspace=workspace,
        code=item["code"],
        exp=item["exp"],
        tries=item["tries"],
        mails=item["mails"],
        address=item["address"],
        keys=user_keys_of(Person(workspace, user), item["keys"]),
        user=user,
        profile=sealed_of(item["profile"]),
        password=item["password"],
        invite=item.get("invite"),
    )
