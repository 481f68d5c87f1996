"""The status upstream has accepted last of an order item."""

from collections.abc import Collection

from ambar.oms.upstream.models import StatusSync


def statuses(order_item_ids: Collection[int]) -> dict[int, int]:
    """OrderStatus code by order item id; items of which nothing was reported are absent."""
    rows = StatusSync.objects.filter(order_item_id__in=list(order_item_ids), sent__isnull=False)
    return dict(rows.values_list("order_item_id", "sent"))
