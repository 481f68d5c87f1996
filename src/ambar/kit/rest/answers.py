"""Answers: rendering to JSON, and an answer with its own status."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from ninja.renderers import BaseRenderer
from pydantic import BaseModel

from .. import clock

JSON = "application/json"
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def plain(value: Any) -> Any:
    """What JSON has no form for, in the form the wire gives it.

    :raises TypeError: it has none.
    """
    if isinstance(value, datetime):
        return clock.iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | Promise):
        return str(value)
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "__iter__"):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no place in an answer")


def dumps(data: Any) -> bytes:
    """JSON bytes; moments as `…Z`, decimals as strings."""
    try:
        return orjson.dumps(data, default=plain, option=_OPTIONS)
    except TypeError:
        # Integers beyond 64 bits and lone surrogates are beyond orjson.
        return json.dumps(data, default=plain, allow_nan=False).encode()


class Renderer(BaseRenderer):
    """Renders what endpoints return."""

    media_type = JSON

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return dumps(data)


class Raw(HttpResponse):
    """An answer with its own status and headers; a mapping or list becomes JSON, bytes are sent as they are.

    204 and bodies of None are sent empty.
    """

    def __init__(
        self,
        status: int,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        content_type: str = JSON,
    ) -> None:
        if body is None:
            content = b""
        elif isinstance(body, bytes):
            content = body
        else:
            content = dumps(body)
        own = dict(headers or {})
        kind = own.pop("Content-Type", content_type)
        super().__init__(content, status=status, content_type=kind, headers=own)
        if not content:
            del self.headers["Content-Type"]
            self.headers["Content-Length"] = "0"
