"""Receipts in DynamoDB: rows of a day, written beside what they remember."""

from chalicelib.adapters.dynamodb.attributes import Item
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.layout import PAYLOADS, receipt_key
from chalicelib.adapters.dynamodb.sealed import sealed_fields, sealed_of
from chalicelib.adapters.dynamodb.transactions import ABSENT, Put
from chalicelib.domain.receipts import Receipt, ReceiptRef


def receipt_puts(receipt: Receipt | None) -> list[Put]:
    """Answer the write of a receipt, if there is one, to stand beside what it remembers."""
    if receipt is None:
        return []
    key = receipt_key(receipt.ref)
    put = Put(
        table=PAYLOADS,
        item={
            "PK": key.pk,
            "SK": key.sk,
            "fingerprint": receipt.fingerprint,
            "sid": receipt.sid,
            "at": receipt.at,
            "status": receipt.status,
            "ver": receipt.version,
            "body": None if receipt.body is None else sealed_fields(receipt.body),
            "ttl": receipt.until,
        },
        # DynamoDB sweeps within days; what is past its time is as good as gone.
        condition=f"{ABSENT} OR #ttl <= :now",
        values={"now": receipt.at},
    )
    return [put]


def receipt_of(ref: ReceiptRef, item: Item) -> Receipt:
    """Answer the receipt that an item holds."""
    body = item.get("body")
    return Receipt(
        ref,
        item["fingerprint"],
        item["sid"],
        at=item["at"],
        status=item["status"],
        version=item.get("ver"),
        body=None if body is None else sealed_of(body),
    )


class DynamoReceipts:
    """Answers `ReceiptStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def keep(self, receipt: Receipt) -> None:
        for put in receipt_puts(receipt):
            self._tables.put(put)
