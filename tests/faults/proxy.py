"""A TCP proxy on loopback that misbehaves on demand: the network between a caller and a system.

* `swallow`: the request goes through, the reply is thrown away and the caller's connection is reset. What the
  other side committed stays committed; the caller never hears of it.
* `reset`: the caller's connection is reset when its first bytes arrive; nothing goes through.
* `black_hole`: bytes are taken and nothing ever comes back.
* `half_open`: the request goes through and the other side is cut off; the caller's connection stays open and silent.
* `slice`: every piece arrives in crumbs, in both directions.
* `latency`: every piece waits `seconds` in each direction.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from typing import Literal

from tests.worlds.waiting import LONG_SECONDS

Mode = Literal["pass", "swallow", "reset", "black_hole", "half_open", "slice", "latency"]
PIECE = 65536
CRUMB = 64
RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Listens on `port` and forwards to `target` (host, port); `misbehave` says how the next exchanges go."""

    def __init__(self, *, port: int, target: tuple[str, int]) -> None:
        self.port, self.target = port, target
        self.hit = 0
        self._mode: Mode = "pass"
        self._left = 0
        self._seconds = 0.0
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"proxy-{port}", daemon=True)

    def start(self) -> Proxy:
        self._thread.start()
        assert self._listening.wait(LONG_SECONDS)
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LONG_SECONDS)
        assert not self._thread.is_alive()
        self._loop.close()

    def misbehave(self, mode: Mode, *, times: int = 1_000_000, seconds: float = 0.0) -> None:
        """From now on the next `times` exchanges go wrong in this way; `hit` counts them from zero."""
        with self._lock:
            self._mode, self._left, self._seconds, self.hit = mode, times, seconds, 0

    def behave(self) -> None:
        with self._lock:
            self._mode = "pass"

    def _takes(self, *modes: Mode) -> Mode | None:
        """The mode when it is one of these and not used up; counts it."""
        with self._lock:
            if self._mode not in modes or self._left <= 0:
                return None
            self._left -= 1
            self.hit += 1
            return self._mode

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self._listening.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _serve(self, caller: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            answers, onward = await asyncio.open_connection(*self.target)
        except OSError:
            _abort(back)
            return
        cut_off = asyncio.Event()
        there = asyncio.create_task(self._there(caller, onward, back, cut_off))
        here = asyncio.create_task(self._here(answers, back, cut_off))
        try:
            await asyncio.wait({there, here}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (there, here):
                task.cancel()
            for writer in (onward, back):
                with contextlib.suppress(OSError):
                    writer.close()

    async def _there(
        self,
        caller: asyncio.StreamReader,
        onward: asyncio.StreamWriter,
        back: asyncio.StreamWriter,
        cut_off: asyncio.Event,
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await caller.read(PIECE):
                match self._takes("reset", "black_hole", "half_open", "latency"):
                    case "reset":
                        _abort(back)
                        return
                    case "black_hole":
                        await _swallow(caller)
                        return
                    case "half_open":
                        cut_off.set()
                        onward.write(piece)
                        await onward.drain()
                        onward.close()
                        await _swallow(caller)
                        return
                    case "latency":
                        await asyncio.sleep(self._seconds)
                await self._pass(onward, piece)

    async def _here(
        self, answers: asyncio.StreamReader, back: asyncio.StreamWriter, cut_off: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while (piece := await answers.read(PIECE)) and not cut_off.is_set():
                if self._takes("swallow"):
                    _abort(back)
                    return
                if self._mode == "latency":
                    await asyncio.sleep(self._seconds)
                await self._pass(back, piece)
        if cut_off.is_set():
            await asyncio.Event().wait()  # silent until the caller gives up

    async def _pass(self, writer: asyncio.StreamWriter, piece: bytes) -> None:
        size = CRUMB if self._takes("slice") else len(piece)
        for start in range(0, len(piece), size):
            writer.write(piece[start : start + size])
            await writer.drain()
            if size == CRUMB:
                await asyncio.sleep(0.0005)


async def _swallow(caller: asyncio.StreamReader) -> None:
    while await caller.read(PIECE):
        pass


def _abort(writer: asyncio.StreamWriter) -> None:
    """Ends the connection with a reset, as a network that breaks does."""
    with contextlib.suppress(OSError):
        plain: socket.socket | None = writer.get_extra_info("socket")
        if plain is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()
