"""Where the room `omnitron_link` is plugged in."""

from django.apps import AppConfig


class OmnitronLinkConfig(AppConfig):
    name = "ambar.seller_center.omnitron_link"
    label = "sc_omnitron_link"
    default_auto_field = "django.db.models.BigAutoField"
