"""Whatever is done to transfers in whatever order: no unit is lost, made or promised twice."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from django.db import connection, transaction

from ambar.oms.commands.actions.run_many import run_many
from ambar.oms.commands.transfers.kind import TRANSFERS
from ambar.oms.locations.models import QuotaUsed
from ambar.oms.packages.models import Package
from ambar.oms.states.domain.seed import TRANSFER_TRANSITIONS
from ambar.oms.stock.models import Balance
from ambar.oms.transfers.models import Transfer, TransferItem
from tests.worlds.oms_records import T0, build, events_of
from tests.worlds.oms_transfers import add_location, waiting_package

pytestmark = pytest.mark.django_db
SLUGS = [row[0] for row in TRANSFER_TRANSITIONS]
CARRIER = {"shipping_company": "aras", "tracking_number": "1"}
HELD = """
SELECT holder_kind, holder_id, location_id, sum(quantity) FROM oms_stock_ledgerentry WHERE kind <> 'stock'
 AND holder_kind <> '' GROUP BY 1, 2, 3 HAVING sum(quantity) <> 0"""
SUMS = """
SELECT location_id, product_id, sum(quantity) FILTER (WHERE kind IN ('stock', 'consume')),
       coalesce(sum(quantity) FILTER (WHERE kind <> 'stock'), 0)
  FROM oms_stock_ledgerentry GROUP BY 1, 2"""


def rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def check(world):
    balances = {(b.location_id, b.product_id): (b.on_hand, b.reserved) for b in Balance.objects.all()}
    assert {(r[0], r[1]): (r[2], r[3]) for r in rows(SUMS)} == balances
    lost = sum(i.quantity for i in TransferItem.objects.filter(state="out_of_stock"))
    assert sum(on_hand for on_hand, _ in balances.values()) == 3 * 2 * 100 - lost
    held = {(kind, holder, place): quantity for kind, holder, place, quantity in rows(HELD)}
    expected: dict[tuple[str, int, int], Decimal] = {}
    for item in TransferItem.objects.select_related("transfer__package", "package_item"):
        way = item.transfer
        if way.state in ("waiting", "ready_to_shipment", "in_transit"):
            expected["transfer_item", item.pk, way.source_id] = item.quantity
        elif way.state == "transferred" and way.package.state in (100, 300):
            key = ("package_item", item.package_item_id, way.destination_id)
            expected[key] = expected.get(key, Decimal(0)) + item.quantity
    for package in Package.objects.filter(state__in=(100, 300)):
        own = package.packageitem_set.order_by("id").first()
        expected["package_item", own.pk, package.location_id] = own.quantity
    assert held == expected
    for package in Package.objects.all():
        states = set(Transfer.objects.filter(package=package).values_list("state", flat=True))
        assert (package.state == 100) == (states == {"transferred"})
        assert [n for _, n in events_of(package.pk)] == list(range(1, package.sequence + 1))
    for transfer in Transfer.objects.all():
        assert [n for _, n in events_of(transfer.pk, "transfer")] == list(range(1, transfer.sequence + 1))
    living = Package.objects.filter(state__in=(100, 300)).count()
    assert sum(QuotaUsed.objects.values_list("used", flat=True)) == living


@pytest.mark.parametrize("seed", range(4))
def test_a_random_history_of_commands_leaves_the_books_right(seed):
    chance = random.Random(seed)
    world = build()
    add_location(world, "ST3")
    for _ in range(3):
        sources = tuple(chance.choices(("WH1", "ST3"), k=chance.randint(1, 3)))
        waiting_package(world, sources=sources, of_each=chance.randint(1, 5))
    ids = list(Transfer.objects.values_list("id", flat=True))
    check(world)
    done = 0
    for _ in range(25):
        slug, some = chance.choice(SLUGS), chance.sample(ids, chance.randint(1, len(ids)))
        given = dict.fromkeys(some, CARRIER if slug == "transfer-order-advanced" else {})
        with transaction.atomic():
            verdicts = run_many(slug, some, kind=TRANSFERS, parameters=given, now=T0)
        done += sum(verdict.refusal is None for verdict in verdicts)
        check(world)
    assert done >= 3
