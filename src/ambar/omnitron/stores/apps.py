"""Stores room."""

from django.apps import AppConfig


class StoresConfig(AppConfig):
    name = "ambar.omnitron.stores"
    label = "omnitron_stores"
    verbose_name = "Stores"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.kit import outbox

        outbox.register_event("retail_store.created", "retail_store")
        outbox.register_event("retail_store.updated", "retail_store")
