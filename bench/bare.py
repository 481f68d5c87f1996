"""The barest HTTP intake: one ASGI function, one statement. A limit, not a product."""

from __future__ import annotations

import os

import orjson
from psycopg_pool import AsyncConnectionPool

from bench.limits import INSERT

_pool: AsyncConnectionPool | None = None


async def application(scope: dict, receive, send) -> None:  # noqa: ANN001
    """Takes `{"number","skus","body"}` and answers 201; nothing is checked."""
    global _pool
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if _pool is None:
        _pool = AsyncConnectionPool(
            os.environ["AMBAR_BENCH_DATABASE"],
            min_size=4,
            max_size=4,
            open=False,
            kwargs={"autocommit": True},
        )
        await _pool.open()
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    status = 400
    if body:
        order = orjson.loads(body)
        async with _pool.connection() as connection:
            await connection.execute(INSERT, (order["number"], order["body"], order["skus"], order["body"]))
        status = 201
    await send(
        {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
    )
    await send({"type": "http.response.body", "body": b"{}"})
