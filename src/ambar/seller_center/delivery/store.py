"""The default delivery setting."""

from __future__ import annotations

from ambar.kit import prepared
from ambar.seller_center.delivery.models import DeliverySetting


def default_setting_id() -> int:
    """The id of the default delivery setting, made on first use."""
    with prepared.cursor() as cursor:
        cursor.execute("SELECT id FROM sc_delivery_deliverysetting WHERE is_default")
        if found := cursor.fetchone():
            return int(found[0])
    DeliverySetting.objects.bulk_create(
        [DeliverySetting(slug="default", name="Default", is_default=True)], ignore_conflicts=True
    )
    return DeliverySetting.objects.filter(is_default=True).values_list("pk", flat=True)[0]
