"""How far orders and their lines have come at the Seller Center: what stands otherwise than it was told is found, named and mended."""

from __future__ import annotations

import copy

import pytest

from ambar.kit import clock
from ambar.oms.handover.actions import close_day, reconcile
from ambar.oms.handover.models import AgreedOrder, Reconciliation
from ambar.oms.omnitron_client.gateways import client as upstream_client
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.upstream import status_store
from ambar.oms.upstream.actions.sync_statuses import send_due
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.models import StatusSync
from ambar.oms.upstream.status_store import Report
from tests.worlds import oms_upstream as upstream
from tests.worlds.oms_records import T0
from tests.worlds.reconciling import follow, run

pytestmark = pytest.mark.django_db
FIRST, COUNT = 7001, 12
PKS = range(FIRST, FIRST + COUNT)


@pytest.fixture
def made(world, partner):
    """Orders of two lines, all told as shipped, and known so on both sides."""
    records = [upstream.order(pk) for pk in PKS]
    take(*records)
    partner.offer(*copy.deepcopy(records))
    partner.take_reports()
    report(500, *PKS)
    assert {order.upstream_modified_at for order in Order.objects.all()} == {
        clock.parse(record["modified_date"]) for record in partner.orders.values()
    }
    assert run().found == 0
    assert not AgreedOrder.objects.exists()
    return partner


def take(*records):
    return take_orders(records, source=upstream.SOURCE, configured=Configured(), now=T0)


def report(status, *pks):
    """Tell the Seller Center a status of all lines of these orders."""
    lines = OrderItem.objects.filter(order__upstream_id__in=pks).select_related("order")
    status_store.write_reports(
        [
            Report(
                order_id=line.order_id, order_number=line.order.number, order_item_id=line.pk, upstream_item_id=line.upstream_id,
                package_id=1, wanted=status, fields={},
            )
            for line in lines
        ],
        now=clock.now(),
    )  # fmt: skip
    send()


def send():
    client = upstream_client.current()
    while send_due(client, now=clock.now):
        pass


def line_of(record, n=0):
    return record["orderitem_set"][n]


def ids(record):
    return [line["pk"] for line in record["orderitem_set"]]


def mended(pk, *, case, owner, remedy, fields):
    """The order's difference is previewed so, repaired, and a second comparison finds nothing."""
    row = run()
    (conflict,) = row.conflicts.all()
    assert (row.state, conflict.key) == ("ready", str(pk))
    assert (conflict.case, conflict.owner, conflict.remedy) == (case, owner, remedy)
    assert [(one["field"], one["ours"], one["theirs"]) for one in conflict.fields] == fields
    reconcile.apply(row.pk, now=clock.now())
    follow(row)
    send()
    row = follow(row)
    assert (row.state, row.repaired, row.refused, row.unconfirmed) == ("done", 1, 0, 0)
    again = run()
    assert (again.state, again.found) == ("done", 0), [one.fields for one in again.conflicts.all()]


BEHIND = {"case": "behind", "owner": "oms", "remedy": "report_again"}
AHEAD = {"case": "same_version", "owner": "seller_center", "remedy": "read_again"}


def test_a_line_that_went_back_there_is_reported_again(made):
    record = made.orders[FIRST]
    line_of(record)["status"] = "450"
    pk = line_of(record)["pk"]
    mended(FIRST, **BEHIND, fields=[("line_statuses", {str(pk): 500}, {str(pk): 450})])
    assert [line["status"] for line in record["orderitem_set"]] == ["500", "500"]


def test_an_order_that_went_back_there_is_reported_again(made):
    record = made.orders[FIRST]
    record["status"] = "400"
    mended(FIRST, **BEHIND, fields=[("status", 500, 400)])
    assert record["status"] == "500"


def test_an_order_that_went_back_with_its_lines_is_reported_again(made):
    record = made.orders[FIRST]
    record["status"] = "400"
    for line in record["orderitem_set"]:
        line["status"] = "200"
    lines = [{str(pk): code for pk in ids(record)} for code in (500, 200)]
    mended(FIRST, **BEHIND, fields=[("status", 500, 400), ("line_statuses", *lines)])
    assert {record["status"], *(line["status"] for line in record["orderitem_set"])} == {"500"}


def test_a_line_further_than_it_was_told_is_taken_as_it_stands_there(made):
    record = made.orders[FIRST]
    line_of(record)["status"] = "550"
    pk = line_of(record)["pk"]
    mended(FIRST, **AHEAD, fields=[("line_statuses", {str(pk): 500}, {str(pk): 550})])
    assert OrderItem.objects.get(upstream_id=pk).state == 550


def test_a_line_cancelled_there_under_the_same_version_is_taken_as_cancelled(made):
    record = made.orders[FIRST]
    line_of(record, 1)["status"] = "100"
    pk = line_of(record, 1)["pk"]
    mended(FIRST, **AHEAD, fields=[("line_statuses", {str(pk): 500}, {str(pk): 100})])


def test_an_order_further_than_its_lines_is_taken_as_it_stands_there(made):
    made.orders[FIRST]["status"] = "600"
    mended(FIRST, **AHEAD, fields=[("status", 500, 600)])


def test_what_is_behind_and_differs_otherwise_is_read_and_reported(made):
    record = made.orders[FIRST]
    line_of(record)["status"] = "450"
    record["notes"] = "ring twice"
    pk = line_of(record)["pk"]
    mended(
        FIRST, **AHEAD, fields=[("notes", "", "ring twice"), ("line_statuses", {str(pk): 500}, {str(pk): 450})]
    )  # fmt: skip
    assert line_of(record)["status"] == "500"
    assert Order.objects.get(upstream_id=FIRST).notes == "ring twice"


def test_a_status_nobody_here_told_is_taken_as_it_stands_there(made):
    """Nothing was reported of it, so nothing can be reported again."""
    told = upstream.order(FIRST + COUNT)
    take(told)
    made.offer(copy.deepcopy(told))
    assert run().found == 0
    record = made.orders[FIRST + COUNT]
    before = int(line_of(record)["status"])
    line_of(record)["status"] = "200"
    pk = line_of(record)["pk"]
    mended(FIRST + COUNT, **AHEAD, fields=[("line_statuses", {str(pk): before}, {str(pk): 200})])


def test_without_a_record_of_the_order_its_own_rows_say_where_it_stands(made):
    Order.objects.filter(upstream_id=FIRST).update(raw={}, echo=None)
    record = made.orders[FIRST]
    line_of(record)["status"] = "450"
    pk = line_of(record)["pk"]
    mended(FIRST, **BEHIND, fields=[("line_statuses", {str(pk): 500}, {str(pk): 450})])


def test_many_of_them_are_found_and_mended_in_few_requests(made):
    for pk in PKS:
        line_of(made.orders[pk])["status"] = "450"
    before = made.requests()
    row = run(apply=True)
    send()
    row = follow(row)
    assert (row.state, row.found, row.repaired) == ("done", COUNT, COUNT)
    assert made.requests() - before < 12
    assert run().found == 0


def test_a_report_under_way_is_no_difference(made):
    line_of(made.orders[FIRST])["status"] = "450"
    StatusSync.objects.filter(upstream_item_id=line_of(made.orders[FIRST])["pk"]).update(
        state="pending", due_at=clock.now()
    )
    row = run()
    assert (row.found, row.under_way) == (0, 1)


def test_statuses_the_map_does_not_name_are_looked_at_once_and_cost_nothing_more(made):
    """The floor has moved on here, and nothing of that is told: the Seller Center stands where it was told."""
    OrderItem.objects.filter(order__upstream_id=FIRST).update(state=510)
    Order.objects.filter(upstream_id=FIRST).update(state=510)
    before = made.requests()
    assert (run().found, made.requests() - before) == (0, 2)
    record = upstream.order(FIRST + 1, at=clock.parse(made.orders[FIRST + 1]["modified_date"]))
    record |= {"status": "510"}
    for line in record["orderitem_set"]:
        line["status"] = "520"
    record["modified_date"] = clock.iso(clock.parse(record["modified_date"]).replace(microsecond=7))
    take(copy.deepcopy(record))
    made.offer(record)
    assert run().found == 0
    assert AgreedOrder.objects.count() == 1
    before = made.requests()
    assert (run().found, made.requests() - before) == (0, 2)


def test_an_earlier_seller_center_is_compared_without_statuses_and_said_so(made):
    made.knows_statuses = False
    line_of(made.orders[FIRST])["status"] = "450"
    row = run()
    assert (row.state, row.found, row.unknown) == ("done", 0, [Reconciliation.STATUSES_UNKNOWN])
    statement = close_day.draw_up(None, now=clock.now())
    assert [text for text in statement.body["unknown"] if text.startswith("Whether the statuses of orders")]
    made.orders[FIRST]["notes"] = "ring twice"
    (conflict,) = run().conflicts.all()
    assert [one["field"] for one in conflict.fields] == ["notes"]
