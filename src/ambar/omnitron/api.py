"""Omnitron's REST interface: each room's `api.router`, sign-in and hooks beside it.

Shapes follow the public pages of Akinon Omnitron; unknown filter keys are ignored, as its clients expect.
"""

from importlib import import_module
from importlib.util import find_spec

from ambar.kit import outbox, rest
from ambar.omnitron.rooms import built

api = rest.api("Ambar Omnitron", system="omnitron", strict_filters=False)
api.add_router("", rest.login_router)
api.add_router("/whisperer", outbox.hooks_router)

for _room in built():
    if find_spec(f"{_room}.api") is not None:
        api.add_router("", import_module(f"{_room}.api").router)
