"""The Django application of the shared screens."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, static files and Turkish texts that every console uses."""

    name = "ambar.kit.ui"
    label = "ui"
    verbose_name = "Screens"

    def ready(self) -> None:
        from django.conf import urls

        from . import gate

        urls.handler404 = gate.no_such_address  # type: ignore[assignment]
