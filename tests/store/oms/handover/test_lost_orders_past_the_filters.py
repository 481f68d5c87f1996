"""Orders lost here that the filters would refuse by now: they come back with their packages, and what does not is never called repaired."""

from __future__ import annotations

import pytest
from django.db import transaction

from ambar.kit import clock
from ambar.kit.outbox.models import Event
from ambar.oms.orders import store as orders
from ambar.oms.orders.models import Order
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import StateChange
from ambar.oms.packages.models import Package
from ambar.oms.setup.integration_plan import DEFAULT_FILTERS
from ambar.oms.stock.models import LedgerEntry
from ambar.oms.upstream import configured
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.models import NotTaken
from tests.store.oms.handover.conftest import FIRST
from tests.worlds import handover_partner as there
from tests.worlds import oms_upstream as upstream
from tests.worlds.oms_records import T0
from tests.worlds.reconciling import follow, run

pytestmark = pytest.mark.django_db
RULE = "approved orders only"


@pytest.fixture(autouse=True)
def filters(partner):
    """The filters a new OMS is set up with."""
    upstream.configure(
        "SELLER_CENTER_SETTINGS", {"supplier_code": "AMBAR-01", "order_filters": list(DEFAULT_FILTERS)}
    )


def gone_on(partner, package, *, state, status):
    """The package went on to `state`, and the marketplace moved its order to `status`."""
    change = StateChange(package_id=package.id, from_state=100, to_state=state, command_code="X", slug="x")
    packages.change_states([change], now=T0)
    partner.hear()
    record = partner.orders[FIRST]
    for one in (record, *record["orderitem_set"]):
        one["status"] = status


def lose(package):
    there.lose_order(Package.objects.values_list("order_id", flat=True).get(pk=package.id))


def outcomes(row):
    return list(row.conflicts.order_by("kind").values_list("kind", "case", "state", "reason"))


def planned_now():
    with transaction.atomic():
        return [one.id for one in orders.claim_new(100, clock.now())]


@pytest.mark.parametrize(("state", "status"), [(700, "550"), (600, "500"), (200, "450")])
def test_an_order_past_the_filters_comes_back_with_its_package_and_is_not_planned_anew(
    made, partner, state, status
):
    upstream.configure(
        "SELLER_CENTER_SETTINGS",
        {
            "supplier_code": "AMBAR-01",
            "order_filters": [{"name": RULE, "condition": {"field": "status", "op": "in", "value": ["400"]}}],
        },
    )
    one = made[0]
    gone_on(partner, one, state=state, status=status)
    planned_before = set(planned_now())
    lose(one)
    events, entries = Event.objects.count(), LedgerEntry.objects.count()
    row = follow(run(apply=True))
    assert outcomes(row) == [
        ("order", "only_there", "repaired", ""),
        ("package", "only_there", "repaired", ""),
    ]
    order = Order.objects.get(upstream_id=FIRST)
    back = Package.objects.get(number=one.number)
    assert (back.order_id, back.state, back.id) == (order.pk, state, one.id)
    assert (order.planning_state, NotTaken.objects.count()) == ("planned", 0)
    assert order.pk not in planned_now() and set(planned_now()) <= planned_before
    assert (Event.objects.count(), LedgerEntry.objects.count()) == (events, entries)  # nothing leaves twice
    again = run()
    assert (again.state, again.found) == ("done", 0)


def test_an_order_the_pull_refused_after_it_was_lost_comes_back_with_its_package(made, partner):
    """The pull may run before the reconciliation does: then the order is known as refused, and only its package is missed."""
    one = made[0]
    gone_on(partner, one, state=700, status="550")
    lose(one)
    take_orders(
        [partner.orders[FIRST]], source=upstream.SOURCE, configured=configured.current(), now=clock.now()
    )
    assert NotTaken.objects.get().rule == RULE
    row = follow(run(apply=True))
    assert outcomes(row) == [("package", "only_there", "repaired", "")]
    assert Order.objects.get(upstream_id=FIRST).planning_state == "planned"
    assert (Package.objects.get(number=one.number).state, NotTaken.objects.count()) == (700, 0)
    assert run().found == 0


def test_an_order_that_was_never_here_stays_refused_and_is_not_called_repaired(made, partner):
    partner.offer(upstream.order(FIRST + 10, status="550"))
    row = follow(run(apply=True))
    assert (row.state, row.repaired, row.refused) == ("done", 0, 1)
    assert outcomes(row) == [("order", "only_there", "refused", f"Not taken by the rule: {RULE}")]
    assert not Order.objects.filter(upstream_id=FIRST + 10).exists()
    assert run().found == 0


def test_what_even_a_lost_order_is_refused_for_is_said_of_it_and_of_its_package(made, partner):
    one = made[0]
    gone_on(partner, one, state=700, status="550")
    lose(one)
    partner.orders[FIRST]["supplier_code"] = "SOMEBODY-ELSE"
    row = follow(run(apply=True))
    assert outcomes(row) == [
        ("order", "only_there", "refused", "Not taken by the rule: supplier_code"),
        ("package", "only_there", "refused", "Its order is not here. Not taken by the rule: supplier_code"),
    ]


def test_a_lost_order_in_quarantine_is_said_so_of_its_package_too(made, partner):
    one = made[0]
    gone_on(partner, one, state=700, status="550")
    lose(one)
    partner.orders[FIRST] = upstream.moved(partner.orders[FIRST], "township", "Nowhere", 999)
    row = follow(run(apply=True))
    reason = "In quarantine: unknown township: Nowhere"
    assert outcomes(row) == [
        ("order", "only_there", "refused", reason),
        ("package", "only_there", "refused", f"Its order is not here. {reason}"),
    ]
