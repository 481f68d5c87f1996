"""Does to a request what a rule of the fault injector says; everything else passes unharmed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import orjson
from aiohttp import web

from ambar.cli.fake.calls import Calls
from ambar.cli.fake.faults import Hit, Injector

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Vanish = Callable[[int, Any], None]
"""`(how many, dice)`: takes rows away."""
HALF: web.RequestKey[Any] = web.RequestKey("half", object)
EXPIRED: web.RequestKey[bool] = web.RequestKey("expired", bool)
UNANSWERED = frozenset({"drop", "swallow"})
WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})
ELSEWHERE = "/elsewhere/"
_PIECE = b" " * 65_536


class Gate:
    """The middleware of a fake: keeps the calls and applies the faults. `control` are the paths of the fake's own API."""

    def __init__(self, injector: Injector, calls: Calls, *, control: tuple[str, ...], vanish: Vanish) -> None:
        self.injector, self.calls, self.control, self.vanish = injector, calls, control, vanish
        self._held: asyncio.Event | None = None
        """Set when a write has passed the one that waits."""
        self._acts: dict[str, Callable[[web.Request, Handler, Hit], Awaitable[web.StreamResponse]]] = {
            "drop": self._drop, "swallow": self._swallow, "duplicate": self._twice, "reorder": self._reorder, "delay": self._delay,
            "status": self._status, "half": self._half, "drip": self._drip, "huge": self._huge, "redirect": self._redirect,
            "garbage": self._garbage, "expire": self._expire, "count": self._count, "vanish": self._less,
        }  # fmt: skip

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Note the call, choose, act."""
        if request.path.startswith(self.control):
            return await handler(request)
        row = self.calls.came(request.method, request.path, request.query_string)
        hit = self.injector.choose(request.method, request.path)
        if hit is None:
            answer = await handler(request)
        else:
            self.calls.failed(row, hit.rule.fault)
            answer = await self._acts[hit.rule.fault](request, handler, hit)
        row["status"] = None if hit is not None and hit.rule.fault in UNANSWERED else answer.status
        if (
            request.method in WRITES
            and self._held is not None
            and (hit is None or hit.rule.fault != "reorder")
        ):
            self._held.set()
        return answer

    async def _drop(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def _swallow(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        await handler(request)
        return await self._drop(request, handler, hit)

    async def _twice(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        first = await handler(request)
        if request.method in WRITES:
            return await handler(request)
        return _changed(
            first, lambda body: {**body, "results": [row for row in body["results"] for _ in "12"]}
        )

    async def _reorder(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        if request.method in WRITES:
            if self._held is not None:
                # One waits already: this is the next one, and goes before it.
                held = self._held
                answer = await handler(request)
                held.set()
                return answer
            self._held = waiting = asyncio.Event()
            try:
                await asyncio.wait_for(waiting.wait(), hit.rule.seconds)
            except TimeoutError:
                pass
            finally:
                self._held = None
            return await handler(request)

        def shuffled(body: dict[str, Any]) -> dict[str, Any]:
            rows = list(body["results"])
            hit.dice.shuffle(rows)
            return {**body, "results": rows}

        return _changed(await handler(request), shuffled)

    async def _delay(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        await asyncio.sleep(hit.rule.seconds)
        return await handler(request)

    async def _status(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        said = hit.rule.retry_after
        if said.startswith("date:"):
            said = format_datetime(datetime.now(UTC) + timedelta(seconds=float(said[5:])), usegmt=True)
        headers = {"Retry-After": said} if said else {}
        body = {"detail": "made up by the fault injector", "code": "fault"}
        return web.json_response(body, status=hit.rule.status, headers=headers)

    async def _half(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        request[HALF] = hit.dice
        return await handler(request)

    async def _drip(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        whole = await handler(request)
        if not (body := _bytes(whole)):
            return whole
        answer = web.StreamResponse(status=whole.status, headers=whole.headers)
        answer.content_length = len(body)
        await answer.prepare(request)
        try:
            for place in range(len(body)):
                await answer.write(body[place : place + 1])
                await asyncio.sleep(hit.rule.seconds)
            await answer.write_eof()
        except ConnectionError:
            pass  # the caller's patience ended, as it should
        return answer

    async def _huge(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        left = hit.rule.bytes
        try:
            while left > 0:
                await answer.write(_PIECE[:left])
                left -= len(_PIECE)
            await answer.write(b"{}")
            await answer.write_eof()
        except ConnectionError:
            pass  # the caller would not take it all, as it should
        return answer

    async def _redirect(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": hit.rule.to or ELSEWHERE})

    async def _garbage(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        return web.Response(text="<html><body>Welcome to the proxy</body></html>", content_type="text/html")

    async def _expire(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        request[EXPIRED] = True
        return await handler(request)

    async def _count(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        return _changed(await handler(request), lambda body: {**body, "count": body["count"] + hit.rule.rows})

    async def _less(self, request: web.Request, handler: Handler, hit: Hit) -> web.StreamResponse:
        self.vanish(hit.rule.rows, hit.dice)
        return await handler(request)


def _bytes(answer: web.StreamResponse) -> bytes:
    body = answer.body if isinstance(answer, web.Response) else b""
    return body if isinstance(body, bytes) else b""


def _changed(
    answer: web.StreamResponse, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> web.StreamResponse:
    """The answer with its JSON changed, when it is a page of a list."""
    body = orjson.loads(_bytes(answer) or b"null")
    if answer.status != 200 or not isinstance(body, dict) or not isinstance(body.get("results"), list):
        return answer
    return web.Response(body=orjson.dumps(change(body)), content_type="application/json")
