"""Filters of the package lists (Akinon OMS: Package services, list parameters)."""

from __future__ import annotations

from typing import Any

from ambar.kit import rest
from ambar.oms.packages.models import PackageItem
from ambar.oms.states.queries import parse_codes, states_of


def _by_state_row(queryset: Any, values: list[str]) -> Any:
    codes = {row["id"]: int(row["enum_value"]) for row in states_of("PackageStatus")}
    wanted = [int(part) for value in values for part in value.split(",") if part.strip()]
    return queryset.filter(state__in=[codes[row_id] for row_id in wanted if row_id in codes])


def _by_state(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(state__in=parse_codes("PackageStatus", values, field="state__enum_value"))


def _by_other_state(queryset: Any, values: list[str]) -> Any:
    return queryset.exclude(state__in=parse_codes("PackageStatus", values, field="state__enum_value__ne"))


def _starts(column: str) -> Any:
    def narrow(queryset: Any, values: list[str]) -> Any:
        return queryset.filter(**{f"{column}__startswith": values[-1]})

    return narrow


def _holding(column: str, read: Any = str) -> Any:
    """Packages with an item whose `column` is one of the values, without repeating a package."""

    def narrow(queryset: Any, values: list[str]) -> Any:
        wanted = [read(part.strip()) for value in values for part in value.split(",") if part.strip()]
        return queryset.filter(
            id__in=PackageItem.objects.filter(**{f"{column}__in": wanted}).values("package_id")
        )

    return narrow


def _codes(queryset: Any, values: list[str]) -> Any:
    wanted = [part.strip() for value in values for part in value.split(",") if part.strip()]
    return queryset.filter(location__erp_code__in=wanted)


def _id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError("A valid integer is required.")
    return int(text)


def _comparisons(name: str, column: str, make: Any) -> dict[str, Any]:
    return {f"{name}__{op}": make(f"{column}__{op}") for op in ("gt", "gte", "lt", "lte")}


PACKAGES = rest.Filters(
    {
        "number": rest.exact("number"),
        "number__startswith": _starts("number"),
        "state": _by_state_row,
        "state__enum_value": _by_state,
        "state__enum_value__in": _by_state,
        "state__enum_value__ne": _by_other_state,
        "order": rest.id_list("order_id__in"),
        "order__number": rest.exact("order_number"),
        "order__number__startswith": _starts("order_number"),
        "order__omnitron_id": rest.id_list("order__upstream_id__in"),
        "order__date_placed__gte": rest.datetime("order__date_placed__gte"),
        "order__date_placed__lte": rest.datetime("order__date_placed__lte"),
        "order__customer__first_name": rest.iexact("order__customer__first_name"),
        "order__customer__last_name": rest.iexact("order__customer__last_name"),
        "order__delivery_type": rest.exact("order__delivery_type"),
        "stock_location": rest.id_list("location_id__in"),
        "stock_location__erp_code": _codes,
        "stock_location__erp_code__in": _codes,
        "stock_location__stock_location_type": rest.exact("location__stock_location_type"),
        "channel": rest.id_list("channel_id__in"),
        "cargo_company": rest.exact("shipping_company"),
        "shipping_option_slug": rest.choice_in("order__shipping_option_slug"),
        "product_sku": _holding("order_item__sku"),
        "product_barcode": _holding("product__barcode"),
        "order_item__omnitron_id": _holding("order_item__upstream_id", _id),
        "id__in": rest.id_list("id__in"),
        "pk__in": rest.id_list("id__in"),
        **_comparisons("id", "id", rest.integer),
        **_comparisons("created_date", "created_at", rest.datetime),
        **_comparisons("modified_date", "modified_at", rest.datetime),
        **_comparisons("shipment_date", "shipped_at", rest.datetime),
    }
)

ITEMS = rest.Filters(
    {
        "package": rest.id_list("package_id__in"),
        "package__number": rest.exact("package__number"),
        "state": _by_state_row,
        "state__enum_value": _by_state,
        "id__in": rest.id_list("id__in"),
    }
)


def _title(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(title__icontains=values[-1])


DENIAL_REASONS = rest.Filters(
    {
        "title": _title,
        "is_active": rest.boolean("is_active"),
        "priority": rest.integer("priority"),
        "remote_id": rest.exact("remote_id"),
        **_comparisons("created_date", "created_at", rest.datetime),
        **_comparisons("modified_date", "modified_at", rest.datetime),
    }
)
