"""A tiny system for the tests of the kit."""

from ambar.kit.deployment import django_settings

globals().update(
    django_settings(
        system="kit",
        rooms=[],
        urls="tests.kit_project.urls",
        default_port=8099,
    )
)
