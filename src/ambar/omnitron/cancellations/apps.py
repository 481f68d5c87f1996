"""Cancellations room."""

from django.apps import AppConfig


class CancellationsConfig(AppConfig):
    name = "ambar.omnitron.cancellations"
    label = "omnitron_cancellations"
    verbose_name = "Cancellations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.kit import outbox

        outbox.register_event("cancellation_plan.created", "cancellation_plan")
        outbox.register_event("cancellation_plan.updated", "cancellation_plan")
