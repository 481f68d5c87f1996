"""Planning room."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "ambar.oms.planning"
    label = "oms_planning"
    verbose_name = "Planning"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.oms.app_settings import registry
        from ambar.oms.planning import configured, jobs  # noqa: F401

        registry.declare(configured.SETTING)
