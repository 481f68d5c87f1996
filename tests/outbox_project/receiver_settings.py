"""Settings of the receiver."""

from ambar.kit.deployment import django_settings

globals().update(
    django_settings(
        system="receiver",
        rooms=["tests.outbox_project.receiver.apps.ReceiverConfig"],
        urls="tests.outbox_project.receiver_urls",
        default_port=0,
    )
)
