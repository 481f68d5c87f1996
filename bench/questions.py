"""Questions that change nothing, over HTTP: which locations have these SKUs (`query-stock-availability`), what would become of
this order (`planning/dry-run`). 50 locations, 10,000 products, everything in stock everywhere.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

from bench.limits import LoadSpec, run_load, wait_for

ROOT = Path(__file__).resolve().parent.parent
PLACES, PRODUCTS = 50, 10_000
SETUP = f"""
from ambar.kit import accounts
from bench.planner import prepare
prepare(1, {PLACES}, {PRODUCTS})
print(accounts.issue_token(accounts.ensure_user("bench", "bench-bench-1", ["admin"]), name="bench"))
"""


class Questions:
    """An OMS web tier of two workers over the given (migrated) database, filled for the bench."""

    def __init__(self, environment: dict[str, str], port: int) -> None:
        self.port, self.environment = port, environment
        self.chance = random.Random(1)

    def __enter__(self) -> Questions:
        made = subprocess.run(
            [sys.executable, "-m", "ambar.oms", "shell", "--no-imports", "-c", SETUP], env=self.environment, cwd=ROOT, capture_output=True, text=True
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(made.stderr[-2000:])
        self.token = made.stdout.split()[-1]
        self.server = subprocess.Popen(
            [sys.executable, "-m", "ambar.cli.main", "oms", "serve", "--port", str(self.port), "--workers", "2", "--threads", "4"],
            env=self.environment, start_new_session=True,
        )  # fmt: skip
        wait_for(f"http://127.0.0.1:{self.port}/healthz")
        return self

    def __exit__(self, *_: object) -> None:
        self.server.terminate()
        self.server.wait(20)

    def _spec(self, path: str, *, clients: int, seconds: float, asks: bool) -> LoadSpec:
        return LoadSpec(
            url=f"http://127.0.0.1:{self.port}/api/v1/oms/{path}", clients=clients, seconds=seconds, asks=asks,
            headers=(("Authorization", f"Token {self.token}"), ("Content-Type", "application/json")),
        )  # fmt: skip

    def _skus(self, count: int) -> list[str]:
        return [f"SKU-{n:05}" for n in self.chance.sample(range(1, PRODUCTS + 1), count)]

    def availability(self, *, clients: int = 16, seconds: float = 4.0, skus: int = 1) -> tuple[float, float]:
        """(questions per second, p95 in seconds), each about `skus` random SKUs at all locations."""
        spec = self._spec("query-stock-availability/", clients=clients, seconds=seconds, asks=True)
        return run_load(spec, lambda _: "&".join(f"sku={sku}" for sku in self._skus(skus)).encode())

    def dry_run(self, *, clients: int = 1, seconds: float = 4.0, lines: int = 10) -> tuple[float, float]:
        """(dry runs per second, p95 in seconds), each a typed-in order of `lines` random SKUs."""
        spec = self._spec("planning/dry-run/", clients=clients, seconds=seconds, asks=False)

        def body(_: int) -> bytes:
            order = [{"sku": sku, "quantity": self.chance.randint(1, 3)} for sku in self._skus(lines)]
            return json.dumps({"lines": order, "counterfactuals": False}).encode()

        return run_load(spec, body)
