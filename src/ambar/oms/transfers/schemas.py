"""Wire shapes of the transfer lists; the whole record is in `payload`."""

from __future__ import annotations

from typing import Any

from ambar.kit import clock
from ambar.kit.money import quantity
from ambar.oms.states.queries import state_json
from ambar.oms.transfers.models import TransferItem


def minimal_json(transfer: Any) -> dict[str, Any]:
    """The minimal object (Akinon OMS: Transfer order services) with the number of items."""
    return {
        "id": transfer.pk,
        "number": transfer.number,
        "state": transfer.state,
        "order_id": transfer.package.order_id,
        "order_number": transfer.package.order_number,
        "package_id": transfer.package_id,
        "package_number": transfer.package.number,
        "source_erp_code": transfer.source.erp_code,
        "destination_erp_code": transfer.destination.erp_code,
        "transferitem_count": transfer.item_count,
        "sequence": transfer.sequence,
        "created_date": clock.iso(transfer.created_at),
        "modified_date": clock.iso(transfer.modified_at),
    }


def item_json(item: TransferItem) -> dict[str, Any]:
    """One transfer item (Akinon OMS: Transfer item services)."""
    return {
        "id": item.pk,
        "transfer_order": {"id": item.transfer_id, "number": item.transfer.number},
        "package_item": item.package_item_id,
        "order_item": {"id": item.order_item_id, "omnitron_id": item.order_item.upstream_id},
        "product": {
            "id": item.product_id,
            "sku": item.product.sku,
            "barcode": item.product.barcode,
            "name": item.product.name,
        },
        "state": state_json("TransferStatus", item.state),
        "quantity": quantity(item.quantity),
        "created_date": clock.iso(item.created_at),
        "modified_date": clock.iso(item.modified_at),
    }
