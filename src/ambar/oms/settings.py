"""Django settings of the OMS. Everything that can be configured is in `ambar.kit.config`."""

from ambar.kit.deployment import django_settings
from ambar.oms.rooms import built

globals().update(django_settings(system="oms", rooms=built(), urls="ambar.oms.urls", default_port=8001))
