"""The wire all three systems speak: tokens, strict JSON, lists, filters, error bodies, idempotency keys.

Names are loaded on first use: Django imports this package before its models are ready.
Source: the public contract of the Omnitron API (errors, lists, login), which its own clients rely on.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answers import Raw, dumps
    from .application import Api, Endpoint, Router, api, endpoints, needs, public, signed_in
    from .bodies import Body, Id, Moment, OpenBody
    from .filters import (
        Filters,
        boolean,
        choice_in,
        contains,
        date,
        datetime,
        decimal,
        exact,
        id_list,
        iexact,
        integer,
        text,
    )  # fmt: skip
    from .idempotency import idempotent
    from .lists import page, page_of, refuse_unknown
    from .login import login_router
    from .receiving import receiver
    from .strict_json import loads

_PLACES = {
    "answers": ("Raw", "dumps"),
    "application": ("Api", "Endpoint", "Router", "api", "endpoints", "needs", "public", "signed_in"),
    "bodies": ("Body", "Id", "Moment", "OpenBody"),
    "filters": (
        "Filters", "boolean", "choice_in", "contains", "date", "datetime", "decimal", "exact", "id_list", "iexact",
        "integer", "text",
    ),
    "idempotency": ("idempotent",),
    "lists": ("page", "page_of", "refuse_unknown"),
    "login": ("login_router",),
    "receiving": ("receiver",),
    "strict_json": ("loads",),
}  # fmt: skip
_HOME = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [
    "Api", "Body", "Endpoint", "Filters", "Id", "Moment", "OpenBody", "Raw", "Router", "api", "boolean", "choice_in",
    "contains", "date", "datetime", "decimal", "dumps", "endpoints", "exact", "id_list", "idempotent", "iexact",
    "integer", "loads", "login_router", "needs", "page", "page_of", "public", "receiver", "refuse_unknown", "signed_in",
    "text",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
