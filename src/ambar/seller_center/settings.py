"""Django settings of the Seller Center: its rooms, bottom first."""

from importlib.util import find_spec

from ambar.kit import deployment

ROOMS = [
    "ambar.seller_center.omnitron_link.apps.OmnitronLinkConfig",
    "ambar.seller_center.sellers.apps.SellersConfig",
    "ambar.seller_center.places.apps.PlacesConfig",
    "ambar.seller_center.catalogue.apps.CatalogueConfig",
    "ambar.seller_center.offers.apps.OffersConfig",
    "ambar.seller_center.delivery.apps.DeliveryConfig",
    "ambar.seller_center.orders.apps.OrdersConfig",
    "ambar.seller_center.packages.apps.PackagesConfig",
    "ambar.seller_center.forwarding.apps.ForwardingConfig",
    "ambar.seller_center.handover.apps.HandoverConfig",
    "ambar.seller_center.oms_application.apps.OmsApplicationConfig",
]

if find_spec("ambar.seller_center.console.apps") if find_spec("ambar.seller_center.console") else None:
    ROOMS.append("ambar.seller_center.console.apps.ConsoleConfig")

globals().update(
    deployment.django_settings(
        system="seller_center", rooms=ROOMS, urls="ambar.seller_center.urls", default_port=8002
    )
)
