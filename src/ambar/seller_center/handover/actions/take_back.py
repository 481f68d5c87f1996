"""Take orders back that this side has lost, from the seller's OMS that was offered them.

Only what carries this installation's own seal is believed; nothing that is here is changed. The hub's next version of the
order replaces what was put back. Source: `docs/decisions/0044-field-authority.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.seller_center.delivery.store import default_setting_id
from ambar.seller_center.handover import store
from ambar.seller_center.handover.domain import offered
from ambar.seller_center.orders import registry, sealing

RESTORED, PRESENT, REFUSED = "restored", "present", "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one order handed back."""

    id: Any
    outcome: str
    reason: str = ""


def take_back(records: Sequence[Any], *, seller_id: int, now: datetime) -> list[Verdict]:
    """Put lost orders back; a verdict for each record, in order."""
    found: dict[int, Verdict] = {}
    rows: dict[int, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for place, record in enumerate(records):
        verdict = _believed(record, seller_id)
        if isinstance(verdict, Verdict):
            found[place] = verdict
        else:
            rows[place] = verdict
    with transaction.atomic():
        here = store.present([order["id"] for order, _ in rows.values()], seller_id)
        missing = {place: row for place, row in rows.items() if row[0]["id"] not in here}
        blocked = store.in_the_way(
            [order for order, _ in missing.values()],
            [item for _, items in missing.values() for item in items],
            seller_id,
        )
        once: dict[int, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
        for order, items in missing.values():
            if order["id"] not in blocked:
                once.setdefault(order["id"], (order, items))
        _write(list(once.values()), seller_id, now)
    for place, (order, _) in rows.items():
        found[place] = _verdict(order["id"], here, blocked)
    return [found[place] for place in range(len(records))]


def _believed(record: Any, seller_id: int) -> Verdict | tuple[dict[str, Any], list[dict[str, Any]]]:
    pk = record.get("pk") if isinstance(record, Mapping) else None
    if not isinstance(record, Mapping) or not sealing.holds(record):
        return Verdict(id=pk, outcome=REFUSED, reason="It does not carry the seal it was offered under.")
    if record[sealing.KEY]["seller"] != seller_id:
        return Verdict(id=pk, outcome=REFUSED, reason="It was not offered to this seller.")
    try:
        return offered.read(record)
    except ValueError as error:
        return Verdict(id=pk, outcome=REFUSED, reason=str(error))


def _verdict(pk: int, here: set[int], blocked: set[int]) -> Verdict:
    if pk in here:
        return Verdict(id=pk, outcome=PRESENT)
    if pk in blocked:
        return Verdict(id=pk, outcome=REFUSED, reason="Its ids have been given to another order since.")
    return Verdict(id=pk, outcome=RESTORED)


def _write(
    rows: Sequence[tuple[dict[str, Any], list[dict[str, Any]]]], seller_id: int, now: datetime
) -> None:
    if not rows:
        return
    orders = [order for order, _ in rows]
    store.insert(
        orders,
        [item for _, items in rows for item in items],
        seller_id=seller_id,
        delivery_setting_id=default_setting_id(),
    )
    registry.tell_new_orders(
        [
            registry.NewOrder(order_id=order["id"], seller_id=seller_id, number=order["number"])
            for order in orders
        ],
        now,
    )
