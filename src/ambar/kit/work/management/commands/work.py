"""`python -m ambar.<system> work`: runs the background work of the system until told to stop."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ambar.kit import durability, garbage
from ambar.kit.work.worker import Worker


class Command(BaseCommand):
    help = "Runs loops, threads and jobs of this system until SIGTERM or SIGINT."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", action="append", default=[], help="a loop or thread to run; repeatable")
        parser.add_argument("--no-jobs", action="store_true", help="leave named and periodic jobs to others")

    def handle(self, *args: Any, **options: Any) -> None:
        durability.insist(settings.SYSTEM)
        worker = Worker(only=frozenset(options["only"]), with_jobs=not options["no_jobs"])

        def stop(_number: int, _frame: FrameType | None) -> None:
            worker.stop.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        garbage.settle()
        worker.start()
        while not worker.stop.wait(1.0):
            pass
        late = worker.finish()
        if late:
            raise SystemExit(1)
