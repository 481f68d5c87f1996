"""Where the room `oms_application` is plugged in."""

from django.apps import AppConfig


class OmsApplicationConfig(AppConfig):
    name = "ambar.seller_center.oms_application"
    label = "sc_oms_application"
    default_auto_field = "django.db.models.BigAutoField"
