"""Where the room `offers` is plugged in."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    name = "ambar.seller_center.offers"
    label = "sc_offers"
    default_auto_field = "django.db.models.BigAutoField"
