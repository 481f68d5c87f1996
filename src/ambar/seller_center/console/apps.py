"""The Django application of the Seller Center's screens, and its navigation."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ambar.kit.ui.navigation import Item, Section, register


def _owner(user: Any) -> bool:
    from ambar.kit.accounts import Principal
    from ambar.seller_center.sellers.isolation import sees_all

    return sees_all(Principal.of(user))


class ConsoleConfig(AppConfig):
    """The Seller Center's console."""

    name = "ambar.seller_center.console"
    label = "sc_console"

    def ready(self) -> None:
        """Fill the left navigation."""
        orders = Item(label=_("Orders"), url_name="sc_console:orders", icon="orders", scope="orders:read")
        packages = (
            Item(
                label=_("All packages"), url_name="sc_console:packages", icon="package", scope="packages:read"
            ),
            Item(label=_("Preparing"), url_name="sc_console:preparing", icon="stock", scope="packages:read"),
            Item(label=_("Shipped"), url_name="sc_console:shipped", icon="truck", scope="packages:read"),
        )
        sellers = Item(
            label=_("Sellers"),
            url_name="sc_console:sellers",
            icon="seller",
            scope="sellers:read",
            visible=_owner,
        )
        hooks = Item(
            label=_("Webhooks"), url_name="webhooks:hooks", icon="webhook", scope="hooks:read", visible=_owner
        )
        register(
            "Seller Center",
            home="sc_console:orders",
            sections=(
                Section(label="", items=(orders,)),
                Section(label=_("Packages"), items=packages),
                Section(label=_("Marketplace"), items=(sellers, hooks)),
            ),
        )
