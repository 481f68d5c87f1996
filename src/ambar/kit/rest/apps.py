from django.apps import AppConfig


class RestConfig(AppConfig):
    name = "ambar.kit.rest"
    label = "rest"
    verbose_name = "REST"

    def ready(self) -> None:
        from django.conf import urls

        from . import jobs, shed, wire  # noqa: F401

        shed.register()
        urls.handler500 = wire.server_error  # type: ignore[assignment]
