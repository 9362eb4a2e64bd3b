"""The failing way to DynamoDB: each fault does what it says, and only what a service could do."""

import asyncio
import io
import json
import random
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.history.proxy import Fault, Proxy

TABLES = {"heads": {"Keys": [1]}, "payloads": {"Keys": [2]}}


class Engine:
    """What stands for DynamoDB: it counts what reaches it."""

    def __init__(self) -> None:
        self.reached: list[dict[str, Any]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        self.reached.append(json.loads(await reader.readexactly(length)))
        body = json.dumps({"Responses": {name: [] for name in TABLES}, "UnprocessedKeys": {}})
        answer = (
            f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n{body}"
        )
        writer.write(answer.encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()


Ask = Callable[[str, dict[str, Any]], Awaitable[httpx.Response | None]]


def through(fault: Fault | None, work: Callable[[Ask], Awaitable[None]]) -> Engine:
    """Do some work through a proxy that always has the same fault."""
    engine = Engine()

    async def run() -> None:
        below = await asyncio.start_server(engine.serve, "127.0.0.1", 0)
        upstream = f"http://127.0.0.1:{below.sockets[0].getsockname()[1]}/"
        rates = {} if fault is None else {fault.value: 1.0}
        proxy = Proxy(upstream, random.Random(1), io.StringIO(), rates)  # noqa: S311 - no secret
        above = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
        port = above.sockets[0].getsockname()[1]
        async with below, above:
            async with proxy.client, httpx.AsyncClient(trust_env=False) as client:

                async def ask(operation: str, body: dict[str, Any]) -> httpx.Response | None:
                    headers = {"x-amz-target": f"DynamoDB_20120810.{operation}"}
                    address = f"http://127.0.0.1:{port}/"
                    try:
                        return await client.post(address, json=body, headers=headers)
                    except httpx.TransportError:
                        return None

                await work(ask)
            # The proxy hears that its client has hung up.
            await asyncio.sleep(0.05)

    asyncio.run(run())
    return engine


def transaction(token: str) -> dict[str, Any]:
    return {"ClientRequestToken": token, "TransactItems": [{}, {}]}


@pytest.mark.parametrize(
    ("fault", "status", "kind", "reached"),
    [
        (None, 200, None, 1),
        (Fault.SLOW, 200, None, 1),
        (Fault.BROKEN, 500, "InternalServerError", 0),
        (Fault.BROKEN_AFTER, 500, "InternalServerError", 1),
        (Fault.IN_PROGRESS, 400, "TransactionInProgressException", 1),
        (Fault.THROTTLED, 400, "TransactionCanceledException", 0),
        (Fault.CONFLICT, 400, "TransactionCanceledException", 0),
        (Fault.RESET, None, None, 0),
        (Fault.SWALLOWED, None, None, 1),
        (Fault.UNPROCESSED, 200, None, 1),
    ],
)
def test_a_fault_of_a_transaction(
    fault: Fault | None, status: int | None, kind: str | None, reached: int
) -> None:
    async def work(ask: Ask) -> None:
        answer = await ask("TransactWriteItems", transaction("t1"))
        assert (answer.status_code if answer else None) == status
        if answer is not None and kind is not None:
            assert answer.json()["__type"].endswith(f"#{kind}")

    assert len(through(fault, work).reached) == reached


def test_a_conflict_names_its_reason() -> None:
    async def work(ask: Ask) -> None:
        answer = await ask("TransactWriteItems", transaction("t1"))
        assert answer is not None
        codes = sorted(reason["Code"] for reason in answer.json()["CancellationReasons"])
        assert codes == ["None", "TransactionConflict"]

    through(Fault.CONFLICT, work)


def test_a_transaction_that_was_taken_is_in_nobody_s_way() -> None:
    async def work(ask: Ask) -> None:
        proxy_knows = await ask("TransactWriteItems", transaction("t1"))
        assert proxy_knows is None

    engine = through(Fault.SWALLOWED, work)
    assert [one["ClientRequestToken"] for one in engine.reached] == ["t1"]

    chance = random.Random(1)  # noqa: S311 - no secret
    proxy = Proxy("", chance, io.StringIO(), {Fault.CONFLICT.value: 1.0}, known={"t1"})
    body = json.dumps(transaction("t1")).encode()
    assert proxy.fault("TransactWriteItems", body) is None
    assert proxy.fault("TransactWriteItems", body.replace(b"t1", b"t2")) is Fault.CONFLICT
    assert proxy.fault("BatchGetItem", body) is None


def test_a_batch_leaves_out_a_whole_table() -> None:
    async def work(ask: Ask) -> None:
        answer = await ask("BatchGetItem", {"RequestItems": TABLES})
        assert answer is not None
        found = answer.json()
        assert len(found["Responses"]) == 1
        (left,) = found["UnprocessedKeys"]
        assert left not in found["Responses"]
        assert found["UnprocessedKeys"][left] == TABLES[left]

    through(Fault.UNPROCESSED, work)
