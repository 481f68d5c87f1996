"""Both sides damaged in every way the authority table knows: found, previewed, repaired, and nothing left the second time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from ambar.kit import clock
from ambar.kit.outbox.models import Delivery, Event, Hook
from ambar.oms.handover.actions import reconcile
from ambar.oms.handover.gateways import seller_center
from ambar.oms.handover.models import Conflict, Reconciliation
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import Order
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import StateChange
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.stock.models import LedgerEntry
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.models import StatusSync
from tests.store.oms.handover.conftest import FIRST
from tests.worlds import handover_partner as there
from tests.worlds import oms_books as books
from tests.worlds import oms_upstream as upstream
from tests.worlds.oms_records import T0, balances, log_of, package, quota
from tests.worlds.reconciling import follow, run

pytestmark = pytest.mark.django_db


def repaired(partner, row):
    """Let the other side hear what it is told, and the reconciliation see it."""
    heard = partner.hear()
    row = follow(row)
    assert (row.state, row.error, row.refused, row.unconfirmed) == ("done", "", 0, 0), list(
        row.conflicts.values("kind", "key", "state", "reason")
    )
    again = run()
    assert (again.state, again.found, again.under_way) == ("done", 0, 0), list(again.conflicts.values())
    return heard


def conflicts(row):
    return list(row.conflicts.order_by("pk").values_list("kind", "key", "case", "remedy", "owner"))


def move(package_id, source, destination):
    change = StateChange(
        package_id=package_id, from_state=source, to_state=destination, command_code="X", slug="x"
    )
    packages.change_states([change], now=T0)


def test_sides_that_agree_are_compared_with_two_requests(made, partner):
    before = partner.requests()
    row = run(apply=True)
    assert (row.state, row.rows, row.compared, row.found) == ("done", 6, 6, 0)
    assert partner.requests() - before == 2


def test_a_package_lost_there_is_previewed_and_told_again_to_the_seller_center_only(made, partner, world):
    there.listen("https://erp.example.com")
    one = made[1]
    lost = partner.packages.pop(one.number)
    row = run()
    assert (row.state, row.found) == ("ready", 1)
    assert conflicts(row) == [("package", one.number, "only_here", "tell_again", "oms")]
    assert row.conflicts.get().fields == [
        {"field": "package", "ours": {"state": 100, "sequence": 1}, "theirs": None}
    ]
    events, rows = Event.objects.count(), Delivery.objects.count()
    assert Package.objects.get(pk=one.id).sequence == 1

    reconcile.apply(row.pk, now=clock.now())
    follow(row)
    assert (Event.objects.count(), Delivery.objects.count()) == (events + 1, rows + 1)
    sent = Delivery.objects.latest("pk")
    assert (sent.event.type, sent.event.sequence) == ("package.created", 2)
    assert sent.hook.target_url.startswith(partner.base_url)
    assert repaired(partner, row) == 1
    assert partner.packages[one.number]["items"] == lost["items"]
    assert (row.conflicts.get().state, row.conflicts.get().repaired_at is not None) == ("repaired", True)


def test_a_package_changed_there_is_told_again_with_the_fields_that_differ(made, partner):
    one = made[0]
    move(one.id, 100, 200)
    partner.hear()
    partner.packages[one.number].update(state=500, invoice_number="FAKE", amount="1.00")
    row = run(apply=True)
    assert conflicts(row) == [("package", one.number, "both", "tell_again", "oms")]
    told = {field["field"]: (field["ours"], field["theirs"]) for field in row.conflicts.get().fields}
    assert told["state"] == (200, 500)
    assert told["invoice_number"] == (None, "FAKE")
    assert told["amount"][1] == "1.00" and "items" not in told
    repaired(partner, row)
    assert (partner.packages[one.number]["state"], partner.packages[one.number]["invoice_number"]) == (
        200,
        None,
    )


def test_an_event_that_never_arrived_is_told_again_as_it_stands_now(made, partner):
    one = made[2]
    move(one.id, 100, 200)
    move(one.id, 200, 400)
    Delivery.objects.filter(state=0).delete()
    row = run(apply=True)
    repaired(partner, row)
    assert partner.packages[one.number]["state"] == 400
    assert partner.packages[one.number]["sequence"] == Package.objects.get(pk=one.id).sequence == 5


def test_a_package_lost_here_comes_back_as_it_was_and_is_neither_planned_nor_told(made, partner, world):
    one = made[1]
    move(one.id, 100, 200)
    partner.hear()
    before, items = package_of(one.id)
    log, stock, used = log_of(one.id), balances(world), quota(world)
    events, entries = Event.objects.count(), LedgerEntry.objects.count()
    there.lose([one.number])
    row = run(apply=True)
    assert conflicts(row) == [("package", one.number, "only_there", "restore_from_there", "seller_center")]
    assert repaired(partner, row) == 0
    after, items_after = package_of(one.id)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"modified_at", "sync_pending_at"}
    assert [{**item, "modified_at": 0, "created_at": 0} for item in items] == [
        {**item, "modified_at": 0, "created_at": 0} for item in items_after
    ]
    assert log_of(one.id) == [*log, ("200", "200", "RECONCILIATION")]
    assert (balances(world), Event.objects.count(), LedgerEntry.objects.count()) == (stock, events, entries)
    assert quota(world) == {**used, "WH1": used["WH1"] + 1}  # the row went without its quota
    assert Order.objects.get(pk=before["order_id"]).planning_state == "planned"
    later = package(world)
    assert later.id > one.id and min(later.item_ids) > max(item["id"] for item in items_after)


def package_of(package_id):
    row = Package.objects.values().get(pk=package_id)
    return row, list(PackageItem.objects.filter(package_id=package_id).order_by("pk").values())


def test_an_order_lost_here_is_read_again_with_its_packages_and_nothing_is_planned_anew(made, partner, world):
    one = made[0]
    order_id = Package.objects.get(pk=one.id).order_id
    there.lose_order(order_id)
    known = partner.packages[one.number]
    known.update(remote_id=None, items=[{**item, "remote_id": None} for item in known["items"]])
    row = run(apply=True)
    assert conflicts(row) == [
        ("order", str(FIRST), "only_there", "read_again", "seller_center"),
        ("package", one.number, "only_there", "restore_from_there", "seller_center"),
    ]
    repaired(partner, row)
    order = Order.objects.get(upstream_id=FIRST)
    assert order.planning_state == "planned"
    back = Package.objects.get(number=one.number)
    assert (back.order_id, back.state) == (order.pk, 100)
    lines = back.packageitem_set.values_list("pk", flat=True)
    held = LedgerEntry.objects.filter(holder_kind="package_item", holder_id__in=lines, kind="reserve")
    assert held.count() == 2


def test_an_order_lost_here_whose_units_are_not_all_packed_waits_for_a_person(made, partner):
    one = made[0]
    there.lose_order(Package.objects.get(pk=one.id).order_id)
    partner.packages[one.number]["items"].pop()
    run(apply=True)
    order = Order.objects.get(upstream_id=FIRST)
    assert order.planning_state == "hold"
    assert "lines with units in no package: 1" in order.hold_reason


def test_an_order_lost_here_that_was_never_packed_is_simply_taken(made, partner):
    partner.offer(upstream.order(FIRST + 10))
    row = run(apply=True)
    assert conflicts(row) == [("order", str(FIRST + 10), "only_there", "read_again", "seller_center")]
    repaired(partner, row)
    assert Order.objects.get(upstream_id=FIRST + 10).planning_state == "new"


def test_a_newer_order_is_read_again(made, partner):
    later = upstream.order(FIRST, at=T0 + timedelta(hours=5), notes="ring twice")
    partner.offer(later)
    row = run(apply=True)
    assert conflicts(row) == [("order", str(FIRST), "later_there", "read_again", "seller_center")]
    repaired(partner, row)
    assert Order.objects.get(upstream_id=FIRST).notes == "ring twice"


def test_an_order_that_went_back_there_is_read_as_it_stands_and_its_statuses_are_reported_again(
    made, partner
):
    order = Order.objects.get(upstream_id=FIRST)
    item = order.orderitem_set.order_by("pk")[0]
    report = StatusSync.objects.create(
        order_id=order.pk, order_item_id=item.pk, order_number=order.number, upstream_item_id=item.upstream_id,
        package_id=made[0].id, wanted=450, sent=450, state="sent", created_at=T0, modified_at=T0,
    )  # fmt: skip
    partner.offer(upstream.order(FIRST, at=T0))
    row = run(apply=True)
    assert conflicts(row) == [("order", str(FIRST), "both", "read_again", "seller_center")]
    repaired(partner, row)
    order.refresh_from_db()
    report.refresh_from_db()
    assert order.upstream_modified_at == T0
    assert (report.state, report.sent, report.version) == ("pending", None, 2)


def test_a_state_that_was_forgotten_here_is_remembered_from_there(made, partner, world):
    """As after a restore from a backup: the Seller Center knows a later word of this OMS than the OMS itself."""
    one = made[0]
    move(one.id, 100, 200)
    partner.hear()
    partner.packages[one.number].update(state=500, sequence=9)
    events = Event.objects.count()
    row = run(apply=True)
    assert conflicts(row) == [("package", one.number, "later_there", "remember_from_there", "seller_center")]
    repaired(partner, row)
    back = Package.objects.get(pk=one.id)
    assert (back.state, back.told_state, back.told_sequence, back.sequence) == (500, 500, 9, 10)
    assert back.packaged_at is not None
    assert set(PackageItem.objects.filter(package=back).values_list("state", flat=True)) == {500}
    assert PackageItem.objects.filter(package=back, stock_taken_at__isnull=True).count() == 0
    assert log_of(one.id)[-1] == ("200", "500", "RECONCILIATION")
    assert Event.objects.count() == events
    wrong = set(books.wrong()) - {"events are counted without a gap", "a package counts its events"}
    assert wrong == {
        "one transitioned event for each change of a package",
        "one specific event for each change into a state that has one",
    }


def test_a_package_given_up_that_was_forgotten_here_frees_its_stock(made, partner, world):
    one = made[0]
    partner.packages[one.number].update(state=900, sequence=9)
    reserved = {sku: held for sku, (_, held) in balances(world).items()}
    repaired(partner, run(apply=True))
    assert Package.objects.get(pk=one.id).state == 900
    assert {sku: held for sku, (_, held) in balances(world).items()} == {
        sku: held - 1 for sku, held in reserved.items()
    }
    assert quota(world)["WH1"] == 2


def test_a_seller_center_that_hears_more_than_it_must_is_only_noted(made, partner):
    one = made[0]
    move(one.id, 100, 200)
    partner.hear()
    partner.packages[one.number].update(sequence=3)
    events = Event.objects.count()
    row = run(apply=True)
    assert conflicts(row) == [("package", one.number, "heard_more", "note", "seller_center")]
    repaired(partner, row)
    assert (Package.objects.get(pk=one.id).told_sequence, Event.objects.count()) == (3, events)


def test_a_question_of_many_parts_is_asked_in_addresses_of_usual_length(made, partner):
    numbers = [f"{'N' * 60}-{n}" for n in range(100)]
    with seller_center.connected() as center:
        before = center.requests
        assert center.details(numbers=[*numbers, made[0].number], brief=True)[0]["number"] == made[0].number
        assert center.rows("orders", [f"{pk}-{pk + 1}" for pk in range(10**15, 10**15 + 100)]) == []
        assert len(center.orders([FIRST + n for n in range(120)])) == 3
        assert center.requests - before == 5 + 3 + 3


def test_what_is_still_on_its_way_is_no_conflict(made, partner, world):
    move(made[0].id, 100, 200)  # recorded, not delivered yet
    partner.packages[made[1].number].update(state=200, sequence=2)  # received there, not applied yet
    partner.waiting[made[1].number] = 1
    partner.offer(
        upstream.order(FIRST + 20, at=clock.now() + timedelta(minutes=1))
    )  # newer than what the pull has read
    row = run(apply=True)
    assert (row.state, row.found, row.under_way) == ("done", 0, 3)


def test_an_order_in_quarantine_or_refused_by_a_rule_is_known(made, partner):
    odd = upstream.order(FIRST + 30)
    odd["orderitem_set"][0]["price"] = "free"
    nowhere = upstream.moved(upstream.order(FIRST + 31), "township", "Nowhere", 999)
    partner.offer(odd, nowhere)
    take_orders([odd, nowhere], source=upstream.SOURCE, configured=Configured(), now=T0)
    assert (run().state, Conflict.objects.count()) == ("done", 0)


def test_a_lane_that_was_given_up_goes_on_instead_of_being_told_beside_it(made, partner):
    one = made[0]
    move(one.id, 100, 200)
    move(one.id, 200, 400)
    Delivery.objects.filter(state=0).update(state=2, attempts=18)
    parked = Delivery.objects.filter(state=2).count()
    events = Event.objects.count()
    row = run(apply=True)
    assert row.found == 1 and Delivery.objects.filter(state=0).count() == parked
    repaired(partner, row)
    assert (Event.objects.count(), partner.packages[one.number]["state"]) == (events, 200)


def test_without_a_hook_nothing_is_told_and_the_reason_is_kept(made, partner):
    one = made[0]
    del partner.packages[one.number]
    Hook.objects.filter(event_type="package.created").update(is_active=False)
    row = run(apply=True)
    assert (row.state, row.refused, row.repaired) == ("done", 1, 0)
    assert "No active hook tells the Seller Center of package.created" in row.conflicts.get().reason
    assert Package.objects.get(pk=one.id).sequence == 1


def test_a_package_that_fits_nowhere_here_is_refused_with_the_reason_and_the_others_are_put_back(
    made, partner
):
    StockLocation.objects.filter(name="Location WH1").update(name="Renamed")
    partner.packages[made[0].number]["event"] = None
    there.lose([made[0].number])
    row = run(apply=True)
    assert (row.state, row.refused) == ("done", 1)
    assert row.conflicts.get().reason == "Its location 'Location WH1' is unknown here."
    assert not Package.objects.filter(number=made[0].number).exists()


def test_an_order_lost_there_that_it_takes_not_back_is_told_to_a_person(made, partner):
    del partner.orders[FIRST]
    row = run(apply=True)
    assert conflicts(row) == [("order", str(FIRST), "only_here", "give_back", "seller_center")]
    assert (row.state, row.refused) == ("done", 1)
    assert "ask its owner" in row.conflicts.get().reason


def test_an_order_lost_there_is_given_back_as_it_was_offered(made, partner):
    refused = upstream.order(FIRST + 5, notes="refuse")
    take_orders([refused], source=upstream.SOURCE, configured=Configured(), now=T0)
    lost = partner.orders.pop(FIRST)
    partner.take_back()
    row = follow(run(apply=True))
    assert dict(row.conflicts.values_list("key", "state")) == {
        str(FIRST): "repaired",
        str(FIRST + 5): "refused",
    }
    assert row.conflicts.get(state="refused").reason == "Not sealed."
    assert partner.orders[FIRST] == lost


def test_an_order_whose_record_is_gone_or_is_another_ones_is_not_given_back_and_says_so(made, partner):
    partner.orders.clear()
    partner.take_back()
    Order.objects.filter(upstream_id=FIRST).update(raw={})
    Order.objects.filter(upstream_id=FIRST + 1).update(upstream_id=9001)
    row = follow(run(apply=True))
    assert dict(row.conflicts.filter(state="refused").values_list("key", "reason")) == {
        str(FIRST): "The record it was offered as is not kept here.",
        "9001": f"The record kept of it is that of order {FIRST + 1}.",
    }
    assert list(partner.orders) == [FIRST + 2]


def test_of_an_order_given_back_what_was_told_since_it_was_offered_is_told_again(made, partner):
    lost = partner.orders.pop(FIRST)
    order = Order.objects.get(upstream_id=FIRST)
    item = order.orderitem_set.first()
    Order.objects.filter(pk=order.pk).update(
        upstream_modified_at=order.upstream_modified_at + timedelta(minutes=5)
    )
    told = StatusSync.objects.create(
        order_id=order.pk, order_number=order.number, order_item_id=item.pk, upstream_item_id=item.upstream_id, package_id=1,
        wanted=500, fields={}, state="sent", sent=500, created_at=T0, modified_at=T0,
    )  # fmt: skip
    partner.take_back()
    row = follow(run(apply=True))
    assert dict(row.conflicts.values_list("key", "state")) == {str(FIRST): "repaired"}
    order.refresh_from_db()
    assert order.upstream_modified_at == clock.parse(lost["modified_date"])
    told.refresh_from_db()
    assert (told.state, told.sent) == ("pending", None)


def test_a_seller_center_without_these_endpoints_ends_with_what_can_not_be_known(made, partner):
    partner.close_handover()
    row = run(apply=True)
    assert (row.state, row.found, len(row.unknown)) == ("done", 0, 1)
    assert "has no handover/" in row.unknown[0]


def test_a_seller_center_that_falls_silent_is_gone_on_with_later(made, partner, monkeypatch):
    monkeypatch.setattr("ambar.oms.handover.gateways.seller_center.ATTEMPTS", 1)
    del partner.packages[made[0].number]
    row = reconcile.start(apply=False, user_id=None, now=clock.now())
    assert reconcile.run_step(now=clock.now) == 1
    path = ("GET", f"{there.PREFIX}/handover/packages/rows/")
    route = partner.upstream.routes.pop(path)
    partner.upstream.routes[path] = lambda query, body: (503, {"detail": "down"})
    follow(row)
    assert (row.state, row.stopped_in) == ("failed", "comparing") and "503" in row.error
    partner.upstream.routes[path] = route
    reconcile.resume(row.pk, now=clock.now())
    assert (follow(row).state, row.found) == ("ready", 1)


def test_a_stopped_reconciliation_does_nothing_until_it_is_gone_on_with(made, partner):
    del partner.packages[made[0].number]
    row = reconcile.start(apply=True, user_id=None, now=clock.now())
    assert reconcile.run_step(now=clock.now) == 1
    reconcile.cancel(row.pk, now=clock.now())
    assert reconcile.run_step(now=clock.now) == 0
    with pytest.raises(reconcile.ReconciliationOver):
        reconcile.apply(row.pk, now=clock.now())
    reconcile.resume(row.pk, now=clock.now())
    repaired(partner, follow(row))


def test_a_repair_that_never_arrives_is_not_called_repaired(made, partner):
    del partner.packages[made[0].number]
    row = run(apply=True)
    assert row.state == "checking"
    moment = clock.now() + reconcile.PATIENCE + timedelta(seconds=1)
    assert reconcile.run_step(now=lambda: moment) == 1
    row.refresh_from_db()
    assert (row.state, row.repaired, row.unconfirmed) == ("done", 0, 1)


def test_what_arrived_is_confirmed_though_what_was_done_before_it_did_not(made, partner, monkeypatch):
    monkeypatch.setattr(reconcile, "LOOKED_AT_ONCE", 1)
    stuck, arrived = sorted(made[:2], key=lambda one: one.number)
    for one in (stuck, arrived):
        del partner.packages[one.number]
    row = run(apply=True)
    Delivery.objects.filter(state=0, aggregate_id=stuck.id).delete()
    partner.hear()
    assert follow(row).repaired == 0
    moment = clock.now() + reconcile.PATIENCE + timedelta(seconds=1)
    assert reconcile.run_step(now=lambda: moment) == 1
    row.refresh_from_db()
    assert (row.state, row.repaired) == ("checking", 1)
    moment += reconcile.PATIENCE + timedelta(seconds=1)
    assert reconcile.run_step(now=lambda: moment) == 1
    assert dict(row.conflicts.values_list("key", "state")) == {
        stuck.number: "unconfirmed",
        arrived.number: "repaired",
    }


def test_damage_of_every_kind_at_once_is_repaired_in_one_run(made, partner, world):
    more = [upstream.order(pk) for pk in range(FIRST + 100, FIRST + 116)]
    found = take_orders(more, source=upstream.SOURCE, configured=Configured(), now=T0)
    partner.offer(*more)
    rows = [package(world, order_id=one.order_id) for one in found]
    partner.hear()
    for one in rows[:4]:
        del partner.packages[one.number]
    there.lose([one.number for one in rows[4:8]])
    for one in rows[8:12]:
        there.lose_order(Package.objects.get(pk=one.id).order_id)
    for one in rows[12:14]:
        partner.packages[one.number]["state"] = 700
    row = run(apply=True)
    assert row.found == 4 + 4 + 4 * 2 + 2
    assert repaired(partner, row) == 6
    assert Package.objects.count() == 19 and Reconciliation.objects.count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT number) FROM oms_packages_package")
        assert cursor.fetchone() == (19, 19)
