from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "ambar.kit.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from . import jobs  # noqa: F401
