"""Setup room."""

from django.apps import AppConfig


class SetupConfig(AppConfig):
    name = "ambar.oms.setup"
    label = "oms_setup"
    verbose_name = "Basic setup"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.oms.setup import jobs  # noqa: F401
