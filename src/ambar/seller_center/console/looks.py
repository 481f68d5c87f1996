"""How orders, packages and sellers look in the Seller Center."""

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
STATE = {
    100: Look(tone="info", shape="ring", word=_("Waiting")),
    150: Look(tone="info", shape="dots", word=_("Waiting remote action")),
    200: Look(tone="progress", shape="half", word=_("Preparing")),
    300: Look(tone="info", shape="dots", word=_("Waiting for transfer")),
    400: Look(tone="progress", shape="square", word=_("Ready for packaging")),
    500: Look(tone="progress", shape="box", word=_("Packed")),
    600: Look(tone="progress", shape="arrow", word=_("Shipped")),
    620: Look(tone="progress", shape="pin", word=_("Ready for customer pickup")),
    640: Look(tone="warn", shape="triangle", word=_("Attempted delivery")),
    660: Look(tone="bad", shape="cross", word=_("Delivery failed")),
    700: Look(tone="good", shape="check", word=_("Delivered")),
    740: Look(tone="neutral", shape="back", word=_("Returned")),
    800: Look(tone="warn", shape="triangle", word=_("Cancellation waiting")),
    900: Look(tone="neutral", shape="cross", word=_("Cancelled")),
    910: Look(tone="warn", shape="diamond", word=_("Needs rescheduling")),
    920: Look(tone="bad", shape="triangle", word=_("Out of stock")),
    930: Look(tone="bad", shape="stop", word=_("Blocked")),
    1100: Look(tone="neutral", shape="box", word=_("Packed for refund")),
}
PREPARING = Look(tone="progress", shape="half", word=_("Preparing"))
PACKAGING = {
    "waiting_packaging": Look(tone="info", shape="ring", word=_("Waiting packaging")),
    "packaged": Look(tone="good", shape="box", word=_("Packaged")),
    "rejected": Look(tone="neutral", shape="cross", word=_("Rejected")),
}
SELLER = {
    "active": Look(tone="good", shape="disc", word=_("Active")),
    "suspended": Look(tone="warn", shape="stop", word=_("Suspended")),
    "closed": Look(tone="neutral", shape="cross", word=_("Closed")),
}
OUTCOME = {
    "applied": Look(tone="good", shape="check", word=_("Applied")),
    "late": Look(tone="warn", shape="dots", word=_("Late, changed nothing")),
}


def order(status: int) -> Look:
    """Look of an order or item status."""
    return ORDER.get(status) or Look(tone="neutral", shape="ring", word=str(status))


def package(state_code: int | None, state_name: str = "") -> Look:
    """Look of a package: the OMS's state; a package no OMS reported is being prepared."""
    if state_code is None:
        return PREPARING
    return STATE.get(state_code) or Look(tone="neutral", shape="ring", word=state_name or str(state_code))
