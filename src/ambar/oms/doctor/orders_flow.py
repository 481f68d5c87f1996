"""Step 4: orders can be asked for, and no package or transfer gets stuck on the way."""

from __future__ import annotations

from ambar.oms.doctor.findings import Finding
from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.states import soundness
from ambar.oms.upstream import configured

WHY = "a record that comes to such a place stays there"


def check(client: Client) -> list[Finding]:
    """The transitions of this installation; what keeps orders from coming is told by `intake`, with or without settings."""
    errors = [found for found in soundness.findings() if found.level == "error"]
    if not errors:
        return [Finding(step=4, name="transitions", ok=True, what="every state leads on to an end", why=WHY)]
    return [
        Finding(
            step=4,
            name=f"transitions.{found.kind}.{found.slug or found.state}",
            ok=False,
            what=found.what,
            why=WHY,
            fix=found.fix,
        )
        for found in errors
    ]


def intake() -> list[Finding]:
    """A finding when there is no seller to ask orders for."""
    if configured.current().supplier_code:
        return []
    return [
        Finding(
            step=4,
            name="supplier_code",
            ok=False,
            what="SELLER_CENTER_SETTINGS is not set",
            why="no order can be asked for without the seller's supplier_code",
            fix="ask the Seller Center for the supplier_code and write SELLER_CENTER_SETTINGS",
        )
    ]
