"""One system in a single process: `python -m ambar.cli.serving <system> --port N [--threads N] [--work]`.

What a supervisor starts: the web tier, and with `--work` the background work beside it in threads of the same process. On a small
machine that saves a third of the memory and a sixth of the processor time of two processes (decision 60). The granian of `ambar <system> serve` is a parent that watches its workers, for whoever has
nobody else to do so; here that parent would be one more process that only waits, with a Python of its own in memory.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import types
from typing import TYPE_CHECKING, Any

from granian.server import MPServer

from ambar.cli import systems

if TYPE_CHECKING:
    from ambar.kit.work.worker import Worker

SHUTDOWN_SECONDS = 5.0


class OneProcess(MPServer):
    """Runs its one worker here instead of starting a process for it."""

    def _serve(self, spawn_target: Any, target_loader: Any) -> None:
        self._init_shared_socket()  # type: ignore[no-untyped-call]
        web = self._spawn_worker(0, spawn_target, target_loader)
        web.inner.run()
        # Requests that hang don't keep a stopped process alive.
        late = threading.Timer(SHUTDOWN_SECONDS, os._exit, [0])
        late.daemon = True
        late.start()


def serve(system: systems.System, *, port: int, address: str, threads: int | None, with_work: bool) -> None:
    """Serves until SIGTERM or SIGINT; background work ends with the round it is in."""
    worker = _worker(system) if with_work else None
    systems.serve(system, port=port, address=address, threads=threads, server=OneProcess)
    if worker is not None:
        worker.finish(seconds=SHUTDOWN_SECONDS)


def _worker(system: systems.System) -> Worker:
    os.environ["DJANGO_SETTINGS_MODULE"] = f"ambar.{system.module}.settings"
    import django

    django.setup()
    from ambar.kit.work.worker import Worker

    worker = Worker()
    worker.start()
    return worker


def _without_the_rest() -> None:
    """Keeps libraries from loading what a server never uses; call before they are imported.

    rich, which structlog takes where it is there, belongs to the command line: five megabytes and 70 ms of each start. greenlet,
    which structlog asks for likewise, nobody uses. ninja takes one signal by way of Django's test client, which brings a web
    server, a parser of XML and the standard library's test runner along: the signal is defined elsewhere.
    """
    from django.core import signals

    for name in ("rich", "greenlet"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    told = types.ModuleType("django.test.signals")
    told.setting_changed = signals.setting_changed  # type: ignore[attr-defined]
    sys.modules.setdefault("django.test.signals", told)


def main() -> None:
    """Reads the command line and serves."""
    _without_the_rest()
    parser = argparse.ArgumentParser(prog="python -m ambar.cli.serving")
    parser.add_argument("system", choices=[system.name for system in systems.SYSTEMS])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--address", default=systems.LOOPBACK)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--work", action="store_true", help="do the background work in this process too")
    given = parser.parse_args()
    system = next(one for one in systems.SYSTEMS if one.name == given.system)
    serve(system, port=given.port, address=given.address, threads=given.threads, with_work=given.work)


if __name__ == "__main__":
    main()
