"""Where the room `places` is plugged in."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "ambar.seller_center.places"
    label = "sc_places"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.seller_center.places import jobs  # noqa: F401  registers the job
