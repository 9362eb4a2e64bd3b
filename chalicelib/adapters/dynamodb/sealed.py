"""Sealed values inside items of DynamoDB: ciphertext beside the key version that opens it."""

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.domain.keys import Sealed


def sealed_fields(sealed: Sealed) -> Fields:
    """Answer a sealed value as an attribute."""
    return {"version": sealed.version, "ciphertext": sealed.ciphertext}


def sealed_of(attribute: Item) -> Sealed:
    """Answer the sealed value that an attribute holds."""
    return Sealed(version=attribute["version"], ciphertext=attribute["ciphertext"])
