"""Where the room `delivery` is plugged in."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "ambar.seller_center.delivery"
    label = "sc_delivery"
    default_auto_field = "django.db.models.BigAutoField"
