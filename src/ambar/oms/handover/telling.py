"""The Seller Center hears of packages that changed while their state stayed: a late invoice, another product, fewer units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ambar.oms.handover import queries, store
from ambar.oms.omnitron_client.gateways import client


def tell_changed(package_ids: Sequence[int], *, now: datetime) -> None:
    """Record one event for each of these packages as it stands, for the Seller Center's hooks only, in the caller's transaction.

    Nothing happens where orders are not read from a Seller Center or no hook tells it of packages. Source:
    `docs/decisions/0066-the-marketplace-is-told-again.md`.
    """
    try:
        entry = client.current().settings.redirects.get("orders")
    except client.NotConfigured:
        return
    hooks = queries.partner_hooks(entry.base_url) if entry is not None else {}
    if hooks:
        store.tell_again(dict.fromkeys(package_ids, 0), hooks, now=now)
