from django.apps import AppConfig


class ReceiverConfig(AppConfig):
    name = "tests.outbox_project.receiver"
    label = "parcel_receiver"

    def ready(self) -> None:
        from ambar.kit.outbox import inbox
        from tests.outbox_project import receiving

        inbox.loop("parcel events", ["parcel.*"], receiving.apply, idle_seconds=0.5)
