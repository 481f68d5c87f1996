"""A dry run as it is answered: packages and transfers in the words of the floor, and the record spread out."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ambar.oms.catalogue.models import Product
from ambar.oms.planning.actions.dry_run import Tried, asked_of
from ambar.oms.planning.domain.values import Location
from ambar.oms.planning.names import names_in
from ambar.oms.planning.schemas import told


def tried(found: Tried) -> dict[str, Any]:
    """The plan of a dry run. `unplaced` is what would wait out of stock at the default location."""
    plan, order = found.plan, found.order
    skus = dict(
        Product.objects.filter(pk__in={line.product_id for line in order.lines}).values_list("pk", "sku")
    )
    scenario = None if plan.scenario_id is None else found.rules.scenario(plan.scenario_id)
    places = found.places.locations

    def items(given: Any) -> list[dict[str, Any]]:
        return [
            {"order_item": item, "sku": skus.get(product), "quantity": _said(quantity)}
            for item, product, quantity in given
        ]

    return {
        "order": {"id": order.id or None, "number": order.number},
        "outcome": "planned" if plan.hold is None else "pending" if plan.hold.pending else "hold",
        "hold": None if plan.hold is None else {"code": plan.hold.code, "message": plan.hold.message},
        "scenario": None if scenario is None else {"id": scenario.id, "name": scenario.name},
        "packages": [
            {"location": _place(places, one.location_id), "state": str(one.state), "items": items(one.items)}
            for one in plan.packages
        ],
        "transfers": [
            {
                "source": _place(places, way.source_id),
                "destination": _place(places, way.destination_id),
                "items": items(way.items),
            }
            for way in plan.transfers
        ],
        "unplaced": [{"order_item": item, "quantity": _said(quantity)} for item, quantity in plan.unplaced],
        "rules_hash": found.rules.hash,
        "view_hash": found.places.hash,
        "decision": told(asked_of(order), plan.record, found.why_not, names_in(found.why_not or ())),
    }


def _said(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"


def _place(places: Mapping[int, Location], location_id: int) -> dict[str, Any]:
    found = places.get(location_id)
    known = {} if found is None else found.properties
    return {"id": location_id, "erp_code": known.get("erp_code"), "name": known.get("name")}
