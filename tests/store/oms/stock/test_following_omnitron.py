"""Omnitron's stock lists as a ready engine: whole at first, then what changed, for the locations that point to it."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from ambar.oms.locations.models import StockLocation
from ambar.oms.locations.store import StoreRow, upsert_stores
from ambar.oms.omnitron_client.gateways import client as omnitron
from ambar.oms.omnitron_client.gateways.client import UpstreamFailed
from ambar.oms.stock import engines, queries
from ambar.oms.stock.actions.follow_omnitron import follow_omnitron
from ambar.oms.stock.gateways import omnitron_feed
from ambar.oms.stock.models import Balance, Engine
from tests.worlds.oms_planning import NOW, later, make_products

pytestmark = pytest.mark.django_db


class Hub(SimpleNamespace):
    """Omnitron as its client shows it: two stores, a stock list each."""

    def __init__(self) -> None:
        super().__init__(rows=[], asked=[], down=False)

    def source(self, _: str) -> str:
        return "omnitron"

    def pages(self, name, params=None, **_):
        assert name == "stock_lists"
        return [
            [
                {"pk": 11, "retail_store": 1},
                {"pk": 12, "retail_store": {"pk": 2}},
                {"pk": 13, "retail_store": None},
            ]
        ]

    def call(self, name, *, params):
        if self.down:
            raise UpstreamFailed(name, 503, "down")
        self.asked.append(params)
        since = params.get("modified_date__gte", "")
        found = [
            row for row in self.rows
            if row["stock_list"] == params["stock_list"] and row["pk"] > params["id__gt"] and row["modified_date"] >= since
        ]  # fmt: skip
        return {"results": sorted(found, key=lambda row: row["pk"])[: params["limit"]]}


def row(pk, stock, at, *, stock_list=11, sku="SKU-00001"):
    return {"pk": pk, "stock_list": stock_list, "sku": sku, "product": None, "stock": stock,
            "modified_date": f"2026-01-02T08:{at:02}:00.000000Z"}  # fmt: skip


@pytest.fixture
def hub(monkeypatch):
    one = Hub()
    monkeypatch.setattr(omnitron, "current", lambda: one)
    monkeypatch.setattr(omnitron_feed, "PAGE", 2)
    return one


@pytest.fixture
def place():
    engines.plant_after_migrate()
    found = upsert_stores([StoreRow(erp_code=f"S{n}", name=f"Store {n}", upstream_id=n) for n in (1, 2)])
    make_products(3)
    pointed = StockLocation.objects.filter(pk=found["S1"])
    pointed.update(engine_id=Engine.objects.get(kind="omnitron").pk, modified_at=NOW)
    return found["S1"]


def figures():
    return {sku: int(n) for sku, n in Balance.objects.values_list("product__sku", "on_hand")}


def test_the_first_round_is_whole_and_later_ones_bring_what_changed(hub, place):
    hub.rows = [
        row(1, "5", 1), row(2, "6.00", 2, sku="SKU-00002"), row(3, 7, 3, sku="SKU-00003"), row(4, 8, 3, sku="unknown"),
        row(5, 9, 3, stock_list=12),
    ]  # fmt: skip
    assert follow_omnitron(now=later(1)) == 3
    assert figures() == {"SKU-00001": 5, "SKU-00002": 6, "SKU-00003": 7}
    assert [asked["id__gt"] for asked in hub.asked] == [0, 2, 4]
    hub.asked.clear()
    hub.rows[1] = row(2, 1, 9, sku="SKU-00002")
    assert follow_omnitron(now=later(61)) == 1
    assert hub.asked[0]["modified_date__gte"] == "2026-01-02T08:02:30.000000Z"
    assert figures()["SKU-00002"] == 1
    assert queries.check() == []
    assert queries.engine_locations() == {}


def test_a_failed_round_is_told_on_the_engine_and_done_again(hub, place):
    hub.rows = [row(1, 5, 1)]
    hub.down = True
    assert follow_omnitron(now=later(1)) == 0
    engine = Engine.objects.get(kind="omnitron")
    assert (engine.fed_at, engine.fed_error) == (None, "UpstreamFailed: product_stocks: 503: down")
    hub.down = False
    assert follow_omnitron(now=later(61)) == 1
    engine.refresh_from_db()
    assert (engine.fed_at, engine.fed_error) == (later(61), "")


def test_nobody_is_asked_while_no_location_points_there(hub, place):
    StockLocation.objects.update(engine_id=None)
    assert (follow_omnitron(now=NOW), hub.asked) == (0, [])


@pytest.mark.parametrize(
    ("given", "read"), [("5.00", Decimal(5)), (-3, Decimal(0)), ("x", None), ("NaN", None), (None, None)]
)
def test_figures_of_a_feed(given, read):
    assert omnitron_feed.figure(given) == read
