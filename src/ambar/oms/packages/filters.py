"""Filters of the package lists (Akinon OMS: Package services, list parameters)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import Model, Q
from django.db.models.fields.json import KeyTextTransform

from ambar.kit import clock, rest
from ambar.kit.rest.filters import read_boolean, read_date, read_integer
from ambar.kit.text import is_digits, turkish_fold
from ambar.oms.catalogue.models import Product
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import CancellationPart, Order
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.places.models import City, Country, Township
from ambar.oms.states.queries import parse_codes, states_of


def _by_state_row(queryset: Any, values: list[str]) -> Any:
    codes = {row["id"]: int(row["enum_value"]) for row in states_of("PackageStatus")}
    wanted = [read_integer(part) for value in values for part in value.split(",") if part.strip()]
    return queryset.filter(state__in=[codes[row_id] for row_id in wanted if row_id in codes])


def _by_state(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(state__in=parse_codes("PackageStatus", values))


def _by_other_state(queryset: Any, values: list[str]) -> Any:
    return queryset.exclude(state__in=parse_codes("PackageStatus", values))


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


def _parcel_made(op: str) -> Any:
    """Packages with a parcel recorded then."""
    of_parcel = rest.datetime(f"shipment__created_at__{op}")

    def narrow(queryset: Any, values: list[str]) -> Any:
        return queryset.filter(id__in=of_parcel(Package.objects.order_by(), values).values("id"))

    return narrow


def _listed(values: list[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _with_product(column: str) -> Any:
    """Packages with an item of a product whose `column` is one of the values; the few products are looked up first."""

    def narrow(queryset: Any, values: list[str]) -> Any:
        products = Product.objects.filter(**{f"{column}__in": _listed(values)}).values("id")
        return queryset.filter(id__in=PackageItem.objects.filter(product__in=products).values("package_id"))

    return narrow


def _of_product(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(product__in=Product.objects.filter(sku__in=_listed(values)).values("id"))


def _codes(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(location__erp_code__in=_listed(values))


_COLLECTED = (
    Order.objects.alias(store=KeyTextTransform("retail_store", "shipping_address"))
    .filter(store__isnull=False)
    .values("id")
)
"""As the index says it (migration 0006 of the orders): those few orders are not looked for in all addresses."""


def _click_and_collect(queryset: Any, values: list[str]) -> Any:
    """Orders that name a retail store are collected there by the customer."""
    collected = read_boolean(values[-1])
    return queryset.filter(order__in=_COLLECTED) if collected else queryset.exclude(order__in=_COLLECTED)


def _for_store(values: list[str]) -> Q:
    rows = StockLocation.objects.filter(erp_code__in=_listed(values), upstream_id__isnull=False)
    stores = list(rows.values_list("upstream_id", flat=True))
    return Q(order__shipping_address__retail_store__in=stores) | Q(
        order__shipping_address__retail_store__pk__in=stores
    )


def _retail_store(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(_for_store(values))


def _location_or_store(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(_for_store(values) | Q(location__erp_code__in=_listed(values)))


def _place(column: str, level: type[Model]) -> Any:
    """Packages for an address in a place of this name; letters compare as Turkish names do."""

    def narrow(queryset: Any, values: list[str]) -> Any:
        folded = [turkish_fold(name) for name in _listed(values)]
        found = level._default_manager.filter(folded__in=folded)
        return queryset.filter(**{f"{column}__in": found.values("id")})

    return narrow


_FAILED = CancellationPart.objects.filter(request__status="rejected", package_id__isnull=False)


def _cancellation_failed(queryset: Any, values: list[str]) -> Any:
    """Packages with units that were to be cancelled and could not be."""
    failed = _FAILED.values("package_id")
    return queryset.filter(id__in=failed) if read_boolean(values[-1]) else queryset.exclude(id__in=failed)


def _not_shipped_by(queryset: Any, values: list[str]) -> Any:
    return queryset.filter(
        Q(order__shipping_option_slug__isnull=True) | ~Q(order__shipping_option_slug__in=_listed(values))
    )


def _delivered_on(queryset: Any, values: list[str]) -> Any:
    """Packages that may be delivered on that day (UTC): their window and the day have some time in common."""
    begins = clock.parse(values[-1].strip())
    begins = begins.replace(hour=0, minute=0, second=0, microsecond=0)
    from_then = Q(order__delivery_from__lt=begins + timedelta(days=1))
    until_then = Q(order__delivery_until__gt=begins)
    unbounded = Q(order__delivery_from__isnull=True), Q(order__delivery_until__isnull=True)
    return queryset.filter(
        (from_then & (until_then | unbounded[1])) | (unbounded[0] & until_then),
    )


def _placed_on(queryset: Any, values: list[str]) -> Any:
    """Packages of orders that were placed on that day (UTC)."""
    begins = datetime.combine(read_date(values[-1]), time(), tzinfo=UTC)
    return queryset.filter(order__date_placed__gte=begins, order__date_placed__lt=begins + timedelta(days=1))


def _id(text: str) -> int:
    if not is_digits(text) or len(text) > 18:
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
        "shipping_option_slug__exclude": _not_shipped_by,
        "delivery_range": rest.exact("order__delivery_range"),
        "delivery_range__lower": rest.datetime("order__delivery_from__gte"),
        "delivery_range__upper": rest.datetime("order__delivery_until__lte"),
        "delivery_range__date": _delivered_on,
        "click_and_collect": _click_and_collect,
        "cancellation_failure": _cancellation_failed,
        "retail_store__erp_code": _retail_store,
        "stock_location_or_retail_store__erp_code": _location_or_store,
        "country": rest.id_list("order__country_id__in"),
        "country__name": _place("order__country_id", Country),
        "city": rest.id_list("order__city_id__in"),
        "city__name": _place("order__city_id", City),
        "township": rest.id_list("order__township_id__in"),
        "township__name": _place("order__township_id", Township),
        "product_sku": _with_product("sku"),
        "product_barcode": _with_product("barcode"),
        "order_item__omnitron_id": _holding("order_item__upstream_id", _id),
        "id__in": rest.id_list("id__in"),
        "pk__in": rest.id_list("id__in"),
        "order__date_placed": rest.datetime("order__date_placed"),
        "order__date_placed__date": _placed_on,
        **_comparisons("order__date_placed", "order__date_placed", rest.datetime),
        **_comparisons("order__created_date", "order__created_at", rest.datetime),
        **_comparisons("id", "id", rest.integer),
        **_comparisons("created_date", "created_at", rest.datetime),
        **_comparisons("modified_date", "modified_at", rest.datetime),
        **_comparisons("shipment_date", "shipped_at", rest.datetime),
        **{f"shipment__created_date__{op}": _parcel_made(op) for op in ("gt", "gte", "lt", "lte")},
    }
)

ITEMS = rest.Filters(
    {
        "package": rest.id_list("package_id__in"),
        "package__number": rest.exact("package__number"),
        "state": _by_state_row,
        "state__enum_value": _by_state,
        "state__enum_value__in": _by_state,
        "product_sku": _of_product,
        "id__in": rest.id_list("id__in"),
        "pk__in": rest.id_list("id__in"),
        **_comparisons("id", "id", rest.integer),
        **_comparisons("created_date", "created_at", rest.datetime),
        **_comparisons("modified_date", "modified_at", rest.datetime),
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
