"""An aiohttp application in a thread of this process, for demonstrations and tests."""

from __future__ import annotations

import asyncio
import threading

from aiohttp import web

PATIENCE_SECONDS = 10


class Loopback:
    """Listens on a loopback port from the start (a free one when none is named): `url` (and `address`, without the scheme) until `close()`."""

    def __init__(self, app: web.Application, *, name: str, port: int = 0) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(self._start(app, port), self._loop)
        self.address = starting.result(PATIENCE_SECONDS)
        self.url = f"http://{self.address}"

    async def _start(self, app: web.Application, port: int) -> str:
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, port = self._runner.addresses[0][:2]
        return f"{host}:{port}"

    def close(self) -> None:
        """Stop listening."""
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(PATIENCE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_SECONDS)
        self._loop.close()
