from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Hooks, events, deliveries and the inbox."""

    name = "ambar.kit.outbox"
    label = "outbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.kit.outbox import jobs  # noqa: F401
