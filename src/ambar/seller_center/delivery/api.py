"""`/api/v1/delivery_settings/`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import rest
from ambar.seller_center.delivery.models import DeliverySetting

router = rest.Router()

FILTERS = rest.Filters(
    {"slug": rest.exact("slug"), "is_active": rest.boolean("is_active"), "id__in": rest.id_list("id__in")}
)


def setting_json(row: DeliverySetting) -> dict[str, Any]:
    """A delivery setting on the wire."""
    return {
        "id": row.pk,
        "pk": row.pk,
        "slug": row.slug,
        "name": row.name,
        "shipping_company": row.shipping_company,
        "shipping_option": row.shipping_option,
        "priority": row.priority,
        "calculator": row.calculator,
        "allow_manual_entry": row.allow_manual_entry,
        "rules": row.rules,
        "config": row.config,
        "is_active": row.is_active,
        "is_default": row.is_default,
    }


@router.get("/delivery_settings/", tags=["delivery"])
@rest.needs("delivery:read")
def list_settings(request: HttpRequest) -> Any:
    """Delivery settings of the marketplace, the same for every seller."""
    return rest.page(
        request,
        DeliverySetting.objects.all(),
        lambda rows: [setting_json(row) for row in rows],
        filters=FILTERS,
        sort=("id", "priority", "name"),
    )
