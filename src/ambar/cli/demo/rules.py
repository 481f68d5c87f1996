"""How the demo's brand plans: near stores first, one store brings what another lacks, refusals go elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ambar.cli.wire import Wire

SCENARIO = "/api/v1/oms/distribution-scenarios/"
TRANSFER_SCENARIO = "/api/v1/oms/transfer-scenarios/"
DENIAL_REASONS = "/api/v1/oms/packages/package_denial_reason/"
NEAR_KM = 250
NEAR: dict[str, Any] = {"field": "distance_km", "op": "lte", "value": NEAR_KM}
RULES: list[dict[str, Any]] = [
    {
        "name": f"all of it within {NEAR_KM} km",
        "split_policy": "whole_order",
        "location_condition": NEAR,
        "selectors": ["SELECT_BY_DISTANCE"],
    },
    {
        "name": "the nearest store, a neighbour brings what it lacks",
        "split_policy": "whole_order",
        "location_condition": NEAR,
        "transferable": True,
        "selectors": ["SELECT_BY_DISTANCE"],
    },
    {
        "name": "fewest packages, wherever they are",
        "split_policy": "free",
        "selectors": ["SELECT_BY_FEWEST_PACKAGES", "SELECT_BY_DISTANCE"],
    },
]
TRANSFERS: dict[str, Any] = {
    "name": "Neighbouring stores",
    "is_active": True,
    "rules": [
        {
            "name": "from stores close by",
            "source_condition": NEAR,
            "selectors": ["SELECT_BY_DISTANCE", "SELECT_BY_STOCK"],
        }
    ],
}
DENIAL = "Damaged on the shelf"


def set_up_rules(oms: Wire) -> Iterator[str]:
    """The brand's own rules over the starter scenario; done once, people may change them afterwards."""
    if oms.get(TRANSFER_SCENARIO, name=TRANSFERS["name"])["count"]:
        return
    first = min(oms.rows(SCENARIO), key=lambda row: row["priority"])
    oms.patch(f"{SCENARIO}{first['id']}/", {"rules": RULES, "note": "The demo's three rules"})
    if not any(row["title"] == DENIAL for row in oms.rows(DENIAL_REASONS)):
        oms.post(DENIAL_REASONS, {"title": DENIAL})
    oms.post(TRANSFER_SCENARIO, {**TRANSFERS, "note": "Demo"})
    yield "OMS: three rules, transfers between neighbouring stores"


def denial_reason(oms: Wire) -> int:
    """The reason the demo's floor gives when it refuses."""
    return next(int(row["id"]) for row in oms.rows(DENIAL_REASONS) if row["title"] == DENIAL)
