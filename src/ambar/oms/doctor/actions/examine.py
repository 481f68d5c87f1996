"""Ask the doctor."""

from __future__ import annotations

from collections.abc import Iterable

from ambar.oms.doctor import endpoints, omnitron_hooks, orders_flow, package_hooks
from ambar.oms.doctor.findings import Finding
from ambar.oms.omnitron_client.gateways import client as upstream_client

CHECKS = {1: omnitron_hooks.check, 2: endpoints.check, 3: package_hooks.check, 4: orders_flow.check}


def examine(only: Iterable[int] = ()) -> list[Finding]:
    """The findings of the chosen steps (all when none is named), in the order of the set-up page."""
    missing = orders_flow.intake()
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
            *missing,
        ]
    chosen = set(only) or set(CHECKS)
    return [
        finding for step, check in CHECKS.items() if step in chosen for finding in check(client)
    ] + missing
