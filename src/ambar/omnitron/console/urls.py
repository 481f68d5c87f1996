"""Addresses of Omnitron's screens."""

from django.urls import include, path
from django.views.generic import RedirectView

from ambar.omnitron.console import screens

console = (
    [
        path("", RedirectView.as_view(pattern_name="omnitron_console:orders"), name="home"),
        path("orders/", screens.orders, name="orders"),
        path("orders/<int:pk>/", screens.order, name="order"),
        path("products/", screens.products, name="products"),
        path("stock/", screens.stock, name="stock"),
        path("stores/", screens.stores, name="stores"),
        path("channels/", screens.channels, name="channels"),
    ],
    "omnitron_console",
)

urlpatterns = [
    path("", include(console)),
    path("", include("ambar.kit.ui.urls")),
    path("webhooks/", include("ambar.kit.ui.webhooks.urls")),
]
