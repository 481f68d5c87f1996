"""Planning room."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "ambar.oms.planning"
    label = "oms_planning"
    verbose_name = "Planning"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.oms.planning import jobs  # noqa: F401
