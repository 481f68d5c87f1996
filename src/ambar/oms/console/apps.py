"""The Django application of the OMS's screens, and its navigation."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ambar.kit import accounts
from ambar.kit.ui.navigation import Item, Section, register


class ConsoleConfig(AppConfig):
    """The OMS's console."""

    name = "ambar.oms.console"
    label = "oms_console"

    def ready(self) -> None:
        """Fill the left navigation."""
        register("OMS", home="oms_console:home", sections=SECTIONS)


def _unbound(user: Any) -> bool:
    return "location_ids" not in accounts.Principal.of(user).bounds


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
            Item(
                label=_("Hand-over"), url_name="oms_console:handover", icon="webhook", scope="handover:read"
            ),
            Item(
                label=_("Cancellations"),
                url_name="oms_console:cancellations",
                icon="cancel",
                scope="orders:read",
            ),
        ),
    ),
    Section(
        label=_("Warehouse"),
        items=(
            Item(
                label=_("Pick and pack"), url_name="oms_console:picking", icon="scan", scope="packages:read"
            ),
            Item(
                label=_("Shipments"), url_name="oms_console:shipments", icon="parcel", scope="shipments:read"
            ),
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
            Item(
                label=_("Bulk actions"),
                url_name="oms_console:bulk_actions",
                icon="many",
                scope="packages:command",
            ),
            Item(label=_("Stock"), url_name="oms_console:stock", icon="stock", scope="stock:read"),
            Item(
                label=_("Inventory engines"),
                url_name="oms_console:engines",
                icon="engine",
                scope="stock:write",
                visible=_unbound,
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
            Item(
                label=_("Carriers"),
                url_name="oms_console:carriers",
                icon="carrier",
                scope="settings:write",
                visible=_unbound,
            ),
            Item(
                label=_("States"),
                url_name="oms_console:states",
                icon="states",
                scope="states:read",
                visible=_unbound,
            ),
            Item(
                label=_("Reasons"),
                url_name="oms_console:reasons",
                icon="reason",
                scope="packages:read",
                visible=_unbound,
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
