"""Values sealed apart inside items of DynamoDB: ciphertext, and beside it the keys of its own."""

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.keys import rings_of, user_keys_of
from chalicelib.adapters.dynamodb.sealed import sealed_fields, sealed_of
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.keys import SealedApart
from chalicelib.domain.sessions import Person


def apart_fields(kept: SealedApart) -> Fields:
    """Answer what is sealed apart as an attribute."""
    # Its keys have no row among the users' keys, as their holder is nobody.
    return {
        "uid": kept.keys.user,
        "keys": rings_of(kept.keys),
        "sealed": sealed_fields(kept.sealed),
    }


def apart_of(workspace: WorkspaceId, attribute: Item) -> SealedApart:
    """Answer what an attribute of a workspace's item holds sealed apart."""
    holder = Person(workspace, UserId(attribute["uid"]))
    return SealedApart(
        keys=user_keys_of(holder, attribute["keys"]), sealed=sealed_of(attribute["sealed"])
    )
