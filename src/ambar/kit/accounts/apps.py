from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "ambar.kit.accounts"
    label = "accounts"
    verbose_name = "Accounts"
