"""The enumerations behind state rows.

Codes are the documented ones ("Akinon OMS: commands", "Akinon Omnitron: order status codes and
cancellation statuses"); the rest is adopted as written in `docs/decisions/` (package states).
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class OrderStatus(IntEnum):
    """Status of an order and of an order item."""

    CANCELLATION_WAITING = 50
    CANCELED = 100
    WAITING = 200
    PAYMENT_WAITING = 300
    CONFIRMATION_WAITING = 350
    APPROVED = 400
    INACTIVE = 425
    PREPARING = 450
    SHIPPED = 500
    SHIPPED_AND_INFORMED = 510
    READY_FOR_PICKUP = 520
    ATTEMPTED_DELIVERY = 540
    REVIEW_STARTED = 544
    REVIEW_WAITING = 545
    WAITING_FOR_PAYMENT = 546
    PAID = 547
    DELIVERED = 550
    REFUNDED = 600


class PackageStatus(IntEnum):
    """Status of a package and of its items."""

    WAITING = 100
    WAITING_REMOTE_ACTION = 150
    PREPARING = 200
    WAITING_FOR_TRANSFER = 300
    READY_FOR_PACKAGING = 400
    PACKED = 500
    SHIPPED = 600
    READY_FOR_CUSTOMER_PICKUP = 620
    ATTEMPTED_DELIVERY = 640
    DELIVERY_FAILED = 660
    DELIVERED = 700
    RETURNED = 740
    CANCELLATION_WAITING = 800
    CANCELLED = 900
    NEEDS_RESCHEDULING = 910
    OUT_OF_STOCK = 920
    BLOCKED = 930
    PACKED_FOR_REFUND = 1100


class TransferStatus(StrEnum):
    """Status of a transfer order."""

    WAITING = "waiting"
    READY_TO_SHIPMENT = "ready_to_shipment"
    IN_TRANSIT = "in_transit"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"
    OUT_OF_STOCK = "out_of_stock"


class ShipmentStatus(StrEnum):
    """Status of a shipment as the cargo company tells it."""

    CREATED = "CREATED"
    SHIPPING = "SHIPPING"
    DELIVERED = "DELIVERED"
    DELIVERY_FAILED = "DELIVERY_FAILED"
    ATTEMPTED_DELIVERY = "ATTEMPTED_DELIVERY"
    RETURNED = "RETURNED"
    DELETED = "DELETED"


ENUM_CLASSES: dict[str, frozenset[str]] = {
    "OrderStatus": frozenset(str(int(code)) for code in OrderStatus),
    "PackageStatus": frozenset(str(int(code)) for code in PackageStatus),
    "TransferStatus": frozenset(str(code) for code in TransferStatus),
    "ShipmentStatus": frozenset(str(code) for code in ShipmentStatus),
}

CONTENT_TYPES: dict[str, int] = {
    "order": 2,
    "order_item": 3,
    "package": 26,
    "transfer": 27,
    "shipment": 28,
}

CONTENT_TYPE_OF_ENUM: dict[str, int] = {
    "OrderStatus": CONTENT_TYPES["order"],
    "PackageStatus": CONTENT_TYPES["package"],
    "TransferStatus": CONTENT_TYPES["transfer"],
    "ShipmentStatus": CONTENT_TYPES["shipment"],
}

ENUM_OF_KIND: dict[str, str] = {
    "order": "OrderStatus",
    "package": "PackageStatus",
    "transfer": "TransferStatus",
    "shipment": "ShipmentStatus",
}


def counts_for_quota(state: int, previous_state: int | None = None) -> bool:
    """Whether a package in `state` uses one unit of its location's quota.

    Counted: below 400, Cancellation Waiting, and Blocked when it was blocked from a counted state
    (`previous_state`). Akinon OMS: Capacity; `docs/decisions/` (quota).
    """
    if state == PackageStatus.BLOCKED:
        return previous_state is not None and counts_for_quota(previous_state)
    return state < PackageStatus.READY_FOR_PACKAGING or state == PackageStatus.CANCELLATION_WAITING
