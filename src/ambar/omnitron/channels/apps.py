"""Channels room."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "ambar.omnitron.channels"
    label = "omnitron_channels"
    verbose_name = "Channels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.omnitron import roles

        roles.register()
