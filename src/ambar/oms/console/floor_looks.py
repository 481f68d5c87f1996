"""How parcels, the talk with their carriers, cancellations and transitions look: tone, shape and word."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from ambar.kit.ui.cells import number
from ambar.kit.ui.looks import Look
from ambar.oms.console.looks import state_word

_SHIPMENT: Mapping[str, tuple[str, str]] = {
    "CREATED": ("info", "ring"),
    "SHIPPING": ("progress", "arrow"),
    "ATTEMPTED_DELIVERY": ("warn", "triangle"),
    "DELIVERY_FAILED": ("bad", "cross"),
    "DELIVERED": ("good", "check"),
    "RETURNED": ("neutral", "back"),
    "DELETED": ("neutral", "cross"),
}
TALK: Mapping[str, Look] = {
    "": Look(tone="neutral", shape="ring", word=_("No connected carrier")),
    "to_ask": Look(tone="info", shape="dots", word=_("Being asked for")),
    "known": Look(tone="progress", shape="half", word=_("Carrier knows it")),
    "error": Look(tone="bad", shape="cross", word=_("Carrier did not make it")),
    "ended": Look(tone="good", shape="check", word=_("Story has ended")),
}
REQUEST: Mapping[str, Look] = {
    "waiting": Look(tone="info", shape="dots", word=_("To be decided")),
    "waiting_approval": Look(tone="warn", shape="triangle", word=_("Waits for the location")),
    "completed": Look(tone="good", shape="check", word=_("Cancelled as asked")),
    "rejected": Look(tone="bad", shape="cross", word=_("Refused")),
    "withdrawn": Look(tone="neutral", shape="back", word=_("Withdrawn")),
}
PLAN: Mapping[str, Look] = {
    "open": Look(tone="info", shape="dots", word=_("To be decided")),
    "waiting": Look(tone="warn", shape="triangle", word=_("Waiting")),
    "done": Look(tone="good", shape="check", word=_("Done as asked")),
    "refused": Look(tone="bad", shape="cross", word=_("Refused")),
    "withdrawn": Look(tone="neutral", shape="back", word=_("Withdrawn")),
}
ANSWER: Mapping[str, Any] = {"completed": _("Completed"), "rejected": _("Rejected")}
PART: Mapping[str, Look] = {
    "taken": Look(tone="good", shape="check", word=_("Taken off")),
    "waiting": Look(tone="warn", shape="triangle", word=_("Waits for the location")),
    "refused": Look(tone="bad", shape="cross", word=_("Refused")),
    "restored": Look(tone="neutral", shape="back", word=_("Ordered again")),
}


def shipment(state: str) -> Look:
    """Look of a parcel's state."""
    tone, shape = _SHIPMENT.get(state, ("neutral", "ring"))
    return Look(tone=tone, shape=shape, word=state_word("ShipmentStatus", state))


def scanned(count: int, wanted: Decimal) -> Look:
    """How many units of an item were scanned."""
    done = count >= wanted
    return Look(
        tone="good" if done else "info",
        shape="check" if done else "ring",
        word=_("%(count)s of %(wanted)s") % {"count": count, "wanted": number(wanted)},
    )
