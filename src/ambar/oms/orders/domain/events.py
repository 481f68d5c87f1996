"""Which events an order raises.

Akinon OMS: Webhooks names an "Order Webhook" without showing it; the types are `docs/decisions/0051-order-and-location-events.md`.
"""

KIND = "order"
CREATED = "order.created"
UPDATED = "order.updated"
PLANNED = "order.planned"
CANCELLED = "order.cancelled"

ALL = (CREATED, UPDATED, PLANNED, CANCELLED)


def channel_scope(channel_id: int) -> str:
    """What events about something of a channel carry: hooks are narrowed to it by `config`."""
    return f"channel:{channel_id}"
