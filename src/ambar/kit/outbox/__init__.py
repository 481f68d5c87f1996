"""Events to other systems and from them.

Sending: a room registers its event types, records events in its own transaction with :func:`record`, and the
delivery engine of the worker process posts them to the subscribed hooks: signed, in order per hook and
aggregate, retried, at least once. Receiving: :mod:`ambar.kit.outbox.inbox`.
"""

from __future__ import annotations

from typing import Any

from ambar.kit.outbox.callers import CALLER_HEADER, Caller, caller_of
from ambar.kit.outbox.events import HEARD, UNHEARD, Event, listened, record, together, wanted
from ambar.kit.outbox.registry import (
    bind_hooks,
    oversee,
    register_event,
    register_publisher,
    register_scope,
    spare_callers,
)

__all__ = [
    "CALLER_HEADER", "HEARD", "UNHEARD", "Caller", "Event", "bind_hooks", "caller_of", "hooks_router", "inbox", "listened", "oversee", "record", "register_event", "register_publisher",
    "register_scope", "spare_callers", "together", "wanted",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    # Both need loaded models, and this package is imported while Django collects its applications.
    if name == "hooks_router":
        from ambar.kit.outbox import received_api, replays_api

        assert received_api.hooks_router is replays_api.hooks_router
        return replays_api.hooks_router
    if name == "inbox":
        import importlib

        return importlib.import_module("ambar.kit.outbox.inbox")
    raise AttributeError(name)
