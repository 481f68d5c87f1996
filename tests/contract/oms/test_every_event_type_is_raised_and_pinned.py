"""Every event type of the OMS is raised by a real act, and its message has the keys, nesting and formats of a golden one."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from ambar.kit import clock
from ambar.kit.outbox.models import Event
from ambar.kit.outbox.registry import kind_of, known_types
from ambar.oms.commands.actions.decide_cancellations import decide_cancellations
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.transfers.kind import TRANSFERS
from ambar.oms.locations.actions.save_location import save_location
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders import intake_store
from ambar.oms.packages.actions.save_denial_reason import save_denial_reason
from ambar.oms.places.models import City, Country, District, Township
from tests.contract.oms.test_package_events_match_the_golden_messages import shape
from tests.worlds.listening import listen
from tests.worlds.oms_records import T0, World, build, incoming, package
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db
CONTRACTS = Path(__file__).resolve().parents[3] / "contracts"
FOLDERS = ("oms-to-seller-center", "oms-events")

DOCUMENTED = {
    "package.created", "package.status.transitioned", "package.status.packed", "package.status.shipped",
    "package.status.cancelled", "package.status.packed_for_refund", "package.status.preparing",
    "package.status.delivered", "package.status.out_of_stock", "package.status.ready_for_customer_pickup",
    "package.shipment.awb_number", "package.refused", "shipment.created", "shipment.status.updated", "shipment.cancelled",
    "transfer.status.created", "transfer.status.transitioned", "transfer.status.ready_to_shipment",
    "transfer.status.in_transit", "transfer.status.transferred", "transfer.status.cancelled",
    "stock_location.created", "stock_location.updated",
    "order.created", "order.updated", "order.planned", "order.cancelled",
}  # fmt: skip


def golden(type_: str) -> dict[str, Any] | None:
    """The golden message of a type, wherever it is kept."""
    for folder in FOLDERS:
        path = CONTRACTS / folder / f"{type_}.json"
        if path.exists():
            return json.loads(path.read_text())
    return None


def place() -> World:
    world = build()
    country = Country.objects.create(source="sc", upstream_id=1, name="Türkiye", folded="turkiye", code="tr")
    city = City.objects.create(
        source="sc", upstream_id=34, name="İstanbul", folded="istanbul", country=country
    )
    township = Township.objects.create(
        source="sc", upstream_id=340, name="Kadıköy", folded="kadikoy", city=city
    )
    StockLocation.objects.update(country=country, city=city, township=township)
    return world


def run(made: Any, slug: str, **parameters: Any) -> None:
    run_command(made.id, slug=slug, parameters=parameters, now=clock.now())


def packages_live(world: World) -> None:
    delivered = package(world)
    run(delivered, "deallocate-reservations")
    run(delivered, "complete-packaging-from-preparing")
    run(delivered, "ship-advanced", tracking_number="TR1", query_number="Q1", shipping_company="aras")
    run(delivered, "delivered-from-shipped")
    collected = package(world)
    run(collected, "complete-packaging-from-waiting")
    run(collected, "ready-for-pickup-from-packed")
    run(package(world), "packed-for-refund-from-waiting")
    package(world, state=920)
    reason = save_denial_reason({"title": "Damaged"}, now=T0)
    run(package(world), "refuse-from-waiting", denial_reason=reason.pk, note="wet")
    cancelled = package(world)
    run(cancelled, "complete-packaging-with-shipment-from-waiting")
    run(cancelled, "cancel-from-packed")


def transfers_live(world: World) -> None:
    _, (moved,) = waiting_package(world)
    carrier = {"shipping_company": "aras", "tracking_number": "7250001112223"}
    for slug, parameters in (
        ("transfer-order-advanced", carrier),
        ("transfer-dispatch-from-ready", {}),
        ("transfer-delivered", {}),
    ):
        run_command(moved.id, kind=TRANSFERS, slug=slug, parameters=parameters, now=clock.now())
    waiting, _ = waiting_package(world)
    run(waiting, "cancel-from-waiting-for-transfer")


def orders_live(world: World) -> None:
    taken = incoming(world)
    with transaction.atomic():
        intake_store.upsert([taken], now=T0)
    newer = incoming(world, upstream_id=taken.upstream_id, upstream_modified_at=T0 + timedelta(minutes=5))
    with transaction.atomic():
        intake_store.upsert([newer], now=T0 + timedelta(minutes=5))


def locations_live() -> None:
    where = {"source": "golden", "upstream_id": 1}
    country = Country.objects.create(**where, name="Türkiye", folded="turkiye", code="tr")
    city = City.objects.create(**where, name="İstanbul", folded="istanbul", country=country)
    township = Township.objects.create(
        **where, name="Kadıköy", folded="kadikoy", city=city, latitude="40.990700", longitude="29.027900"
    )
    district = District.objects.create(**where, name="Caferağa Mah", folded="caferaga mah", township=township)
    made = save_location(
        {"name": "Depo", "erp_code": "D1", "line": "Bağdat Cad. 1", "country": country.pk, "city": city.pk,
         "township": township.pk, "district": district.pk}
    )  # fmt: skip
    save_location({"priority": 7}, location_id=made.pk)


@pytest.fixture
def life(db: None) -> None:
    world = place()
    listen()
    orders_live(world)
    packages_live(world)
    transfers_live(world)
    locations_live()
    decide_cancellations(limit=100, now=clock.now())


def test_the_registry_holds_every_documented_type_and_no_other() -> None:
    assert set(known_types()) == DOCUMENTED


def test_every_registered_type_has_a_golden_message_of_its_own_type() -> None:
    for type_ in known_types():
        message = golden(type_)
        assert message is not None, type_
        assert message["event"]["type"] == type_ and len(message["event"]["uuid"]) == 32


def test_every_registered_type_is_raised_by_an_act_in_the_shape_of_its_golden_message(life: None) -> None:
    raised: dict[str, list[Event]] = {}
    for row in Event.objects.order_by("id"):
        raised.setdefault(row.type, []).append(row)
    assert sorted(set(known_types()) - set(raised)) == []
    for type_, rows in raised.items():
        message = golden(type_)
        assert message is not None
        sent = [json.loads(row.payload) for row in rows]
        assert shape(message["payload"]) in [shape(one) for one in sent], type_
        for one, row in zip(sent, rows, strict=True):
            assert list(one) == list(message["payload"]), type_
            assert row.kind == kind_of(type_) and one["id"] == row.aggregate_id, type_


def test_orders_and_parcels_carry_their_channel_so_that_a_hook_can_be_narrowed_to_it(life: None) -> None:
    scopes = dict(Event.objects.order_by("id").values_list("kind", "scopes"))
    channel = scopes["order"]
    assert channel.startswith("channel:")
    assert scopes == {
        "order": channel, "package": channel, "shipment": channel, "transfer": channel, "stock_location": "",
    }  # fmt: skip


def test_the_events_of_a_record_are_strictly_in_sequence(life: None) -> None:
    seen: dict[tuple[str, int], int] = {}
    for kind, pk, sequence in Event.objects.order_by("id").values_list("kind", "aggregate_id", "sequence"):
        assert sequence > seen.get((kind, pk), 0), (kind, pk)
        seen[kind, pk] = sequence
