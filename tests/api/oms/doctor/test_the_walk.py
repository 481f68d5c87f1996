"""A synthetic order walks through both systems and leaves no trace in either."""

from __future__ import annotations

import os

import psycopg
import pytest
from django.apps import apps
from django.db import connection

from ambar.kit.outbox.models import Hook
from ambar.oms.locations.models import QuotaUsed
from ambar.oms.orders.models import Order
from ambar.oms.packages.models import Package
from ambar.oms.places.models import District
from ambar.oms.scenarios.actions.save_scenario import save_scenario
from ambar.oms.scenarios.models import DistributionScenario
from ambar.oms.stock.models import Balance
from tests.worlds import oms_integration as world
from tests.worlds.oms_integration import SELLER

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db,
    pytest.mark.skipif(
        "AMBAR_TEST_SERVER" not in os.environ, reason="needs a PostgreSQL server (AMBAR_TEST_SERVER)"
    ),
]
WALK = "/api/v1/oms/doctor/walk/"
REMEMBERED = {"oms_doctor_examination", "oms_doctor_openfinding", "accounts_auditentry"}
"""What the walk may write: that it was made, by whom, and what it found."""


def counted(cursor, tables):
    cursor.execute(" union all ".join(f"select '{name}', count(*) from {name}" for name in sorted(tables)))
    return dict(cursor.fetchall())


def rows_here():
    tables = {model._meta.db_table for model in apps.get_models()} - REMEMBERED
    with connection.cursor() as cursor:
        return counted(cursor, tables)


def rows_there(around):
    with psycopg.connect(around.market_database) as other, other.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        return counted(cursor, {name for (name,) in cursor.fetchall()} - {"accounts_token"})


def stock():
    return list(Balance.objects.order_by("pk").values()), list(QuotaUsed.objects.values())


def walked(admin):
    answer = admin.post(WALK)
    assert answer.status_code == 200, answer.content
    return answer.json(), {row["name"]: row for row in answer.json()["findings"]}


def test_it_is_offered_taken_planned_and_reported_and_no_row_is_left_anywhere(around, admin):
    before = rows_here(), rows_there(around), stock()
    answer, found = walked(admin)
    assert {name: row["code"] for name, row in found.items()} == {
        "walk.offer": "walk_offered",
        "walk.take": "walk_taken",
        "walk.plan": "walk_planned",
        "walk.report": "walk_reported",
        "walk.trace": "walk_no_trace",
    }
    assert answer["ok"] is True
    assert "1 package(s) at Warehouse" in found["walk.plan"]["what"]
    assert world.SKU in found["walk.offer"]["what"]
    assert (rows_here(), rows_there(around), stock()) == before
    assert found["walk.offer"]["what"] != walked(admin)[1]["walk.offer"]["what"]
    assert (rows_here(), rows_there(around), stock()) == before


def test_without_stock_it_is_told_out_of_stock_and_leaves_nothing_either(around, admin):
    Balance.objects.update(on_hand=0)
    before = rows_here(), stock()
    answer, found = walked(admin)
    assert (found["walk.plan"]["code"], found["walk.report"]["code"]) == (
        "walk_out_of_stock",
        "walk_reported",
    )
    assert "2 package event(s)" in found["walk.report"]["what"]
    assert (answer["ok"], rows_here(), stock()) == (True, *before)


def filter_all():
    world.set_setting(
        SELLER, order_filters=[{"name": "none", "condition": {"field": "amount", "op": "gt", "value": 1e9}}]
    )


def no_scenario():
    (scenario,) = DistributionScenario.objects.all()
    save_scenario({"is_active": False}, scenario_id=scenario.pk, now=world.clock.now())


@pytest.mark.parametrize(
    ("breaks", "name", "code"),
    [
        (filter_all, "walk.take", "walk_filtered"),
        (lambda: District.objects.all().delete(), "walk.take", "walk_quarantined"),
        (no_scenario, "walk.plan", "walk_held"),
        (lambda: Hook.objects.filter(event_type="package.created").update(is_active=False), "walk.report", "walk_no_event"),
        (lambda: Hook.objects.update(secret_sealed=world.vault.seal("another")), "walk.report", "walk_not_reported"),
    ],
)  # fmt: skip
def test_where_it_stops_is_named_and_nothing_is_left(around, admin, breaks, name, code):
    breaks()
    before = rows_here()
    answer, found = walked(admin)
    assert (answer["ok"], found[name]["code"], found[name]["ok"]) == (False, code, False)
    assert found["walk.trace"]["ok"] is True
    assert rows_here() == before


def test_an_order_that_waits_to_be_planned_is_not_touched(around, admin):
    record = world.oms_upstream.order(9001)
    assert admin.post("/api/v1/oms/intake/orders/", record).json()["verdicts"][0]["outcome"] == "created"
    assert walked(admin)[0]["ok"] is True
    order = Order.objects.get(number="SC-9001")
    assert (order.planning_state, order.due_at) == ("new", None)
    assert not Package.objects.exists()


def test_it_is_only_made_on_demand_and_by_whom_may_mend(around, admin):
    assert admin.get(WALK).status_code == 405
    reader = world.oms_upstream.caller("planner", name="planner")
    assert (reader.get("/api/v1/oms/doctor/last/").status_code, reader.post(WALK).status_code) == (200, 403)
    codes = {row["step"] for row in admin.get("/api/v1/oms/doctor/").json()["findings"]}
    assert codes == {1, 2, 3, 4}
