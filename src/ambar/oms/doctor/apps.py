"""Doctor room."""

from django.apps import AppConfig


class DoctorConfig(AppConfig):
    name = "ambar.oms.doctor"
    label = "oms_doctor"
    verbose_name = "Doctor"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.oms.app_settings import registry
        from ambar.oms.doctor import configured, jobs  # noqa: F401

        registry.declare(configured.SETTING)
