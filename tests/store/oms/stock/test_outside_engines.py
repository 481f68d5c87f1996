"""Outside engines: figures become counts before planning; silence is unknown, never zero."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ambar.kit import vault
from ambar.oms.locations.models import StockLocation
from ambar.oms.stock import arrivals, queries
from ambar.oms.stock.actions.ask_engines import ask_engines
from ambar.oms.stock.models import Balance, Engine, EngineAnswer, LedgerEntry
from tests.worlds.oms_planning import NOW, later, make_locations, make_products, put_stock
from tests.worlds.stock_service import Service

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(monkeypatch):
    one = Service()
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", one.address)
    yield one
    one.close()


def make_engine(service, location_ids, name="erp", **given):
    config = {"auth": {"type": "anonymous"}, "service": {"url": service.url, "type": "multiple"}}
    engine = Engine.objects.create(
        **{
            "name": name,
            "config": config,
            "timeout_seconds": 2,
            "created_at": NOW,
            "modified_at": NOW,
            **given,
        }
    )
    StockLocation.objects.filter(pk__in=location_ids).update(engine_id=engine.pk)
    return engine


def figures():
    return {key: on_hand for *key, on_hand in Balance.objects.values_list("location_id", "product_id", "on_hand")
            for key in [tuple(key)]}  # fmt: skip


def test_stale_figures_are_asked_for_once_and_written_as_counts(service):
    first, second, inside = make_locations(3)
    a, b = make_products(2)
    engine = make_engine(service, [first, second])
    put_stock({(inside, a): 7})
    service.stock = {"SKU-00001": {"WH001": 5, "WH003": 99, "ELSEWHERE": 1}, "SKU-00002": {}}
    before = queries.unknown_locations([a, b], now=NOW)
    assert before.stale == before.missing == {(first, a), (first, b), (second, a), (second, b)}
    assert (before.unknown, queries.engine_locations()) == (
        {first, second},
        {first: engine.pk, second: engine.pk},
    )
    ask_engines([a, b], now=NOW)
    assert service.asked == [["SKU-00001", "SKU-00002"]]
    assert figures() == {
        (first, a): 5, (first, b): 0, (second, a): 0, (second, b): 0, (inside, a): 7,
    }  # fmt: skip
    assert queries.unknown_locations([a, b], now=NOW).missing == frozenset()
    ask_engines([a, b], now=NOW)
    assert len(service.asked) == 1
    assert queries.check() == []
    assert set(LedgerEntry.objects.filter(location_id=first).values_list("reason", flat=True)) == {
        f"engine {engine.pk}"
    }
    assert arrivals.take(10)[1] == {a}


def test_figures_grow_old_and_are_asked_for_again(service):
    (place,), (product,) = make_locations(1), make_products(1)
    make_engine(service, [place], max_age_seconds=60)
    service.stock = {"SKU-00001": {"WH001": 5}}
    ask_engines([product], now=NOW)
    assert queries.unknown_locations([product], now=later(60)).missing == frozenset()
    assert queries.unknown_locations([product], now=later(61)).stale == {(place, product)}
    service.stock = {"SKU-00001": {"WH001": 3}}
    ask_engines([product], now=later(61))
    assert figures() == {(place, product): 3}


def test_no_answer_is_unknown_and_leaves_the_figures_alone(service):
    (place,), (product,) = make_locations(1), make_products(1)
    engine = make_engine(service, [place])
    service.stock = {"SKU-00001": {"WH001": 5}}
    ask_engines([product], now=NOW)
    service.behave = lambda _: (500, b"", {})
    ask_engines([product], now=later(90))
    assert figures() == {(place, product): Decimal(5)}
    answer = EngineAnswer.objects.get(engine=engine, product_id=product)
    assert (answer.asked_at, answer.answered_at, answer.failure) == (later(90), NOW, "status 500")
    known = queries.unknown_locations([product], now=later(91))
    assert (known.unknown, known.missing, known.stale) == ({place}, {(place, product)}, frozenset())
    assert queries.unknown_locations([product], now=later(96)).stale == {(place, product)}
    service.behave = None
    ask_engines([product], now=later(96))
    assert queries.unknown_locations([product], now=later(96)).unknown == frozenset()
    assert EngineAnswer.objects.get(engine=engine).failure == ""


def test_a_dead_engine_does_not_spoil_another(service, monkeypatch):
    first, second = make_locations(2)
    (product,) = make_products(1)
    dead = Service()
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", f"{service.address},{dead.address}")
    make_engine(service, [first])
    make_engine(dead, [second], name="dead")
    dead.close()
    service.stock = {"SKU-00001": {"WH001": 5}}
    ask_engines([product], now=NOW)
    assert queries.unknown_locations([product], now=NOW).unknown == {second}
    assert figures() == {(first, product): 5}


def test_a_figure_below_what_is_reserved_leaves_the_reservations_standing(service):
    from ambar.oms.stock import store
    from ambar.oms.stock.domain.reservations import ReserveLine

    (place,), (product,) = make_locations(1), make_products(1)
    make_engine(service, [place])
    service.stock = {"SKU-00001": {"WH001": 5}}
    ask_engines([product], now=NOW)
    line = ReserveLine(
        location_id=place, product_id=product, quantity=Decimal(4), holder_kind="x", holder_id=1
    )
    store.reserve([line], reason="test", cause=None, now=NOW)
    service.stock = {"SKU-00001": {"WH001": 1}}
    ask_engines([product], now=later(90))
    row = Balance.objects.get()
    assert (row.on_hand, row.reserved, row.short) == (4, 4, 3)
    assert queries.check() == []


def test_the_password_is_stored_sealed_and_used_in_clear(service):
    (place,), (product,) = make_locations(1), make_products(1)
    auth = {"type": "basic_auth", "username": "u", "password": vault.seal("open sesame")}
    make_engine(service, [place], config={"auth": auth, "service": {"url": service.url, "type": "multiple"}})
    ask_engines([product], now=NOW)
    assert service.headers[0]["Authorization"] == "Basic dTpvcGVuIHNlc2FtZQ=="


def test_engine_locations_follow_the_locations(service):
    (place,) = make_locations(1)
    assert queries.engine_locations() == {}
    engine = make_engine(service, [place])
    assert queries.engine_locations() == {place: engine.pk}
    StockLocation.objects.update(is_active=False)
    assert queries.engine_locations() == {}
    assert queries.unknown_locations([1], now=NOW + timedelta(days=1)) == queries.StaleOrUnknown()
