"""What a page of a list costs with 100,000 orders there: 20 rows and the count, one caller (goal P11).

    python -m bench.lists [orders] [--keep]

Uses the database `AMBAR_OMS_DATABASE_URL` (migrated, emptied by this program; `--keep`: as the last run left it). The
whole WSGI application, without a socket. The best peer measured takes 41 ms for its newest 20 orders; the ratio is to that.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import sys
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ambar.oms.settings")

PEER_MS = 41.0
ROOT = "/api/v1/oms"
CALLS = 15


def fill(orders: int) -> None:
    """Planned orders with their packages and logs, as the planner's bench leaves them, told apart by place and time."""
    from django.db import connection

    from bench.planner import prepare

    prepare(10, 50, 10_000, already=orders)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oms_orders_order SET cargo_company = (ARRAY['yurtici', 'aras', 'mng'])[1 + abs(id) % 3],"
            " shipping_option_slug = (ARRAY['standard', 'same-day'])[1 + abs(id) % 2], delivery_range = 'D' || abs(id) % 50,"
            " customer = jsonb_build_object('id', abs(id) % 5000, 'first_name', 'Ad' || abs(id) % 700, 'last_name',"
            " 'Soyad' || abs(id) % 900, 'email', 'm' || abs(id) % 5000 || '@example.com'),"
            " date_placed = now() - (abs(id) % 100000) * interval '1 minute', created_at = now() - (abs(id) % 100000) * interval '1 minute'"
        )
        cursor.execute(
            "UPDATE oms_packages_package SET shipping_company = (ARRAY['yurtici', 'aras', 'mng'])[1 + abs(id) % 3],"
            " created_at = now() - (abs(id) % 100000) * interval '1 minute', state = (ARRAY[100, 200, 500, 600, 700])[1 + abs(id) % 5],"
            " shipped_at = CASE WHEN abs(id) % 5 > 2 THEN now() - (abs(id) % 100000) * interval '1 minute' END"
        )
        cursor.execute("TRUNCATE oms_states_transitionlog")
        cursor.execute(
            "INSERT INTO oms_states_transitionlog (kind, object_id, new_state_id, attributes, created_at)"
            " SELECT 'package', p.id, s.id, '{}', p.created_at FROM oms_packages_package p"
            " JOIN oms_states_state s ON s.enum_class = 'PackageStatus' AND s.enum_value = p.state::text"
        )
    connection.set_autocommit(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _values() -> dict[str, Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.number, o.number, l.erp_code, p.channel_id, i.sku, o.upstream_id, p.location_id,"
            " (SELECT id FROM oms_states_state WHERE enum_class = 'PackageStatus' AND enum_value = '500')"
            " FROM oms_packages_package p JOIN oms_orders_order o ON o.id = p.order_id JOIN oms_orders_orderitem i ON i.order_id = o.id"
            " JOIN oms_locations_stocklocation l ON l.id = p.location_id WHERE p.id < 0 LIMIT 1"
        )
        names = ("package", "order", "erp_code", "channel", "sku", "upstream", "location", "packed")
        return dict(zip(names, cursor.fetchone(), strict=True))


def pages(values: dict[str, Any]) -> list[str]:
    """The addresses that are measured: the lists as they open, and by each kind of filter."""
    day = "2020-01-01T00:00:00Z"
    recent = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 86400))
    return [
        "/orders/", "/orders/?page=2500", "/orders/?cursor=", "/orders/?planning_state=planned", "/orders/?state=400",
        f"/orders/?number={values['order']}", f"/orders/?number__startswith={values['order'][:4]}",
        f"/orders/?channel={values['channel']}", "/orders/?cargo_company=aras", f"/orders/?product_sku={values['sku']}",
        f"/orders/?date_placed__gte={recent}", f"/orders/?created_date__gte={day}", f"/orders/?omnitron_id={values['upstream']}",
        "/packages/short/", "/packages/", "/packages/short/?page=2500", "/packages/short/?state__enum_value=500",
        "/packages/short/?state__enum_value__ne=700", f"/packages/short/?stock_location__erp_code={values['erp_code']}",
        f"/packages/short/?stock_location={values['location']}&state__enum_value=100",
        f"/packages/short/?order__number={values['order']}", f"/packages/short/?channel={values['channel']}",
        "/packages/short/?cargo_company=aras", f"/packages/short/?product_sku={values['sku']}",
        f"/packages/short/?order__omnitron_id={values['upstream']}", f"/packages/short/?created_date__gte={recent}",
        f"/packages/short/?shipment_date__gte={recent}", f"/packages/short/?order__date_placed__gte={recent}",
        "/packages/short/?order__customer__first_name=Ad77", "/packages/short/?order__customer__last_name=Soyad5",
        "/packages/short/?shipping_option_slug=same-day", "/packages/short/?delivery_range=D7", "/packages/short/?city=1",
        "/packages/short/?click_and_collect=true", f"/packages/package-items/?product_sku={values['sku']}", "/packages/package-items/",
        "/state-transition-logs/", f"/state-transition-logs/?new_state={values['packed']}",
        "/state-transition-logs/?new_state__enum_value__in=500", f"/state-transition-logs/?created_date__gte={recent}",
        "/state-transition-logs/?content_type=26", "/transfer_orders/", "/shipments/",
    ]  # fmt: skip


def main() -> None:
    import django

    django.setup()
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
    orders = numbers[0] if numbers else 100_000
    if "--keep" not in sys.argv:
        fill(orders)
    from django.core.wsgi import get_wsgi_application

    from ambar.kit import accounts

    user = accounts.ensure_user("bench", "bench-bench-1", ["planner", "admin"])
    token = accounts.issue_token(user, name="bench")
    application = get_wsgi_application()
    worst = []
    for path in pages(_values()):
        spent, busy, count = _measured(application, path, token)
        p50, p95 = statistics.median(spent), sorted(spent)[-1]
        worst.append(p50)
        print(f"{p50:7.1f} ms p50 {p95:7.1f} ms at most {busy:7.1f} ms CPU  {p50 / PEER_MS:5.2f} of {PEER_MS:.0f} ms  {count!s:>7}  {path}", flush=True)  # fmt: skip
    print(
        f"P11  {orders} orders: p50 {worst[0]:.1f} ms newest orders, {statistics.median(worst):.1f} ms middle, {max(worst):.1f} ms worst"
    )


def _measured(application: Any, path: str, token: str) -> tuple[list[float], float, Any]:
    """Milliseconds of each call, and the processor time of one (both sides), which a busy machine does not change."""
    from bench.cpu import Meter

    _get(application, path, token)
    spent, count, meter = [], None, Meter()
    for _ in range(CALLS):
        begun = time.perf_counter()
        body = _get(application, path, token)
        spent.append((time.perf_counter() - begun) * 1000)
        count = json.loads(body)["count"]
        if sum(spent) > 10_000:
            break
    return spent, sum(meter.spent()) * 1000 / len(spent), count


def _get(application: Any, path: str, token: str) -> bytes:
    bare, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": ROOT + bare, "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1", "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "wsgi.multithread": True,
        "wsgi.multiprocess": True, "wsgi.run_once": False, "HTTP_AUTHORIZATION": f"Token {token}", "SCRIPT_NAME": "",
    }  # fmt: skip
    status: list[str] = []
    answer = application(environ, lambda text, _headers, *_: status.append(text))
    content = b"".join(answer)
    answer.close()
    if not status[0].startswith("200"):
        raise RuntimeError(f"{path}: {status[0]} {content[:300]!r}")
    return content


if __name__ == "__main__":
    main()
