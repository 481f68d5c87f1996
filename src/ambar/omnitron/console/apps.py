"""The Django application of Omnitron's screens, and its navigation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ambar.kit.ui.navigation import Item, Section, register


class ConsoleConfig(AppConfig):
    """Omnitron's console."""

    name = "ambar.omnitron.console"
    label = "omnitron_console"

    def ready(self) -> None:
        """Fill the left navigation."""
        register(
            "Omnitron",
            home="omnitron_console:orders",
            sections=(
                Section(
                    label="",
                    items=(
                        Item(
                            label=_("Orders"),
                            url_name="omnitron_console:orders",
                            icon="orders",
                            scope="orders:read",
                        ),
                        Item(
                            label=_("Products"),
                            url_name="omnitron_console:products",
                            icon="product",
                            scope="catalogue:read",
                        ),
                        Item(
                            label=_("Stock"),
                            url_name="omnitron_console:stock",
                            icon="stock",
                            scope="stock:read",
                        ),
                        Item(
                            label=_("Stores"),
                            url_name="omnitron_console:stores",
                            icon="store",
                            scope="stores:read",
                        ),
                        Item(
                            label=_("Channels"),
                            url_name="omnitron_console:channels",
                            icon="channel",
                            scope="channels:read",
                        ),
                    ),
                ),
                Section(
                    label=_("Integration"),
                    items=(
                        Item(
                            label=_("Webhooks"), url_name="webhooks:hooks", icon="webhook", scope="hooks:read"
                        ),
                    ),
                ),
            ),
        )
