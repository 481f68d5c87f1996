"""Where the room `sellers` is plugged in."""

from django.apps import AppConfig


class SellersConfig(AppConfig):
    name = "ambar.seller_center.sellers"
    label = "sc_sellers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.kit import outbox
        from ambar.seller_center.sellers import isolation, roles

        roles.register()
        outbox.bind_hooks(isolation.hook_scope)
        outbox.oversee(isolation.sees_all)
