"""Locations room."""

from django.apps import AppConfig


class LocationsConfig(AppConfig):
    name = "ambar.oms.locations"
    label = "oms_locations"
    verbose_name = "Locations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.kit import outbox
        from ambar.oms.locations import announcing
        from ambar.oms.locations.domain import events

        for type_ in events.ALL:
            outbox.register_event(type_, events.KIND, scoped=False)
        outbox.register_publisher(events.KIND, announcing.publish)
