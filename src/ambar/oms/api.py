"""The OMS's REST interface: each room's `api.router` under `oms/`, sign-in and hooks beside it."""

from importlib import import_module
from importlib.util import find_spec

from ambar.kit import outbox, rest
from ambar.oms.rooms import built

api = rest.api("Ambar OMS", system="oms", strict_filters=True)
api.add_router("", rest.login_router)
api.add_router("/whisperer", outbox.hooks_router)

for _room in built():
    if find_spec(f"{_room}.api") is not None:
        api.add_router("/oms", import_module(f"{_room}.api").router)
