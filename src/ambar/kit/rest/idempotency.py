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

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja.operation import Operation
from ninja.utils import contribute_operation_callback

from .. import clock, failpoints, prepared
from ..refusals import Invalid
from .answers import Raw
from .failures import KeyReused
from .models import StoredAnswer

KEPT = timedelta(days=7)
View = TypeVar("View", bound=Callable[..., Any])


@overload
def idempotent(view: View) -> View: ...


@overload
def idempotent(
    *, ahead: Callable[..., None], wanted: Callable[..., bool] | None = None
) -> Callable[[View], View]: ...


def idempotent(
    view: Any = None,
    *,
    ahead: Callable[..., None] | None = None,
    wanted: Callable[..., bool] | None = None,
) -> Any:
    """Marks a route that honours `Idempotency-Key`, per caller. Goes under the route decorator.

    :param ahead: what has to be done before the transaction of the act opens (asking other services); called with the
        arguments of the view, and not at all when the key's answer is known.
    :param wanted: whether there may be anything to do ahead, with the same arguments; where it says no, neither `ahead`
        nor the look for a known answer before the act is made.
    """

    def mark(marked: Any) -> Any:
        contribute_operation_callback(marked, functools.partial(_wrap, ahead=ahead, wanted=wanted))
        return marked

    return mark if view is None else mark(view)


def purge(*, now: datetime) -> int:
    """Forgets answers older than a week; returns how many."""
    return StoredAnswer.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _wrap(
    operation: Operation,
    *,
    ahead: Callable[..., None] | None = None,
    wanted: Callable[..., bool] | None = None,
) -> None:
    inner = operation.view_func

    @functools.wraps(inner)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return inner(request, *args, **kwargs)
        first = None
        if ahead is not None and (wanted is None or wanted(request, *args, **kwargs)):
            first = functools.partial(ahead, request, *args, **kwargs)
        return _once(request, key, functools.partial(inner, request, *args, **kwargs), first)

    operation.view_func = view


def _once(
    request: HttpRequest, key: str, act: Callable[[], Any], ahead: Callable[[], None] | None = None
) -> HttpResponse:
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Invalid(fields={"Idempotency-Key": ["Must have 1 to 255 printable characters."]})
    principal = request.principal  # type: ignore[attr-defined]
    call = (principal.user_id if principal else 0, f"{request.method} {request.path}"[:300], key)
    digest = hashlib.sha256(request.META.get("QUERY_STRING", "").encode() + b"\0" + request.body).hexdigest()
    if ahead is not None and _known(call) is None:
        ahead()
    with transaction.atomic():
        with prepared.cursor() as cursor:
            cursor.execute(_CLAIM, [*call, digest, clock.now()])
            claimed = cursor.fetchone()
        if claimed is None:
            return _again(_known(call), digest)
        answer = _answer(request, act())
        said = (answer.status_code, answer.headers.get("Content-Type", ""), bytes(answer.content))
        if said != _NOTHING_SAID:
            with prepared.cursor() as cursor:
                cursor.execute(_KEEP, [*said, claimed[0]])
        failpoints.reach("command_before_commit")
    return answer


_CLAIM = """
insert into rest_idempotency (user_id, route, key, body_hash, status, content_type, body, created_at)
values (%s::bigint, %s, %s, %s, 204, '', '', %s::timestamptz)
on conflict (user_id, route, key) do nothing returning id
"""
"""Whoever comes second waits here until the first has committed (and finds its answer) or was refused (and goes on)."""
_NOTHING_SAID = (204, "", b"")
"""The answer a claim begins with, which is that of most acts."""
_KEEP = (
    "update rest_idempotency set status = %s::smallint, content_type = %s, body = %s where id = %s::bigint"
)
_KNOWN = """
select body_hash, status, content_type, body from rest_idempotency
 where user_id = %s::bigint and route = %s and key = %s
"""
Call = tuple[int, str, str]
Known = tuple[str, int, str, bytes]


def _known(call: Call) -> Known | None:
    with prepared.cursor() as cursor:
        cursor.execute(_KNOWN, call)
        found: Known | None = cursor.fetchone()
    return found


def _again(known: Known | None, digest: str) -> HttpResponse:
    if known is None:
        raise RuntimeError("an answer under this key was there, and is gone")
    body_hash, status, content_type, body = known
    if body_hash != digest:
        raise KeyReused()
    headers = {"Idempotent-Replayed": "true"}
    if content_type:
        headers["Content-Type"] = content_type
    return Raw(status, bytes(body), headers)


def _answer(request: HttpRequest, result: Any) -> HttpResponse:
    if isinstance(result, HttpResponse):
        return result
    status = 200
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], int):
        status, result = result
    elif hasattr(result, "status_code") and hasattr(result, "value"):
        status, result = result.status_code, result.value
    return Raw(status, result)
