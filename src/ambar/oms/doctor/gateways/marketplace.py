"""The Seller Center's own API, with the token of its owner that a person lends the doctor."""

from __future__ import annotations

from typing import Any

from ambar.oms.doctor.gateways.probe import Answer
from ambar.oms.doctor.visit import Visit
from ambar.oms.setup.integration_plan import APPLICATION


def change_seller(visit: Visit, token: str, changes: dict[str, Any]) -> Answer:
    """PATCH the configured seller; the answer of whichever request failed first."""
    home = visit.home()
    root = (home.base_url if home else "").rstrip("/").removesuffix(APPLICATION).rstrip("/")
    supplier = str((visit.seller_center() or {}).get("supplier_code") or visit.supplier)
    listed = visit.probe.ask("GET", f"{root}/sellers/", token, params={"supplier_code": supplier})
    rows = listed.payload.get("results") if isinstance(listed.payload, dict) else None
    if not listed.good or not rows:
        return listed if not listed.good else Answer(status=404)
    return visit.probe.ask("PATCH", f"{root}/sellers/{rows[0]['id']}/", token, body=changes)
