"""Roles of the Seller Center and what each may do (scopes). Source: "Seller Center": Seller, Marketplace Owner."""

from django.utils.translation import gettext_lazy as _

from ambar.kit import accounts

EVERY_SELLER = "marketplace:all"
"""Holders see the rows of all sellers; everybody else only those of the seller they are bound to."""

READS = {
    "sellers:read",
    "places:read",
    "products:read",
    "offers:read",
    "delivery:read",
    "orders:read",
    "packages:read",
}
MARKETPLACE_OWNER = READS | {
    EVERY_SELLER,
    "sellers:write",
    "places:write",
    "products:write",
    "offers:write",
    "delivery:write",
    "orders:write",
    "settings:read",
    "settings:write",
    "omnitron:events",
    "oms:read",
    "hooks:read",
    "hooks:write",
}
SELLER = READS | {"offers:write"}
OMS = {"oms:read", "oms:write", "oms:events", "packages:read", "hooks:read", "hooks:write"}


def register() -> None:
    """Called once at start by the room's AppConfig."""
    accounts.register_role("marketplace_owner", set(MARKETPLACE_OWNER), _("Marketplace owner"))
    accounts.register_role("seller", set(SELLER), _("Seller"), bound="seller_id")
    accounts.register_role("oms", set(OMS), _("OMS of a seller"), bound="seller_id")
    accounts.register_role("omnitron", {"omnitron:events"}, _("Commerce hub"))
