"""Package states of an OMS and the Seller Center's own integer statuses.

Source: the Seller Center package API shows an integer status; the numbers are our definition
(`docs/decisions/`): 1-10 as first defined, 11 and up so that every state of the OMS has one.
"""

from __future__ import annotations

PREPARING = 1
CANCELLED = 5

STATUS_OF_STATE = {
    100: 1,
    150: 11,
    200: 1,
    300: 12,
    400: 13,
    500: 2,
    600: 3,
    620: 8,
    640: 9,
    660: 10,
    700: 4,
    740: 14,
    800: 15,
    900: 5,
    910: 16,
    920: 6,
    930: 17,
    1100: 7,
}
OTHER = 99
"""A state the OMS has made for itself; its name is kept beside."""

LABELS = {
    1: "Preparing",
    2: "Ready to Ship",
    3: "Shipped",
    4: "Delivered",
    5: "Cancelled",
    6: "Out of Stock",
    7: "Packed for Refund",
    8: "Ready for Customer Pickup",
    9: "Attempted Delivery",
    10: "Delivery Failed",
    11: "Waiting Remote Action",
    12: "Waiting for Transfer",
    13: "Ready for Packaging",
    14: "Returned",
    15: "Cancellation Waiting",
    16: "Needs Rescheduling",
    17: "Blocked",
    99: "Other",
}
LISTS = {
    "all": tuple(LABELS),
    "preparing": (1, 2, 6, 11, 12, 13, 16, 17),
    "shipped": (3, 4, 8, 9, 10, 14),
}
"""The three lists of the Packages page: all, preparing, shipped."""

EVENT_STATES = {
    "package.status.preparing": 200,
    "package.status.packed": 500,
    "package.status.shipped": 600,
    "package.status.ready_for_customer_pickup": 620,
    "package.status.delivered": 700,
    "package.status.cancelled": 900,
    "package.status.out_of_stock": 920,
    "package.status.packed_for_refund": 1100,
}
"""The state an event's name stands for, used when the payload carries none."""

_LIFE = {
    code: place
    for place, code in enumerate(
        (910, 100, 150, 930, 920, 200, 300, 400, 500, 600, 640, 620, 800, 660, 700, 900, 740, 1100)
    )
}


def status_of(state: int) -> int:
    """The Seller Center's status of an OMS state code."""
    return STATUS_OF_STATE.get(state, OTHER)


def place_in_life(state: int) -> int:
    """How far along a package is; only compared when a sender counts no sequence."""
    return _LIFE.get(state, 0)
