"""What a cancellation may take and how a plan moves. Source: Akinon Omnitron, "Order Cancellation"; statuses are ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ambar.kit.refusals import Conflict, Invalid
from ambar.omnitron.orders.domain.status import CANCELED, ENDED, REFUNDED, SHIPPED

NEXT: dict[str, frozenset[str]] = {
    "waiting": frozenset({"confirmed", "completed", "rejected"}),
    "confirmed": frozenset({"completed", "rejected"}),
    "completed": frozenset(),
    "rejected": frozenset(),
}
ITEM_CANCEL_STATUS = {
    "waiting": "waiting_approval",
    "confirmed": "confirmed",
    "completed": "completed",
    "rejected": "rejected",
}
ENDS_AT = {"cancel": CANCELED, "refund": REFUNDED}


class PlanStatusBackwards(Conflict):
    """A cancellation plan goes from waiting to confirmed to completed, or is rejected."""

    code = "cancellation_plan_status"


class ItemNotCancellable(Conflict):
    """An item is cancelled already or stands in another open plan."""

    code = "order_item_not_cancellable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An item of the order as far as cancelling looks at it."""

    id: int
    status: int
    supplier: str
    in_open_plan: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan to be made: its type and items, all of one supplier."""

    plan_type: str
    supplier: str
    items: tuple[int, ...]


def draft(candidates: Sequence[Candidate], *, wanted: Sequence[int], is_all: bool) -> list[Draft]:
    """The plans for what is to be cancelled, one per supplier, so that each can answer for itself.

    :param wanted: item keys; ignored when `is_all`, which takes every item that has not ended and is in no open plan.
    :raises Invalid: an item of another order, nothing left, or shipped and unshipped items mixed.
    :raises ItemNotCancellable: a wanted item has ended or is in an open plan.
    """
    by_key = {item.id: item for item in candidates}
    if is_all:
        chosen = [item for item in candidates if item.status not in ENDED and not item.in_open_plan]
    else:
        unknown = [key for key in wanted if key not in by_key]
        if unknown:
            raise Invalid(
                fields={
                    "cancel_items": [f'Invalid pk "{key}" - not an item of this order.' for key in unknown]
                }
            )
        chosen = [by_key[key] for key in dict.fromkeys(wanted)]
        held = [item.id for item in chosen if item.status in ENDED or item.in_open_plan]
        if held:
            raise ItemNotCancellable(items=held)
    if not chosen:
        raise Invalid(fields={"cancel_items": ["No item is left to cancel."]})
    kinds = {"refund" if item.status >= SHIPPED else "cancel" for item in chosen}
    if len(kinds) > 1:
        raise Invalid(
            fields={"cancel_items": ["Shipped and unshipped items can't be taken back in one call."]}
        )
    [kind] = kinds
    suppliers = sorted({item.supplier for item in chosen})
    return [
        Draft(
            plan_type=kind,
            supplier=supplier,
            items=tuple(item.id for item in chosen if item.supplier == supplier),
        )
        for supplier in suppliers
    ]


def check_move(source: str, destination: str) -> bool:
    """Whether answering changes anything.

    :raises PlanStatusBackwards: the plan can't go there.
    """
    if source == destination:
        return False
    if destination not in NEXT[source]:
        raise PlanStatusBackwards(source=source, destination=destination)
    return True


def item_change(plan_type: str, status: str) -> Mapping[str, object]:
    """What happens to the items of a plan that has come to `status`."""
    change: dict[str, object] = {"cancel_status": ITEM_CANCEL_STATUS[status]}
    if status == "completed":
        change["status"] = ENDS_AT[plan_type]
    return change
