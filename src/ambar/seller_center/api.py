"""The Seller Center's APIs: its own (`/api/v1/`), the OMS application's, and sellers' software's (`/api/i2/`)."""

from __future__ import annotations

from ambar.kit import outbox, rest
from ambar.seller_center.catalogue.api import router as catalogue
from ambar.seller_center.delivery.api import router as delivery
from ambar.seller_center.forwarding.api import router as forwarding
from ambar.seller_center.offers.api import router as offers
from ambar.seller_center.omnitron_link.api import router as omnitron_link
from ambar.seller_center.oms_application.api import api as oms_application
from ambar.seller_center.orders.api import router as orders
from ambar.seller_center.packages.api import i2_router
from ambar.seller_center.packages.api import router as packages
from ambar.seller_center.places.api import router as places
from ambar.seller_center.sellers.api import router as sellers

__all__ = ["api", "i2", "oms_application"]

api = rest.api("Seller Center", system="seller_center", strict_filters=True)
for router in (omnitron_link, sellers, places, catalogue, offers, delivery, orders, packages, forwarding):
    api.add_router("", router)
api.add_router("", rest.login_router)
api.add_router("/whisperer", outbox.hooks_router)

i2 = rest.api("Seller Center for sellers", system="seller_center", strict_filters=False, version="2")
i2.add_router("", i2_router)
