"""Room of commands."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig


class CommandsConfig(AppConfig):
    """Akinon OMS: Commands. Every module below `packages` is a command of packages."""

    name = "ambar.oms.commands"
    label = "oms_commands"
    verbose_name = "Commands"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.oms.app_settings import registry as settings
        from ambar.oms.commands import channel_packing, jobs, packages, queries, registry  # noqa: F401
        from ambar.oms.commands.shipments import declared as shipments_declared
        from ambar.oms.commands.transfers import declared
        from ambar.oms.packages.registry import offer_commands, tell_commands

        for module in sorted(iter_modules(packages.__path__), key=lambda found: found.name):
            registry.declare(import_module(f"{packages.__name__}.{module.name}").COMMAND)
        settings.declare(settings.SettingKey(key=channel_packing.KEY, schema=channel_packing.ChannelPacking))
        offer_commands(queries.runnable)
        tell_commands(queries.told)
        shipments_declared.declare_all()
        declared.declare_all()
