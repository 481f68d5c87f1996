"""Addresses of the OMS's screens."""

from django.urls import include, path

from ambar.oms.console.screens import configuration, floor, home, intake, orders, packages, why

console = (
    [
        path("", home.home, name="home"),
        path("orders/", orders.orders, name="orders"),
        path("orders/<int:pk>/", orders.order, name="order"),
        path("orders/<int:pk>/why/", why.why_here, name="why"),
        path("packages/", packages.packages, name="packages"),
        path("packages/<int:pk>/", packages.package, name="package"),
        path("packages/<int:pk>/action/", packages.act, name="act"),
        path("quarantine/", intake.quarantine, name="quarantine"),
        path("quarantine/<int:pk>/", intake.quarantined, name="quarantined"),
        path("quarantine/<int:pk>/retry/", intake.retry, name="retry"),
        path("locations/", floor.locations, name="locations"),
        path("stock/", floor.stock, name="stock"),
        path("settings/", configuration.settings, name="settings"),
        path("settings/setup/", configuration.setup, name="setup"),
        path("settings/setup/<slug:step>/run/", configuration.run_step, name="run_step"),
        path("settings/doctor/", configuration.doctor, name="doctor"),
    ],
    "oms_console",
)

urlpatterns = [
    path("", include(console)),
    path("", include("ambar.kit.ui.urls")),
    path("webhooks/", include("ambar.kit.ui.webhooks.urls")),
]
