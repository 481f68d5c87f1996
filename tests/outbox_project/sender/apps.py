from django.apps import AppConfig


class SenderConfig(AppConfig):
    name = "tests.outbox_project.sender"
    label = "parcel_sender"

    def ready(self) -> None:
        from ambar.kit import outbox

        for state in ("preparing", "packed", "shipped", "delivered"):
            outbox.register_event(f"parcel.{state}", "parcel")
