"""A way to DynamoDB that fails as networks and services do: `python -m tests.history.proxy`."""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

import h11
import httpx

CONTROL = b"/-/faults"
LATEST = 5.0  # seconds by which a request may come late
_PATIENCE = 3.0  # seconds that the product waits for an answer; a late request is later
_TYPE = "com.amazonaws.dynamodb.v20120810#"
_JSON = [("content-type", "application/x-amz-json-1.0")]


class Fault(StrEnum):
    """What may go wrong with one request."""

    THROTTLED = "throttled"
    CONFLICT = "conflict"  # another transaction held an item
    BROKEN = "broken"  # 500, and nothing happened
    BROKEN_AFTER = "broken after"  # 500, and it happened
    IN_PROGRESS = "in progress"  # it happens, and the answer says that it is under way
    RESET = "reset"  # the connection ends before the request arrives
    SWALLOWED = "swallowed"  # it happened, and no answer comes
    SLOW = "slow"
    LATE = "late"  # it happens when nobody waits for it any more
    UNPROCESSED = "unprocessed"  # a batch leaves out a table


_BEFORE = frozenset({Fault.THROTTLED, Fault.CONFLICT, Fault.BROKEN})
_AFTER = frozenset({Fault.BROKEN_AFTER, Fault.IN_PROGRESS})
_WAITS = {Fault.SLOW: (0.02, 0.6), Fault.LATE: (_PATIENCE + 0.1, LATEST)}
_TRANSACTION = "TransactWriteItems"
_WRITES = frozenset({_TRANSACTION, "PutItem", "UpdateItem", "DeleteItem"})

Answer = tuple[int, list[tuple[str, str]], bytes]


@dataclass(slots=True)
class Proxy:
    """Hands requests on to the engine, or does not; `rates` are chances per request."""

    upstream: str
    chance: random.Random
    log: TextIO
    rates: dict[str, float] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    known: set[str | None] = field(default_factory=set)  # tokens of transactions that were taken
    client: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(timeout=30, trust_env=False)
    )

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends, or a fault ends it."""
        connection = h11.Connection(h11.SERVER)
        with suppress(ConnectionError, h11.RemoteProtocolError):
            while (asked := await _request(connection, reader)) is not None:
                answer = await self._answer(*asked)
                if answer is None:
                    break
                status, headers, body = answer
                told = [*headers, ("content-length", str(len(body)))]
                events = (
                    h11.Response(status_code=status, headers=told),
                    h11.Data(data=body),
                    h11.EndOfMessage(),
                )
                for event in events:
                    writer.write(connection.send(event) or b"")
                await writer.drain()
                if connection.our_state is not h11.DONE:
                    break
                connection.start_next_cycle()
        # A reset, and no polite end: that is what a failing network looks like.
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(self, request: h11.Request, body: bytes) -> Answer | None:
        if request.target == CONTROL:
            if request.method == b"POST":
                self.rates = json.loads(body)
            return 200, _JSON, json.dumps(self.counts).encode()
        headers = {name.decode(): value.decode() for name, value in request.headers}
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        fault = self.fault(operation, body)
        self.counts[f"{operation} {fault or 'good'}"] += 1
        if fault is Fault.RESET:
            return None
        if fault in _BEFORE:
            return self._refusal(fault, operation, body)
        if fault in _WAITS:
            await asyncio.sleep(self.chance.uniform(*_WAITS[fault]))
        sent = time.monotonic()
        answer = await self._forward(request, headers, body)
        if operation in _WRITES:
            self._write_down(sent, operation, fault, body, answer)
        if fault in _AFTER:
            return self._refusal(fault, operation, body)
        if fault is Fault.UNPROCESSED:
            return self._incomplete(body, answer)
        return None if fault is Fault.SWALLOWED else answer

    def fault(self, operation: str, body: bytes) -> Fault | None:
        """Draw what goes wrong with a request, if anything that could."""
        token = json.loads(body).get("ClientRequestToken") if operation == _TRANSACTION else None
        fault = self._drawn()
        if fault in {Fault.CONFLICT, Fault.IN_PROGRESS} and token is None:
            return None
        if fault is Fault.CONFLICT and token in self.known:
            # A transaction that was taken once is repeated; it is in nobody's way, least its own.
            return None
        if fault is Fault.UNPROCESSED and operation != "BatchGetItem":
            return None
        if fault not in {Fault.RESET, *_BEFORE}:
            self.known.add(token)
        return fault

    def _drawn(self) -> Fault | None:
        drawn = self.chance.random()
        for fault in Fault:
            drawn -= self.rates.get(fault, 0.0)
            if drawn < 0:
                return fault
        return None

    async def _forward(self, request: h11.Request, headers: dict[str, str], body: bytes) -> Answer:
        answer = await self.client.request(
            request.method.decode(), self.upstream, headers=headers, content=body
        )
        kept = [
            (name, value)
            for name, value in answer.headers.items()
            if name not in {"content-length", "connection", "transfer-encoding"}
        ]
        return answer.status_code, kept, answer.content

    def _write_down(
        self, sent: float, operation: str, fault: Fault | None, body: bytes, answer: Answer
    ) -> None:
        words = {
            "sent": sent,
            "answered": time.monotonic(),
            "operation": operation,
            "fault": fault,
            "status": answer[0],
            "request": json.loads(body),
            "answer": answer[2].decode(),
        }
        print(json.dumps(words), file=self.log, flush=True)

    def _refusal(self, fault: Fault, operation: str, body: bytes) -> Answer:
        if fault in {Fault.BROKEN, Fault.BROKEN_AFTER}:
            return _problem(500, "InternalServerError")
        if fault is Fault.IN_PROGRESS:
            return _problem(400, "TransactionInProgressException")
        if operation != _TRANSACTION:
            names = ("ProvisionedThroughputExceededException", "ThrottlingException")
            return _problem(400, self.chance.choice(names))
        codes = ["None"] * len(json.loads(body)["TransactItems"])
        throttled = ("ThrottlingError", "ProvisionedThroughputExceeded")
        code = "TransactionConflict" if fault is Fault.CONFLICT else self.chance.choice(throttled)
        codes[self.chance.randrange(len(codes))] = code
        reasons = [{"Code": code} for code in codes]
        return _problem(400, "TransactionCanceledException", CancellationReasons=reasons)

    def _incomplete(self, body: bytes, answer: Answer) -> Answer:
        status, headers, content = answer
        if status != 200:
            return answer
        wanted, found = json.loads(body)["RequestItems"], json.loads(content)
        table = self.chance.choice(sorted(wanted))
        found["Responses"].pop(table, None)
        found["UnprocessedKeys"] = {table: wanted[table]}
        # The checksum was that of the whole answer.
        kept = [(name, value) for name, value in headers if name != "x-amz-crc32"]
        return status, kept, json.dumps(found).encode()


def _problem(status: int, kind: str, **members: Any) -> Answer:
    document = {"__type": f"{_TYPE}{kind}", "message": "a fault on the way", **members}
    return status, _JSON, json.dumps(document).encode()


async def _request(
    connection: h11.Connection, reader: asyncio.StreamReader
) -> tuple[h11.Request, bytes] | None:
    request: h11.Request | None = None
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            return request, body
        else:
            return None


async def _run(port: int, upstream: str, seed: int, log: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - faults that can be drawn again
    with log.open("a", encoding="utf-8") as writes:
        proxy = Proxy(upstream, chance, writes)
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", port)
        async with server:
            # Ends with whoever started it: its standard input is its lifeline.
            await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.history.proxy", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True, help="of what was written, and when")
    given = parser.parse_args()
    asyncio.run(_run(given.port, given.upstream, given.seed, given.log))


if __name__ == "__main__":
    main()
