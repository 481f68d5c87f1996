"""Omnitron client room."""

from django.apps import AppConfig


class OmnitronClientConfig(AppConfig):
    name = "ambar.oms.omnitron_client"
    label = "oms_omnitron_client"
    verbose_name = "Omnitron client"

    def ready(self) -> None:
        from ambar.oms.app_settings import registry
        from ambar.oms.omnitron_client import schemas

        registry.declare(
            registry.SettingKey(
                key="OMNITRON_CLIENT_SETTINGS",
                schema=schemas.ClientSettingsBody,
                secrets=(("auth", "password"), ("endpoint_conf", "[endpoint]", "auth", "token")),
            )
        )
