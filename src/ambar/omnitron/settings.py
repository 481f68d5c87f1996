"""Django settings of Omnitron. Everything that can be configured is in `ambar.kit.config`."""

from ambar.kit.deployment import django_settings
from ambar.omnitron.rooms import built

globals().update(
    django_settings(system="omnitron", rooms=built(), urls="ambar.omnitron.urls", default_port=8003)
)
