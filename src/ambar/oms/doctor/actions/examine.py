"""Ask the doctor."""

from __future__ import annotations

from collections.abc import Iterable

from ambar.oms.doctor import endpoints, omnitron_hooks, package_hooks
from ambar.oms.doctor.findings import Finding
from ambar.oms.omnitron_client.gateways import client as upstream_client
from ambar.oms.upstream import configured

CHECKS = {1: omnitron_hooks.check, 2: endpoints.check, 3: package_hooks.check}


def examine(only: Iterable[int] = ()) -> list[Finding]:
    """The findings of the chosen steps (all when none is named), in the order of the set-up page."""
    found = []
    if not configured.current().supplier_code:
        found.append(
            Finding(
                step=4,
                name="supplier_code",
                ok=False,
                what="SELLER_CENTER_SETTINGS is not set",
                why="no order can be asked for without the seller's supplier_code",
                fix="ask the Seller Center for the supplier_code and write SELLER_CENTER_SETTINGS",
            )
        )
    try:
        client = upstream_client.current()
    except upstream_client.NotConfigured:
        return [
            Finding(
                step=2,
                name="settings",
                ok=False,
                what="OMNITRON_CLIENT_SETTINGS is not set",
                why="this OMS knows neither Omnitron nor the Seller Center",
                fix="write OMNITRON_CLIENT_SETTINGS, or run `ambar oms integrate`",
            ),
            *found,
        ]
    chosen = set(only) or set(CHECKS)
    return [finding for step, check in CHECKS.items() if step in chosen for finding in check(client)] + found
