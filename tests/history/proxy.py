"""A way to DynamoDB that fails as networks and services do: `python -m tests.history.proxy`."""

import argparse
import asyncio
import json
import random
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

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


_OF_TRANSACTIONS = frozenset({Fault.CONFLICT, Fault.IN_PROGRESS})

Answer = tuple[int, list[tuple[str, str]], bytes]


@dataclass(slots=True)
class Proxy:
    """Hands requests on to the engine, or does not; `rates` are chances per request."""

    upstream: str
    chance: random.Random
    rates: dict[str, float] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
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

    async def _answer(self, request: h11.Request, body: bytes) -> Answer | None:
        if request.target == CONTROL:
            if request.method == b"POST":
                self.rates = json.loads(body)
            return 200, _JSON, json.dumps(self.counts).encode()
        headers = {name.decode(): value.decode() for name, value in request.headers}
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        fault = self._fault(operation)
        self.counts[f"{operation} {fault or 'good'}"] += 1
        if fault in {Fault.THROTTLED, Fault.CONFLICT, Fault.BROKEN}:
            return self._refusal(fault, operation, body)
        if fault is Fault.RESET:
            return None
        if fault is Fault.SLOW:
            await asyncio.sleep(self.chance.uniform(0.02, 0.6))
        if fault is Fault.LATE:
            await asyncio.sleep(self.chance.uniform(_PATIENCE + 0.1, LATEST))
        answer = await self._forward(request, headers, body)
        if fault is Fault.SWALLOWED:
            return None
        if fault in {Fault.BROKEN_AFTER, Fault.IN_PROGRESS}:
            return self._refusal(fault, operation, body)
        if fault is Fault.UNPROCESSED:
            return self._incomplete(body, answer)
        return answer

    def _fault(self, operation: str) -> Fault | None:
        drawn = self.chance.random()
        for fault in Fault:
            drawn -= self.rates.get(fault, 0.0)
            if drawn < 0:
                if fault in _OF_TRANSACTIONS and operation != "TransactWriteItems":
                    return None
                if fault is Fault.UNPROCESSED and operation != "BatchGetItem":
                    return None
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

    def _refusal(self, fault: Fault, operation: str, body: bytes) -> Answer:
        if fault in {Fault.BROKEN, Fault.BROKEN_AFTER}:
            return _problem(500, "InternalServerError")
        if fault is Fault.IN_PROGRESS:
            return _problem(400, "TransactionInProgressException")
        if operation != "TransactWriteItems":
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


async def _run(port: int, upstream: str, seed: int) -> None:
    proxy = Proxy(upstream, random.Random(seed))  # noqa: S311 - faults that can be drawn again
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
    given = parser.parse_args()
    asyncio.run(_run(given.port, given.upstream, given.seed))


if __name__ == "__main__":
    main()
