"""Where the room `handover` is plugged in."""

from django.apps import AppConfig


class HandoverConfig(AppConfig):
    name = "ambar.seller_center.handover"
    label = "sc_handover"
    default_auto_field = "django.db.models.BigAutoField"
