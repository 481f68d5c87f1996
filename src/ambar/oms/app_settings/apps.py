"""Application settings room."""

from django.apps import AppConfig


class AppSettingsConfig(AppConfig):
    name = "ambar.oms.app_settings"
    label = "oms_app_settings"
    verbose_name = "Application settings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.oms import roles

        roles.register()
