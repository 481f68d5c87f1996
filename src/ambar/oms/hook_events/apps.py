"""Room of hook events."""

from django.apps import AppConfig


class HookEventsConfig(AppConfig):
    """Akinon OMS: Webhook event services."""

    name = "ambar.oms.hook_events"
    label = "oms_hook_events"
    verbose_name = "Hook events"
    default_auto_field = "django.db.models.BigAutoField"
