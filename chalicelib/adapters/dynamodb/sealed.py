"""Sealed values inside items of DynamoDB: ciphertext beside the key version that opens it."""

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.domain.keys import Sealed


def sealed_fields(sealed: Sealed) -> Fields:
    """Answer a sealed value as an attribute."""
    return {"v": sealed.version, "ct": sealed.ciphertext}


def sealed_of(attribute: Item) -> Sealed:
    """Answer the sealed value that an attribute holds."""
    return Sealed(version=attribute["v"], ciphertext=attribute["ct"])
