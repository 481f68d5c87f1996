"""What a screen of the OMS costs with 100,000 orders behind it: time and statements, one person signed in (goal: under 300 ms).

    python -m bench.screens [orders] [--keep]

Uses the database `AMBAR_OMS_DATABASE_URL` (migrated, emptied by this program; `--keep`: as the last run left it), filled as for
`bench.lists`, with 100,000 products. The whole WSGI application, without a socket.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import Any

from bench.lists import fill

GOAL_MS = 300.0
CALLS = 7
PRODUCTS = 100_000


def more_products() -> None:
    """As many products as a large catalogue has, so that a search by a part of the name has something to read."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO oms_catalogue_product (sku, name, barcode, attributes, unit, image_url, is_active, created_at, modified_at)"
            " SELECT 'ZB-' || n, 'Bench product ' || md5(n::text), '', '{}', 'quantity', '', true, now(), now()"
            " FROM generate_series(1, %s) AS n",
            [PRODUCTS],
        )
        cursor.execute("ANALYZE oms_catalogue_product")


def paths() -> list[str]:
    """The screens that are measured: home, lists as they open and narrowed, one record of each, what suggests."""
    from ambar.oms.orders.models import Order
    from ambar.oms.packages.models import Package
    from ambar.oms.scenarios.models import DistributionScenario

    order = Order.objects.order_by("id")[5]
    package = Package.objects.order_by("id")[5]
    scenario = DistributionScenario.objects.order_by("id")[0].pk
    return [
        "/", "/orders/", "/orders/?planning=planned", "/orders/?page=1000", f"/orders/?q={order.number[:4]}", f"/orders/{order.pk}/",
        "/packages/", "/packages/?tab=stuck", "/packages/?tab=packed", "/packages/?page=1000",
        f"/packages/?channel={package.channel_id}", f"/packages/?location={package.location_id}", f"/packages/{package.pk}/",
        "/picking/", "/transfers/", "/shipments/", "/cancellations/", "/quarantine/", "/quarantine/causes/", "/locations/",
        "/locations/movements/", "/stock/", "/stock/?q=ZB-5", "/scenarios/", f"/scenarios/{scenario}/",
        f"/scenarios/{scenario}/edit/", f"/scenarios/{scenario}/rules/0/", "/shipping-costs/", "/dry-run/", "/states/",
        "/states/transitions/", "/states/log/", "/bulk-actions/", "/settings/", "/webhooks/", "/webhooks/log/",
        "/suggest/products/?q=ZB-77", "/suggest/products/?q=c4ca4238", "/suggest/products/?q=nothing at all",
        "/suggest/orders/", "/suggest/cargo-companies/", "/suggest/customer-types/", "/suggest/townships/?q=ka",
    ]  # fmt: skip


def main() -> None:
    """Fill, measure, print a line per screen and the worst at the end."""
    import django
    from django.urls.converters import IntConverter

    # `fill` gives its rows ids below zero, which no row of a running system has.
    IntConverter.regex = "-?[0-9]+"
    django.setup()
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
    orders = numbers[0] if numbers else 100_000
    if "--keep" not in sys.argv:
        fill(orders)
        more_products()
    from django.conf import settings
    from django.test import Client

    from ambar.kit import accounts

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(accounts.ensure_user("bench", "bench-bench-1", ["planner", "admin"]))
    worst: list[tuple[float, str]] = []
    for path in paths():
        spent, statements = measured(client, path)
        middle = statistics.median(spent)
        worst.append((middle, path))
        print(
            f"{middle:7.1f} ms p50 {max(spent):7.1f} ms at most  {statements:3} statements  {path}",
            flush=True,
        )
    slow = [path for middle, path in worst if middle > GOAL_MS]
    print(
        f"{orders} orders: worst {max(worst)[0]:.1f} ms ({max(worst)[1]}); above {GOAL_MS:.0f} ms: {slow or 'none'}"
    )


def measured(client: Any, path: str) -> tuple[list[float], int]:
    """(milliseconds of each call, statements of the last)."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    spent = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        answer = client.get(path)
        answer.getvalue()
        spent.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
    with CaptureQueriesContext(connection) as seen:
        client.get(path)
    return spent, len(seen)


if __name__ == "__main__":
    main()
