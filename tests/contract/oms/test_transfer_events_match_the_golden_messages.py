"""What transfers send has the keys, nesting and formats of `contracts/oms-events`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from ambar.kit.outbox.registry import known_types
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.transfers.kind import TRANSFERS
from ambar.oms.locations.models import StockLocation
from ambar.oms.places.models import City, Country, Township
from tests.contract.oms.test_package_events_match_the_golden_messages import shape
from tests.worlds.callers import caller
from tests.worlds.listening import listen
from tests.worlds.oms_records import T0, World, build
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).resolve().parents[3] / "contracts" / "oms-events"


@pytest.fixture
def world(db: None) -> World:
    listen()
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


def recorded(transfer_id: int, type: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payload FROM outbox_event WHERE kind = 'transfer' AND aggregate_id = %s AND type = %s",
            [transfer_id, type],
        )
        return json.loads(cursor.fetchone()[0])


def golden(name: str) -> dict[str, Any]:
    return json.loads((GOLDEN / f"{name}.json").read_text())["payload"]


def test_transfer_status_created(world):
    _, (transfer,) = waiting_package(world)
    sent, expected = recorded(transfer.id, "transfer.status.created"), golden("transfer.status.created")
    assert shape(sent) == shape(expected)
    assert list(sent) == list(expected)


def test_transfer_status_transferred(world):
    _, (transfer,) = waiting_package(world)
    carrier = {"shipping_company": "aras", "tracking_number": "7250001112223"}
    run_command(transfer.id, kind=TRANSFERS, slug="transfer-order-advanced", parameters=carrier, now=T0)
    run_command(transfer.id, kind=TRANSFERS, slug="transfer-dispatch-from-ready", now=T0)
    run_command(transfer.id, kind=TRANSFERS, slug="transfer-delivered", now=T0)
    sent, expected = (
        recorded(transfer.id, "transfer.status.transferred"),
        golden("transfer.status.transferred"),
    )
    assert shape(sent) == shape(expected)
    assert (sent["sequence"], sent["package"]["state"]) == (
        expected["sequence"],
        expected["package"]["state"],
    )
    assert (sent["sequence"], sent["package"]["state"]) == (6, "300")


def test_the_rest_record_is_the_event_payload_with_the_order_as_an_object_and_the_commands(world):
    _, (transfer,) = waiting_package(world)
    record = caller("planner").get(f"/transfer_orders/{transfer.id}/").json()
    sent = recorded(transfer.id, "transfer.status.created")
    assert record.pop("commands")
    assert record.pop("shipment") is None
    assert record["order"]["id"] == sent["order"]
    assert {**record, "order": sent["order"]} == sent


def test_hooks_can_subscribe_to_the_documented_types():
    documented = {"created", "transitioned", "ready_to_shipment", "in_transit", "transferred", "cancelled"}
    assert {t for t in known_types() if t.startswith("transfer.")} == {
        f"transfer.status.{d}" for d in documented
    }
