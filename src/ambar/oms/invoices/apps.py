"""Room of invoices."""

from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    """Akinon OMS: Invoice Integration."""

    name = "ambar.oms.invoices"
    label = "oms_invoices"
    verbose_name = "Invoices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.oms.app_settings import registry as settings
        from ambar.oms.invoices import configured, queries
        from ambar.oms.packages import registry as packages

        settings.declare(
            settings.SettingKey(
                key=configured.BILLS,
                schema=configured.BillSettings,
                secrets=configured.SECRETS,
                check=configured.check,
            )
        )
        settings.declare(settings.SettingKey(key=configured.INVOICES, schema=configured.InvoiceSettings))
        packages.add_detail("invoice", queries.current)
        packages.add_detail("invoice_call", queries.open_calls)
