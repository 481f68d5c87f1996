"""Events to other systems and from them.

Sending: a room registers its event types, records events in its own transaction with :func:`record`, and the
delivery engine of the worker process posts them to the subscribed hooks: signed, in order per hook and
aggregate, retried, at least once. Receiving: :mod:`ambar.kit.outbox.inbox`.
"""

from __future__ import annotations

from typing import Any

from ambar.kit.outbox.events import Event, record, together
from ambar.kit.outbox.registry import register_event

__all__ = ["Event", "hooks_router", "inbox", "record", "register_event", "together"]


def __getattr__(name: str) -> Any:
    # Both need loaded models, and this package is imported while Django collects its applications.
    if name == "hooks_router":
        from ambar.kit.outbox.api import hooks_router

        return hooks_router
    if name == "inbox":
        import importlib

        return importlib.import_module("ambar.kit.outbox.inbox")
    raise AttributeError(name)
