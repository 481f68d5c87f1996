"""Orders over HTTP into the OMS (`POST /api/v1/oms/intake/orders/`): one per request (P1) and a hundred per request (P2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.limits import LoadSpec, run_load, wait_for

ROOT = Path(__file__).resolve().parent.parent
SETUP = """
from ambar.oms.places import store as places
from ambar.oms.app_settings.actions import set_value
from ambar.kit import accounts, clock
from tests.worlds import oms_upstream as world
world.teach_places()
world.configure("SELLER_CENTER_SETTINGS", {"supplier_code": "AMBAR-01", "order_filters": []})
print(accounts.issue_token(accounts.ensure_user("bench", "bench-bench-1", ["integration"]), name="bench"))
"""


class Intake:
    """An OMS web tier over the given (migrated) database."""

    def __init__(self, environment: dict[str, str], port: int, *, workers: int = 2, threads: int = 4) -> None:
        self.port, self.environment = port, environment
        self.workers, self.threads = workers, threads
        self._n = int.from_bytes(os.urandom(3), "big") * 1000
        self.golden = json.loads((ROOT / "contracts/seller-center-to-oms/order.json").read_text())
        lines = self.golden["orderitem_set"]
        self.golden["orderitem_set"] = [dict(lines[n % 2]) for n in range(5)]

    def __enter__(self) -> Intake:
        made = subprocess.run(
            [sys.executable, "-m", "ambar.oms", "shell", "--no-imports", "-c", SETUP], env=self.environment, cwd=ROOT, capture_output=True, text=True
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(made.stderr[-2000:])
        self.token = made.stdout.split()[-1]
        self.server = subprocess.Popen(
            [sys.executable, "-m", "ambar.cli.main", "oms", "serve", "--port", str(self.port), "--workers", str(self.workers), "--threads", str(self.threads)],
            env=self.environment, start_new_session=True,
        )  # fmt: skip
        wait_for(f"http://127.0.0.1:{self.port}/healthz")
        return self

    def __exit__(self, *_: object) -> None:
        self.server.terminate()
        self.server.wait(20)

    def _order(self) -> dict[str, object]:
        self._n += 1
        pk = self._n
        order = {**self.golden, "id": pk, "pk": pk, "number": f"B{pk}"}
        order["orderitem_set"] = [
            {**item, "id": pk * 10 + n, "pk": pk * 10 + n, "order": pk}
            for n, item in enumerate(order["orderitem_set"])
        ]
        return order

    def rate(self, *, per_request: int, clients: int, seconds: float = 5.0) -> tuple[float, float]:
        """(orders per second, p95 of a request in seconds)."""

        def body(_: int) -> bytes:
            orders = [self._order() for _ in range(per_request)]
            return json.dumps(orders[0] if per_request == 1 else orders).encode()

        spec = LoadSpec(
            url=f"http://127.0.0.1:{self.port}/api/v1/oms/intake/orders/", clients=clients, seconds=seconds,
            headers=(("Authorization", f"Token {self.token}"), ("Content-Type", "application/json")),
        )  # fmt: skip
        rate, p95 = run_load(spec, body)
        return rate * per_request, p95
