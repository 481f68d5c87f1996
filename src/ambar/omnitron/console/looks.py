"""How order statuses look. Source: Akinon Omnitron, "Order Status Codes and Cancellation Statuses"."""

from django.utils.translation import gettext_lazy as _

from ambar.kit.ui.looks import Look

ORDER = {
    50: Look(tone="warn", shape="triangle", word=_("Cancellation waiting")),
    100: Look(tone="neutral", shape="cross", word=_("Cancelled")),
    200: Look(tone="info", shape="ring", word=_("Waiting")),
    300: Look(tone="info", shape="dots", word=_("Payment waiting")),
    350: Look(tone="info", shape="dots", word=_("Confirmation waiting")),
    400: Look(tone="info", shape="ring", word=_("Approved")),
    450: Look(tone="progress", shape="half", word=_("Preparing")),
    500: Look(tone="progress", shape="arrow", word=_("Shipped")),
    510: Look(tone="progress", shape="arrow", word=_("Shipped and informed")),
    520: Look(tone="progress", shape="pin", word=_("Ready for pickup")),
    540: Look(tone="warn", shape="triangle", word=_("Attempted delivery")),
    544: Look(tone="info", shape="dots", word=_("Review started")),
    545: Look(tone="info", shape="dots", word=_("Review waiting")),
    546: Look(tone="info", shape="dots", word=_("Waiting for payment")),
    547: Look(tone="good", shape="disc", word=_("Paid")),
    550: Look(tone="good", shape="check", word=_("Delivered")),
    600: Look(tone="neutral", shape="back", word=_("Refunded")),
}
ACTIVE = Look(tone="good", shape="disc", word=_("Active"))
INACTIVE = Look(tone="neutral", shape="cross", word=_("Off"))


def order(status: int) -> Look:
    """Look of an order or item status; an unknown code shows itself."""
    return ORDER.get(status) or Look(tone="neutral", shape="ring", word=str(status))


def active(flag: bool) -> Look:
    """Look of an on/off column."""
    return ACTIVE if flag else INACTIVE
