"""Receipts in memory."""

from chalicelib.domain.errors import Stale
from chalicelib.domain.receipts import Receipt
from tests.fakes.sessions import MemorySessions


class MemoryReceipts:
    """Answers `ReceiptStore`; the receipts stand beside the heads, under one lock."""

    def __init__(self, sessions: MemorySessions) -> None:
        self._sessions = sessions

    def keep(self, receipt: Receipt) -> None:
        with self._sessions.lock:
            if self._sessions.is_taken(receipt):
                raise Stale
            self._sessions.put_receipt(receipt)
