"""Filters of the transfer lists (Akinon OMS: Transfer order services, Transfer item services)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from ambar.kit import rest
from ambar.kit.text import is_digits, turkish_fold
from ambar.oms.states.queries import parse_states, states_of
from ambar.oms.transfers.models import TransferItem

ENUM = "TransferStatus"


def _parts(values: list[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _by_state_row(queryset: Any, values: list[str]) -> Any:
    codes = {str(row["id"]): row["enum_value"] for row in states_of(ENUM)}
    wanted = _parts(values)
    if not all(is_digits(part) for part in wanted):
        raise ValueError("A valid integer is required.")
    return queryset.filter(state__in=[codes[part] for part in wanted if part in codes])


def _by_state(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(state__in=parse_states(ENUM, values))


def _by_other_state(queryset: Any, values: list[str]) -> Any:
    return queryset.exclude(state__in=parse_states(ENUM, values))


def _any(*columns: str) -> Any:
    """One of the values in one of the columns."""

    def narrow(queryset: Any, values: list[str]) -> Any:
        wanted = _parts(values)
        condition = Q(pk__in=[])
        for column in columns:
            condition |= Q(**{f"{column}__in": wanted})
        return queryset.filter(condition)

    return narrow


def _holding(column: str) -> Any:
    """Transfers with an item whose `column` is one of the values, without repeating a transfer."""

    def narrow(queryset: Any, values: list[str]) -> Any:
        items = TransferItem.objects.filter(**{f"{column}__in": _parts(values)})
        return queryset.filter(id__in=items.values("transfer_id"))

    return narrow


def _place(column: str) -> Any:
    """A place of the destination by its id or its name."""

    def narrow(queryset: Any, values: list[str]) -> Any:
        wanted = _parts(values)
        ids = [int(part) for part in wanted if is_digits(part) and len(part) <= 18]
        names = [turkish_fold(part) for part in wanted]
        return queryset.filter(Q(**{f"{column}_id__in": ids}) | Q(**{f"{column}__folded__in": names}))

    return narrow


def _comparisons(name: str, column: str, make: Any) -> dict[str, Any]:
    return {f"{name}__{op}": make(f"{column}__{op}") for op in ("gt", "gte", "lt", "lte")}


_BOTH_ENDS = _any("source__erp_code", "destination__erp_code")

TRANSFERS = rest.Filters(
    {
        "number": rest.exact("number"),
        "state": _by_state_row,
        "state__enum_value": _by_state,
        "state__enum_value__in": _by_state,
        "state__enum_value__ne": _by_other_state,
        "order": rest.id_list("package__order_id__in"),
        "order__number": rest.exact("package__order_number"),
        "order__channel": rest.id_list("package__channel_id__in"),
        "order__date_placed": rest.datetime("package__order__date_placed"),
        **_comparisons("order__date_placed", "package__order__date_placed", rest.datetime),
        "order__customer__first_name": rest.iexact("package__order__customer__first_name"),
        "order__customer__last_name": rest.iexact("package__order__customer__last_name"),
        "package": rest.id_list("package_id__in"),
        "package_number": rest.exact("package__number"),
        "package__number": rest.exact("package__number"),
        "package__shipment__cargo_company": rest.exact("package__shipping_company"),
        "product_sku": _holding("order_item__sku"),
        "product_barcode": _holding("product__barcode"),
        "source": rest.id_list("source_id__in"),
        "destination": rest.id_list("destination_id__in"),
        "source__erp_code": _any("source__erp_code"),
        "destination__erp_code": _any("destination__erp_code"),
        "erp_code": _BOTH_ENDS,
        "retail_store__erp_code": _BOTH_ENDS,
        "destination__address__country": _place("destination__country"),
        "destination__address__city": _place("destination__city"),
        "destination__address__township": _place("destination__township"),
        "shipment__cargo_company": rest.exact("shipping_company"),
        "shipment__awb_number": rest.exact("tracking_number"),
        "id__in": rest.id_list("id__in"),
        "pk__in": rest.id_list("id__in"),
        **_comparisons("id", "id", rest.integer),
        **_comparisons("created_date", "created_at", rest.datetime),
        **_comparisons("modified_date", "modified_at", rest.datetime),
    }
)

ITEMS = rest.Filters(
    {
        "transfer_order": rest.id_list("transfer_id__in"),
        "transfer_order__number": rest.exact("transfer__number"),
        "product": rest.id_list("product_id__in"),
        "product_sku": _any("order_item__sku"),
        "package_item": rest.id_list("package_item_id__in"),
        "quantity": rest.decimal("quantity"),
        **_comparisons("quantity", "quantity", rest.decimal),
        "state": _by_state_row,
        "state__enum_value": _by_state,
        "id__in": rest.id_list("id__in"),
        "pk__in": rest.id_list("id__in"),
        **_comparisons("id", "id", rest.integer),
        **_comparisons("created_date", "created_at", rest.datetime),
        **_comparisons("modified_date", "modified_at", rest.datetime),
    }
)
