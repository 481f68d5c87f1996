"""A receiver whose answers a test decides, in a thread of the test process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import orjson
from aiohttp import web

from tests.worlds.waiting import LONG_SECONDS


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def uuid(self) -> str:
        return orjson.loads(self.body)["event"]["uuid"]

    @property
    def payload(self) -> dict:
        return orjson.loads(self.body)["payload"]


Answer = Callable[[Received, web.Request], Awaitable[web.StreamResponse]]


async def fine(received: Received, request: web.Request) -> web.StreamResponse:
    return web.json_response({"ok": True})


@dataclass
class Sink:
    """`answer` may be exchanged at any time; `received` grows in order of arrival."""

    answer: Answer = fine
    received: list[Received] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> Sink:
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(LONG_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LONG_SECONDS)
        assert not self._thread.is_alive()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _serve(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", self._handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        self.port = runner.addresses[0][1]
        started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        one = Received(request.path, dict(request.headers), await request.read())
        self.received.append(one)
        return await self.answer(one, request)
