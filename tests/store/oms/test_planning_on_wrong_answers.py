"""Whatever an outside stock service answers wrongly is unknown: the plan waits, is tried again, and no figure changes."""

from datetime import timedelta
from decimal import Decimal
from threading import Event

import pytest

from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import Order
from ambar.oms.packages.models import Package
from ambar.oms.planning.actions.plan_orders import plan_orders
from ambar.oms.stock.gateways import services, stock_service
from ambar.oms.stock.models import Balance, Engine, EngineAnswer
from tests.worlds.oms_planning import NOW, make_locations, make_orders, make_products, make_scenario
from tests.worlds.stock_service import Service
from tests.worlds.waiting import LONG_SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(monkeypatch):
    one = Service()
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", one.address)
    yield one
    one.close()


def rows(figure: bytes) -> bytes:
    return b'{"SKU-00001": [{"stock_location": "WH001", "stock": %s}]}' % figure


WRONG = {
    "a page": ((200, b"<html>", {}), "the answer is not JSON"),
    "nothing": ((200, b"", {}), "the answer is not JSON"),
    "half a body": ((200, b'{"SKU-00001": [{"sto', {}), "the answer is not JSON"),
    "a list": ((200, b"[]", {}), "the answer is not an object of SKUs"),
    "an error told in JSON": (
        (200, b'{"error": "busy"}', {}),
        "the answer names none of the SKUs asked for",
    ),
    "only SKUs nobody asked for": (
        (200, b'{"SKU-9": []}', {}),
        "the answer names none of the SKUs asked for",
    ),
    "an object in place of a list": ((200, b'{"SKU-00001": {}}', {}), "SKU-00001: not a list of locations"),
    "no location": ((200, b'{"SKU-00001": [{"stock": 1}]}', {}), "SKU-00001: row 0 names no stock_location"),
    "below zero": ((200, rows(b"-1"), {}), "SKU-00001 at WH001: stock is below zero"),
    "text": ((200, rows(b'"many"'), {}), "SKU-00001 at WH001: stock is not a number"),
    "NaN": ((200, rows(b"NaN"), {}), "the answer is not JSON"),
    "NaN as text": ((200, rows(b'"NaN"'), {}), "SKU-00001 at WH001: stock is not a sensible number"),
    "no figure": ((200, rows(b"null"), {}), "SKU-00001 at WH001: stock is not a number"),
    "without end": ((200, rows(b"1e999"), {}), "SKU-00001 at WH001: stock is not a sensible number"),
    "too much": ((200, b" " * 20_000, {}), "too large"),
    "another address": ((302, b"", {"Location": "/elsewhere"}), "status 302"),
    "an error": ((500, rows(b"5"), {}), "status 500"),
    "later": (None, "no answer within 0.2 s"),
}


@pytest.fixture
def waiting(service, monkeypatch):
    """An order for a product that only the service's location has (5, by its last good answer)."""
    monkeypatch.setattr(stock_service, "LARGEST_ANSWER", 10_000)
    places, products = make_locations(2), make_products(2)
    engine = Engine.objects.create(
        name="erp",
        config={"auth": {"type": "anonymous"}, "service": {"url": service.url, "type": "multiple"}},
        timeout_seconds=60,
        created_at=NOW,
        modified_at=NOW,
    )
    StockLocation.objects.filter(pk=places[0]).update(engine_id=engine.pk)
    make_scenario(places[1])
    service.stock = {"SKU-00001": {"WH001": 5, "ELSEWHERE": 3}, "SKU-9": {"WH001": 1}}
    make_orders([[(products[0], 1)]])
    assert plan_orders(limit=10, now=NOW) == 1
    make_orders([[(products[0], 1)]], first=2)
    return products[0]


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_answer_leaves_the_plan_waiting_says_why_and_is_asked_again(
    waiting, service, kind, monkeypatch
):
    answer, reason = WRONG[kind]
    good = service.stock
    service.behave = lambda _: answer
    later = NOW + timedelta(minutes=5)
    with monkeypatch.context() as impatient:
        if answer is None:
            one, silent = services.service_of(Engine.objects.get(name="erp")), Event()
            service.behave = lambda _: (silent.wait(LONG_SECONDS), (200, b"{}", {}))[1]
            impatient.setattr(one, "_timeout", 0.2)
            impatient.setattr(one._http, "timeout", 0.2)
        assert plan_orders(limit=10, now=later) == 1
    order = Order.objects.get(number="A2")
    assert (order.planning_state, order.due_at) == ("pending", later + timedelta(seconds=60))
    assert order.hold_reason.startswith("No fresh figure from the stock service of ")
    assert Balance.objects.get(product_id=waiting).on_hand == Decimal(5)
    assert reason in EngineAnswer.objects.get(product_id=waiting).failure
    service.behave, service.stock = None, good
    assert plan_orders(limit=10, now=later + timedelta(seconds=60)) == 1
    assert set(Package.objects.values_list("state", flat=True)) == {100}
    assert set(Order.objects.values_list("planning_state", flat=True)) == {"planned"}


def test_a_sku_the_service_leaves_out_is_unknown_beside_one_that_it_names(waiting, service):
    product = waiting + 1
    make_orders([[(product, 1)]], first=3)
    later = NOW + timedelta(minutes=5)
    assert plan_orders(limit=10, now=later) == 2
    assert list(Order.objects.order_by("id").values_list("planning_state", flat=True)) == [
        "planned",
        "planned",
        "pending",
    ]
    assert EngineAnswer.objects.get(product_id=product).failure == "SKU-00002: the answer does not name it"
