"""Outbound HTTP: every address is judged when it is named and again when it is connected to.

`guard.check(url)` for what people type in, `client(...)` for API calls, `session(...)` for deliveries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import guard
from .guard import AddressRefused

if TYPE_CHECKING:
    from .calls import client
    from .sessions import session

__all__ = ["AddressRefused", "client", "guard", "session"]


def __getattr__(name: str) -> Any:
    # httpx2 and aiohttp are only loaded by who calls out.
    if name == "client":
        from .calls import client

        return client
    if name == "session":
        from .sessions import session

        return session
    raise AttributeError(name)
