from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "ambar.kit.work"
    label = "work"
    verbose_name = "Background work"

    def ready(self) -> None:
        from ambar.kit import moments

        from . import heartbeats, long_transactions, schedule

        moments.read_sooner()
        schedule.bind_jobs()
        heartbeats.register()
        long_transactions.register()
