"""Upstream room."""

from django.apps import AppConfig


class UpstreamConfig(AppConfig):
    name = "ambar.oms.upstream"
    label = "oms_upstream"
    verbose_name = "Upstream"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.oms.app_settings import registry
        from ambar.oms.commands.shipments.ship_without_integration import register_accepted
        from ambar.oms.upstream import accepted, configured, jobs, schemas

        registry.declare(
            registry.SettingKey(
                key=configured.KEY,
                schema=schemas.SellerCenterSettingsBody,
                secrets=(("hook_secret",), ("previous_hook_secret",)),
                check=schemas.check_settings,
            )
        )
        register_accepted(accepted.statuses)
        jobs.register()
