"""Addresses of the OMS's screens."""

from django.urls import include, path, register_converter

from ambar.oms.console import floor_urls
from ambar.oms.console.screens import (
    application_settings,
    configuration,
    doctor,
    dry_run,
    floor,
    home,
    intake,
    learned_names,
    locations,
    movements,
    orders,
    packages,
    quarantine_causes,
    refused_orders,
    scenario_editing,
    scenarios,
    shipping_costs,
    stock_books,
    stock_engines,
    stock_files,
    suggest,
    transfers,
    why,
)


class KindConverter:
    """`scenarios` and `transfer-scenarios` in an address as the kinds they are."""

    regex = "scenarios|transfer-scenarios"

    def to_python(self, value: str) -> str:
        """The kind's name."""
        return "transfer" if value == "transfer-scenarios" else "distribution"

    def to_url(self, value: str) -> str:
        """The kind's address."""
        return "transfer-scenarios" if value == "transfer" else "scenarios"


register_converter(KindConverter, "kind")

console = (
    [
        path("", home.home, name="home"),
        path("orders/", orders.orders, name="orders"),
        path("orders/<int:pk>/", orders.order, name="order"),
        path("orders/<int:pk>/why/", why.why_here, name="why"),
        path("packages/", packages.packages, name="packages"),
        path("packages/<int:pk>/", packages.package, name="package"),
        path("packages/<int:pk>/action/", packages.act, name="act"),
        path("transfers/", transfers.transfers, name="transfers"),
        path("transfers/<int:pk>/", transfers.transfer, name="transfer"),
        path("transfers/<int:pk>/action/", transfers.act, name="act_transfer"),
        path("quarantine/", intake.quarantine, name="quarantine"),
        path("quarantine/causes/", quarantine_causes.causes, name="quarantine_causes"),
        path("quarantine/causes/release/", quarantine_causes.release, name="release_cause"),
        path("quarantine/refused/", refused_orders.refused, name="refused_orders"),
        path("quarantine/names/", learned_names.learned, name="learned_names"),
        path("quarantine/names/teach/", learned_names.teach, name="teach_name"),
        path("quarantine/names/<int:pk>/forget/", learned_names.forget, name="forget_name"),
        path("quarantine/<int:pk>/", intake.quarantined, name="quarantined"),
        path("quarantine/<int:pk>/retry/", intake.retry, name="retry"),
        path("quarantine/<int:pk>/rename/", intake.rename, name="rename_order"),
        path("<kind:kind>/", scenarios.scenarios, name="scenarios"),
        path("<kind:kind>/new/", scenario_editing.edit, name="new_scenario"),
        path("<kind:kind>/<int:pk>/", scenarios.scenario, name="scenario"),
        path("<kind:kind>/<int:pk>/edit/", scenario_editing.edit, name="edit_scenario"),
        path("<kind:kind>/<int:pk>/switch/", scenarios.switch, name="switch_scenario"),
        path("<kind:kind>/<int:pk>/copy/", scenarios.copy, name="copy_scenario"),
        path("<kind:kind>/<int:pk>/delete/", scenarios.delete, name="delete_scenario"),
        path("<kind:kind>/<int:pk>/back/", scenarios.back, name="back_scenario"),
        path("<kind:kind>/<int:pk>/move/", scenarios.move, name="move_scenario"),
        path("<kind:kind>/<int:pk>/rules/new/", scenario_editing.rule, name="new_rule"),
        path("<kind:kind>/<int:pk>/rules/<int:index>/", scenario_editing.rule, name="edit_rule"),
        path(
            "<kind:kind>/<int:pk>/rules/<int:index>/arrange/", scenario_editing.arrange, name="arrange_rule"
        ),
        path("suggest/<slug:what>/", suggest.suggest, name="suggest"),
        path("dry-run/", dry_run.try_order, name="dry_run"),
        path("shipping-costs/", shipping_costs.shipping_costs, name="shipping_costs"),
        path("shipping-costs/back/", shipping_costs.back, name="back_shipping_costs"),
        path("locations/", floor.locations, name="locations"),
        path("locations/new/", locations.location, name="new_location"),
        path("locations/<int:pk>/", locations.location, name="location"),
        path("stock/", floor.stock, name="stock"),
        path("stock/why/<int:location>/<int:product>/", stock_books.why, name="stock_why"),
        path("stock/check/", stock_books.check, name="stock_check"),
        path("stock/imports/", stock_files.imports, name="stock_imports"),
        path("stock/imports/<int:pk>/", stock_files.stock_import, name="stock_import"),
        path("stock/imports/<int:pk>/turn/", stock_files.turn, name="turn_import"),
        path("engines/", stock_engines.engines, name="engines"),
        path("engines/new/", stock_engines.engine, name="new_engine"),
        path("engines/<int:pk>/", stock_engines.engine, name="engine"),
        path("engines/<int:pk>/try/", stock_engines.ask, name="ask_engine"),
        path("engines/<int:pk>/delete/", stock_engines.delete, name="delete_engine"),
        path("locations/movements/", movements.movements, name="movements"),
        path("settings/", configuration.settings, name="settings"),
        path("settings/values/<slug:key>/", application_settings.setting, name="setting"),
        path("settings/setup/", configuration.setup, name="setup"),
        path("settings/setup/<slug:step>/run/", configuration.run_step, name="run_step"),
        path("settings/doctor/", doctor.doctor, name="doctor"),
        path("settings/doctor/look/", doctor.look, name="examine"),
        path("settings/doctor/mend/", doctor.fix, name="mend"),
        path("settings/doctor/walk/", doctor.walk_through, name="walk"),
        *floor_urls.paths,
    ],
    "oms_console",
)

urlpatterns = [
    path("", include(console)),
    path("", include("ambar.kit.ui.urls")),
    path("webhooks/", include("ambar.kit.ui.webhooks.urls")),
]
