"""The Seller Center hears of packages that changed while their state stayed: a late invoice, another product, fewer units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ambar.kit.outbox.models import Hook
from ambar.oms.handover import queries, store
from ambar.oms.omnitron_client.gateways import client


def tell_changed(package_ids: Sequence[int], *, now: datetime) -> None:
    """Record one event for each of these packages as it stands, for the Seller Center's hooks only, in the caller's transaction.

    Nothing happens where orders are not read from a Seller Center or no hook tells it of packages. Source:
    `docs/decisions/0066-the-marketplace-is-told-again.md`.
    """
    hooks = _partner_hooks()
    if hooks:
        store.tell_again(dict.fromkeys(package_ids, 0), hooks, now=now)


def note_published(package_id: int, hook: Hook) -> None:
    """A person had this package sent to this hook: where that is the Seller Center's, it was told the present state and sequence.

    In the transaction that recorded the event. Other listeners' hooks change nothing about what the Seller Center knows.
    """
    if hook.pk in _partner_hooks().get(hook.event_type, ()):
        store.note_told_as_it_stands(package_id)


def _partner_hooks() -> dict[str, list[int]]:
    try:
        entry = client.current().settings.redirects.get("orders")
    except client.NotConfigured:
        return {}
    return queries.partner_hooks(entry.base_url) if entry is not None else {}
