"""`Idempotency-Key`: the same key with the same body gets the first answer again, and acts once.

Calls with one key wait for each other; the answer is stored in the transaction of the act, so either both
exist or neither. A refused call stores nothing and may be tried again with the same key.
Source: our decision (commands), after the IETF draft "The Idempotency-Key HTTP Header Field".
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar, overload

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from ninja.operation import Operation
from ninja.utils import contribute_operation_callback

from .. import clock
from ..refusals import Invalid
from .answers import Raw
from .failures import KeyReused
from .models import StoredAnswer

KEPT = timedelta(days=7)
View = TypeVar("View", bound=Callable[..., Any])


@overload
def idempotent(view: View) -> View: ...


@overload
def idempotent(*, ahead: Callable[..., None]) -> Callable[[View], View]: ...


def idempotent(view: Any = None, *, ahead: Callable[..., None] | None = None) -> Any:
    """Marks a route that honours `Idempotency-Key`, per caller. Goes under the route decorator.

    :param ahead: what has to be done before the transaction of the act opens (asking other services); called with the
        arguments of the view, and not at all when the key's answer is known.
    """

    def mark(marked: Any) -> Any:
        contribute_operation_callback(marked, functools.partial(_wrap, ahead=ahead))
        return marked

    return mark if view is None else mark(view)


def purge(*, now: datetime) -> int:
    """Forgets answers older than a week; returns how many."""
    return StoredAnswer.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _wrap(operation: Operation, *, ahead: Callable[..., None] | None = None) -> None:
    inner = operation.view_func

    @functools.wraps(inner)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return inner(request, *args, **kwargs)
        first = functools.partial(ahead, request, *args, **kwargs) if ahead is not None else None
        return _once(request, key, functools.partial(inner, request, *args, **kwargs), first)

    operation.view_func = view


def _once(
    request: HttpRequest, key: str, act: Callable[[], Any], ahead: Callable[[], None] | None = None
) -> HttpResponse:
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Invalid(fields={"Idempotency-Key": ["Must have 1 to 255 printable characters."]})
    principal = request.principal  # type: ignore[attr-defined]
    user_id = principal.user_id if principal else 0
    route = f"{request.method} {request.path}"[:300]
    digest = hashlib.sha256(request.META.get("QUERY_STRING", "").encode() + b"\0" + request.body).hexdigest()
    stored = StoredAnswer.objects.filter(user_id=user_id, route=route, key=key)
    if ahead is not None and not stored.exists():
        ahead()
    with transaction.atomic():
        _wait_turn(f"{user_id} {route} {key}")
        known = stored.first()
        if known is not None:
            return _again(known, digest)
        answer = _answer(request, act())
        StoredAnswer.objects.create(
            user_id=user_id,
            route=route,
            key=key,
            body_hash=digest,
            status=answer.status_code,
            content_type=answer.headers.get("Content-Type", ""),
            body=bytes(answer.content),
            created_at=clock.now(),
        )
    return answer


def _wait_turn(name: str) -> None:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [number])


def _again(known: StoredAnswer, digest: str) -> HttpResponse:
    if known.body_hash != digest:
        raise KeyReused()
    headers = {"Idempotent-Replayed": "true"}
    if known.content_type:
        headers["Content-Type"] = known.content_type
    return Raw(known.status, bytes(known.body), headers)


def _answer(request: HttpRequest, result: Any) -> HttpResponse:
    if isinstance(result, HttpResponse):
        return result
    status = 200
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], int):
        status, result = result
    elif hasattr(result, "status_code") and hasattr(result, "value"):
        status, result = result.status_code, result.value
    return Raw(status, result)
