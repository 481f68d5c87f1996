"""Addresses of the Seller Center's screens."""

from django.urls import include, path
from django.views.generic import RedirectView

from ambar.seller_center.console import screens

console = (
    [
        path("", RedirectView.as_view(pattern_name="sc_console:orders"), name="home"),
        path("orders/", screens.orders, name="orders"),
        path("orders/<int:pk>/", screens.order, name="order"),
        path("packages/", screens.packages, name="packages"),
        path("packages/preparing/", screens.preparing, name="preparing"),
        path("packages/shipped/", screens.shipped, name="shipped"),
        path("packages/<int:pk>/", screens.package, name="package"),
        path("sellers/", screens.sellers, name="sellers"),
    ],
    "sc_console",
)

urlpatterns = [
    path("", include(console)),
    path("", include("ambar.kit.ui.urls")),
    path("webhooks/", include("ambar.kit.ui.webhooks.urls")),
]
