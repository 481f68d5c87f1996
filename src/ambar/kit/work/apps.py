from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "ambar.kit.work"
    label = "work"
    verbose_name = "Background work"

    def ready(self) -> None:
        from . import heartbeats, long_transactions, schedule

        schedule.bind_jobs()
        heartbeats.register()
        long_transactions.register()
