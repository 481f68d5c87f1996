"""The web tier of one system in a single process: `python -m ambar.cli.serving <system> --port N [--threads N]`.

What a supervisor starts. The granian of `ambar <system> serve` is a parent that watches its workers, for whoever has
nobody else to do so; here that parent would be one more process that only waits, with a Python of its own in memory.
"""

from __future__ import annotations

import argparse
import os
import threading
from typing import Any

from granian.server import MPServer

from ambar.cli import systems

SHUTDOWN_SECONDS = 5.0


class OneProcess(MPServer):
    """Runs its one worker here instead of starting a process for it."""

    def _serve(self, spawn_target: Any, target_loader: Any) -> None:
        self._init_shared_socket()  # type: ignore[no-untyped-call]
        worker = self._spawn_worker(0, spawn_target, target_loader)
        worker.inner.run()
        # Requests that hang don't keep a stopped process alive.
        late = threading.Timer(SHUTDOWN_SECONDS, os._exit, [0])
        late.daemon = True
        late.start()


def main() -> None:
    """Serves until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m ambar.cli.serving")
    parser.add_argument("system", choices=[system.name for system in systems.SYSTEMS])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--address", default=systems.LOOPBACK)
    parser.add_argument("--threads", type=int, default=8)
    given = parser.parse_args()
    system = next(one for one in systems.SYSTEMS if one.name == given.system)
    systems.serve(system, port=given.port, address=given.address, threads=given.threads, server=OneProcess)


if __name__ == "__main__":
    main()
