"""The Django application of the OMS's screens, and its navigation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ambar.kit.ui.navigation import Item, Section, register


class ConsoleConfig(AppConfig):
    """The OMS's console."""

    name = "ambar.oms.console"
    label = "oms_console"

    def ready(self) -> None:
        """Fill the left navigation."""
        register("OMS", home="oms_console:home", sections=SECTIONS)


SECTIONS = (
    Section(
        label="",
        items=(
            Item(label=_("Home"), url_name="oms_console:home", icon="home", scope="packages:read"),
            Item(label=_("Orders"), url_name="oms_console:orders", icon="orders", scope="orders:read"),
            Item(label=_("Packages"), url_name="oms_console:packages", icon="package", scope="packages:read"),
            Item(
                label=_("Quarantine"),
                url_name="oms_console:quarantine",
                icon="quarantine",
                scope="intake:read",
            ),
        ),
    ),
    Section(
        label=_("Warehouse"),
        items=(
            Item(
                label=_("Transfers"), url_name="oms_console:transfers", icon="truck", scope="transfers:read"
            ),
            Item(
                label=_("Locations"),
                url_name="oms_console:locations",
                icon="location",
                scope="locations:read",
            ),
            Item(
                label=_("Movements"),
                url_name="oms_console:movements",
                icon="log",
                scope="packages:read",
            ),
            Item(label=_("Stock"), url_name="oms_console:stock", icon="stock", scope="stock:read"),
            Item(
                label=_("Inventory engines"),
                url_name="oms_console:engines",
                icon="engine",
                scope="stock:write",
                visible=lambda user: "location_ids" not in (user.bounds or {}),
            ),
        ),
    ),
    Section(
        label=_("Planning"),
        items=(
            Item(
                label=_("Scenarios"),
                url_name="oms_console:scenarios",
                icon="scenario",
                scope="scenarios:read",
                kwargs={"kind": "distribution"},
            ),
            Item(
                label=_("Transfer scenarios"),
                url_name="oms_console:scenarios",
                icon="transfer",
                scope="scenarios:read",
                kwargs={"kind": "transfer"},
            ),
            Item(label=_("Dry run"), url_name="oms_console:dry_run", icon="try", scope="planning:read"),
            Item(
                label=_("Shipping costs"),
                url_name="oms_console:shipping_costs",
                icon="cost",
                scope="scenarios:read",
            ),
        ),
    ),
    Section(
        label=_("Settings"),
        items=(
            Item(label=_("Basic Setup"), url_name="oms_console:setup", icon="setup", scope="setup:read"),
            Item(
                label=_("Application Settings"),
                url_name="oms_console:settings",
                icon="settings",
                scope="settings:read",
            ),
            Item(label=_("Webhooks"), url_name="webhooks:hooks", icon="webhook", scope="hooks:read"),
            Item(
                label=_("Integration doctor"),
                url_name="oms_console:doctor",
                icon="doctor",
                scope="doctor:read",
            ),
        ),
    ),
)
