"""Lines and worth of a package that nothing told has changed: put back as they were told, or left to a person, and never told on."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from ambar.kit.outbox.models import Event, Hook
from ambar.oms.catalogue.models import Product
from ambar.oms.orders.models import OrderItem
from ambar.oms.packages import store as packages
from ambar.oms.packages import taking_off
from ambar.oms.packages.domain.changes import StateChange
from ambar.oms.packages.models import Package, PackageItem
from tests.worlds import oms_books as books
from tests.worlds.oms_records import T0, log_of, package
from tests.worlds.reconciling import follow, run

pytestmark = pytest.mark.django_db
AS_TOLD = "packages are as their last event told them"


def rows(made):
    lines = PackageItem.objects.filter(package_id=made.id).order_by("id")
    return (
        Package.objects.values_list("amount", "state", "sequence", "told_sequence").get(pk=made.id),
        list(
            lines.values_list(
                "id", "order_item_id", "product_id", "quantity", "state", "unit_weight", "extra_data"
            )
        ),
    )


def first(made):
    return PackageItem.objects.filter(package_id=made.id).earliest("id")


def another_product(made):
    PackageItem.objects.filter(pk=first(made).pk).update(
        product=Product.objects.create(sku="SKU-OTHER", name="Other")
    )


DAMAGE = {
    "worth": lambda made: Package.objects.filter(pk=made.id).update(amount="1.00"),
    "product": another_product,
    "units": lambda made: PackageItem.objects.filter(pk=first(made).pk).update(quantity="0.50"),
    "lost line": lambda made: first(made).delete(),
    "every line": lambda made: PackageItem.objects.filter(package_id=made.id).delete(),
    "worth and line": lambda made: (Package.objects.update(amount="0.10"), first(made).delete()),
}


def moved(partner, made, *states):
    """Each move is told by an event the Seller Center hears and by one that nobody listens to."""
    for before, after in zip((100, *states), states, strict=False):
        change = StateChange(
            package_id=made.id, from_state=before, to_state=after, command_code="X", slug="x"
        )
        packages.change_states([change], now=T0 + timedelta(minutes=after))
    partner.hear()


@pytest.mark.parametrize("states", [(), (200, 700)])
@pytest.mark.parametrize("damage", sorted(DAMAGE))
def test_what_nothing_told_has_changed_is_put_back_as_it_was_told_and_nobody_is_told(
    made, partner, damage, states
):
    one = made[1]
    moved(partner, one, *states)
    assert (Event.objects.filter(aggregate_id=one.id, kind="package", payload="").exists()) == bool(states)
    PackageItem.objects.filter(pk=first(one).pk).update(extra_data={"barcodes": ["869"]})
    assert AS_TOLD not in books.wrong()
    before = rows(one)
    DAMAGE[damage](one)
    assert AS_TOLD in books.wrong()
    row = run()
    found = row.conflicts.get(key=one.number)
    assert (found.case, found.owner, found.remedy) == ("rewritten", "oms", "put_right")
    assert {field["field"] for field in found.fields} <= {"items", "amount"} and found.fields
    there, events, log = dict(partner.packages[one.number]), Event.objects.count(), log_of(one.id)
    row = follow(run(apply=True))
    assert (row.state, row.refused, row.repaired) == ("done", 0, row.found)
    after = rows(one)
    if damage in (
        "lost line",
        "every line",
        "worth and line",
    ):  # what the floor noted since the event is not in it
        after[1][0] = (*after[1][0][:-1], {"barcodes": ["869"]})
    assert after == before
    assert (partner.packages[one.number], Event.objects.count(), log_of(one.id)) == (there, events, log)
    assert (run().state, run().found, AS_TOLD in books.wrong()) == ("done", 0, False)


def test_lines_changed_by_a_move_nobody_listened_to_are_no_damage(made, partner):
    """Its event has no payload, so the last one that has is not the last word: the row is the OMS's, and is told."""
    one = made[0]
    moved(partner, one, 200)
    Hook.objects.update(is_active=False)
    taking_off.take_off({first(one).pk: Decimal("0.50")}, now=T0)
    change = StateChange(package_id=one.id, from_state=200, to_state=200, command_code="X", slug="x")
    taking_off.tell([change], now=T0 + timedelta(minutes=300))
    Hook.objects.update(is_active=True)
    found = run().conflicts.get(key=one.number)
    assert (found.case, found.remedy) == ("both", "tell_again")
    assert "items" in [field["field"] for field in found.fields]


def test_a_package_lost_there_is_not_told_with_rows_that_nothing_told(made, partner):
    one = made[0]
    PackageItem.objects.filter(pk=first(one).pk).update(quantity="0.50")
    del partner.packages[one.number]
    events = Event.objects.count()
    row = run(apply=True)
    assert list(row.conflicts.values_list("case", "remedy")) == [("rewritten", "put_right")]
    assert (Event.objects.count(), books.wrong()) == (events, {})
    assert list(run().conflicts.values_list("case", "remedy")) == [("only_here", "tell_again")]


def test_a_line_no_event_names_is_left_to_a_person(made, partner):
    one, other = made[0], made[1]
    line = first(other)
    more = {"product_id": line.product_id, "quantity": 1, "state": 100, "created_at": T0, "modified_at": T0}
    PackageItem.objects.create(
        package_id=one.id, order_id=line.order_id, order_item_id=line.order_item_id, **more
    )
    assert refusal(one) == "It holds a line that its last event does not name; a person has to look."


def test_a_line_that_stands_in_another_package_is_left_to_a_person(made, partner):
    one, other = made[0], made[1]
    PackageItem.objects.filter(pk=first(one).pk).update(package_id=other.id)
    assert refusal(one) == "A line of it stands in another package; a person has to look."


def test_a_line_of_another_order_line_is_left_to_a_person(made, partner):
    one = made[0]
    lines = list(PackageItem.objects.filter(package_id=one.id).order_by("id"))
    PackageItem.objects.filter(pk=lines[1].pk).delete()
    PackageItem.objects.filter(pk=lines[0].pk).update(order_item_id=lines[1].order_item_id)
    assert refusal(one) == "A line of it is of another order line than was told; a person has to look."


def test_units_that_were_planned_again_meanwhile_are_not_packed_twice(made, partner, world):
    one = made[0]
    line = first(one)
    item = OrderItem.objects.get(pk=line.order_item_id)
    line.delete()
    package(world, order_id=item.order_id, lines=[(item.sku, 1)])
    partner.hear()
    before = rows(one)
    assert refusal(one) == "1.00 more would stand in two packages: 0.000 are open."
    assert rows(one) == before


def test_a_package_given_up_takes_nothing_of_what_was_planned_again(made, partner, world):
    one = made[0]
    moved(partner, one, 900)
    item = OrderItem.objects.get(pk=first(one).order_item_id)
    package(world, order_id=item.order_id, lines=[(item.sku, 1)])
    partner.hear()
    before = rows(one)
    first(one).delete()
    row = follow(run(apply=True))
    found = row.conflicts.get(key=one.number)
    assert (found.case, found.state, found.reason) == ("rewritten", "repaired", "")
    assert rows(one) == before


def test_a_product_nobody_knows_any_more_is_named(made, partner):
    one = made[0]
    another_product(one)
    sku = OrderItem.objects.get(pk=first(one).order_item_id).sku
    Product.objects.filter(sku=sku).update(sku="GONE")
    row = follow(run(apply=True))
    found = row.conflicts.get(key=one.number)
    assert (found.state, found.reason) == ("refused", f"Product {sku} is unknown here.")


def test_where_the_event_is_kept_no_longer_the_package_is_told_as_it_stands(made, partner):
    """Without its own word this OMS has only its rows, and these are the OMS's (decision 44)."""
    one = made[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_event SET payload = '' WHERE aggregate_id = %s", [one.id])
    Package.objects.filter(pk=one.id).update(amount="1.00")
    found = run().conflicts.get(key=one.number)
    assert (found.case, found.remedy) == ("both", "tell_again")


def test_units_nobody_ordered_are_told_to_nobody(made, partner):
    """Nor where the own word is gone, as after a restore: no sound row holds more than was ordered."""
    one, other = made[0], made[1]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_event SET payload = ''")
    PackageItem.objects.filter(pk=first(one).pk).update(quantity=9)
    Package.objects.filter(pk=other.id).update(amount="1.00")
    before = rows(one)
    row = run(apply=True)
    told = partner.hear()
    row = follow(row)
    found = row.conflicts.get(key=one.number)
    sku = OrderItem.objects.get(pk=first(one).order_item_id).sku
    assert (found.remedy, found.state) == ("tell_again", "refused")
    assert (
        found.reason == f"9.000 units of {sku} stand in packages, 1.000 were ordered; a person has to look."
    )
    assert (told, rows(one)) == (1, before)
    assert row.conflicts.get(key=other.number).state == "repaired"


def test_units_of_a_package_given_up_count_for_nothing(made, partner, world):
    one = made[0]
    moved(partner, one, 900)
    item = OrderItem.objects.get(pk=first(one).order_item_id)
    package(world, order_id=item.order_id, lines=[(item.sku, 1)])
    partner.hear()
    partner.packages[one.number]["state"] = 100
    row = run(apply=True)
    partner.hear()
    assert follow(row).conflicts.get(key=one.number).state == "repaired"


def refusal(one):
    row = follow(run(apply=True))
    found = row.conflicts.get(key=one.number)
    assert (found.case, found.state) == ("rewritten", "refused")
    return found.reason


THERE = {
    "worth": lambda there: there.update(amount="77.00"),
    "state": lambda there: there.update(state=200, sequence=2),
}


@pytest.mark.parametrize("damage", sorted(THERE))
def test_what_stands_wrong_on_both_sides_is_put_right_here_and_told_again_in_one_run(made, partner, damage):
    one = made[1]
    moved(partner, one, 200, 700)
    before, there = rows(one), dict(partner.packages[one.number])
    Package.objects.filter(pk=one.id).update(amount="1.00")
    THERE[damage](partner.packages[one.number])
    row = run(apply=True)
    found = row.conflicts.get(key=one.number)
    assert (row.state, found.state) == ("checking", "applied")
    assert (found.case, found.remedy) == ("both", "tell_again")
    told = {field["field"]: (field["ours"], field["theirs"]) for field in found.fields}
    assert told["amount"] == (("1.00", "77.00") if damage == "worth" else ("1.00", there["amount"]))
    assert rows(one)[0][0] == before[0][0]
    partner.hear()
    row = follow(row)
    assert (row.state, row.found, row.repaired, row.unconfirmed) == ("done", 1, 1, 0)
    assert partner.packages[one.number]["amount"] == there["amount"]
    assert (partner.packages[one.number]["state"], run().found) == (700, 0)
