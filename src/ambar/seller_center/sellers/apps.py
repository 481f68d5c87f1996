"""Where the room `sellers` is plugged in."""

from django.apps import AppConfig


class SellersConfig(AppConfig):
    name = "ambar.seller_center.sellers"
    label = "sc_sellers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.seller_center.sellers import roles

        roles.register()
