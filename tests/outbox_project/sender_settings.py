"""Settings of the sender."""

from ambar.kit.deployment import django_settings

globals().update(
    django_settings(
        system="sender",
        rooms=["tests.outbox_project.sender.apps.SenderConfig"],
        urls="tests.outbox_project.sender_urls",
        default_port=0,
    )
)
