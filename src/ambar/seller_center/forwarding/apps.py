"""Where the room `forwarding` is plugged in."""

from django.apps import AppConfig


class ForwardingConfig(AppConfig):
    name = "ambar.seller_center.forwarding"
    label = "sc_forwarding"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.seller_center.forwarding import jobs

        jobs.register()
