from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "ambar.kit.work"
    label = "work"
    verbose_name = "Background work"

    def ready(self) -> None:
        from . import heartbeats, schedule

        schedule.bind_jobs()
        heartbeats.register()
