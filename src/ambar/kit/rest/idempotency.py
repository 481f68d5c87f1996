"""`Idempotency-Key`: the same key with the same body gets the first answer again, and acts once.

Calls with one key wait for each other; the answer is stored in the transaction of the act, so either both
exist or neither. A refused call stores nothing and may be tried again with the same key.
Source: our decision (commands), after the IETF draft "The Idempotency-Key HTTP Header Field".
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    *,
    ahead: Callable[..., None] | None = None,
    wanted: Callable[..., bool] | None = None,
    together: Callable[..., Any] | None = None,
) -> Callable[[View], View]: ...


def idempotent(
    view: Any = None,
    *,
    ahead: Callable[..., None] | None = None,
    wanted: Callable[..., bool] | None = None,
    together: Callable[..., Any] | None = None,
) -> Any:
    """Marks a route that honours `Idempotency-Key`, per caller. Goes under the route decorator.

    :param ahead: what has to be done before the transaction of the act opens (asking other services); called with the
        arguments of the view, and not at all when the key's answer is known.
    :param wanted: whether there may be anything to do ahead, with the same arguments; where it says no, neither `ahead`
        nor the look for a known answer before the act is made.
    :param together: does the act instead of the view where there is nothing to do ahead: `together(request, claim, …)`
        with the arguments of the view. It makes the claim (None without a key) in the transaction of the act (`claim`,
        `keep`, `let_go`), and may do so with those of other callers.
    """

    def mark(marked: Any) -> Any:
        wrap = functools.partial(_wrap, ahead=ahead, wanted=wanted, together=together)
        contribute_operation_callback(marked, wrap)
        return marked

    return mark if view is None else mark(view)


def purge(*, now: datetime) -> int:
    """Forgets answers older than a week; returns how many."""
    return StoredAnswer.objects.filter(created_at__lt=now - KEPT).delete()[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One caller's key on one route, and the digest of what was asked under it."""

    user_id: int
    route: str
    key: str
    digest: str


def _wrap(
    operation: Operation,
    *,
    ahead: Callable[..., None] | None = None,
    wanted: Callable[..., bool] | None = None,
    together: Callable[..., Any] | None = None,
) -> None:
    inner = operation.view_func

    @functools.wraps(inner)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        mine = _claim_of(request)
        if mine is None and together is None:
            return inner(request, *args, **kwargs)
        asks = ahead is not None and (wanted is None or wanted(request, *args, **kwargs))
        if together is not None and not asks:
            return together(request, mine, *args, **kwargs)
        if mine is None:
            return inner(request, *args, **kwargs)
        first = functools.partial(ahead, request, *args, **kwargs) if ahead is not None and asks else None
        return _once(request, mine, functools.partial(inner, request, *args, **kwargs), first)

    operation.view_func = view


def _claim_of(request: HttpRequest) -> Claim | None:
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Invalid(fields={"Idempotency-Key": ["Must have 1 to 255 printable characters."]})
    principal = request.principal  # type: ignore[attr-defined]
    asked = request.META.get("QUERY_STRING", "").encode() + b"\0" + request.body
    return Claim(
        user_id=principal.user_id if principal else 0,
        route=f"{request.method} {request.path}"[:300],
        key=key,
        digest=hashlib.sha256(asked).hexdigest(),
    )


def _once(
    request: HttpRequest, mine: Claim, act: Callable[[], Any], ahead: Callable[[], None] | None = None
) -> HttpResponse:
    if ahead is not None and _known(mine) is None:
        ahead()
    with transaction.atomic():
        claimed = claim([mine], now=clock.now())
        if not claimed:
            return again(mine)
        answer = _answer(request, act())
        keep(claimed[mine], answer)
        failpoints.reach("command_before_commit")
    return answer


_CLAIM = """
insert into rest_idempotency (user_id, route, key, body_hash, status, content_type, body, created_at)
select user_id, route, key, digest, 204, '', '', %s::timestamptz
  from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) as c(user_id, route, key, digest)
 order by user_id, route, key
on conflict (user_id, route, key) do nothing returning id, user_id, route, key
"""
"""Whoever comes second waits here until the first has committed (and finds its answer) or was refused (and goes on)."""
_NOTHING_SAID = (204, "", b"")
"""The answer a claim begins with, which is that of most acts."""
_KEEP = (
    "update rest_idempotency set status = %s::smallint, content_type = %s, body = %s where id = %s::bigint"
)
_LET_GO = "delete from rest_idempotency where id = any(%s::bigint[])"
_KNOWN = """
select body_hash, status, content_type, body from rest_idempotency
 where user_id = %s::bigint and route = %s and key = %s
"""
Known = tuple[str, int, str, bytes]


def claim(claims: Sequence[Claim], *, now: datetime) -> dict[Claim, int]:
    """Take the keys in the caller's transaction; `{claim: id}` of those that were free. The others have an answer (`again`)."""
    if not claims:
        return {}
    by_key = {(one.user_id, one.route, one.key): one for one in claims}
    columns = [
        prepared.numbers(one.user_id for one in claims),
        [one.route for one in claims],
        [one.key for one in claims],
        [one.digest for one in claims],
    ]
    with prepared.cursor() as cursor:
        cursor.execute(_CLAIM, [now, *columns])
        return {by_key[row[1], row[2], row[3]]: row[0] for row in cursor.fetchall()}


def keep(claim_id: int, answer: HttpResponse) -> None:
    """Keep what was answered under a claimed key."""
    said = (answer.status_code, answer.headers.get("Content-Type", ""), bytes(answer.content))
    if said != _NOTHING_SAID:
        with prepared.cursor() as cursor:
            cursor.execute(_KEEP, [*said, claim_id])


def let_go(claim_ids: Sequence[int]) -> None:
    """Free the keys of calls that were refused, while others of the transaction stand."""
    if claim_ids:
        with prepared.cursor() as cursor:
            cursor.execute(_LET_GO, [prepared.numbers(claim_ids)])


def again(taken: Claim) -> HttpResponse:
    """The answer that was given under this key.

    :raises KeyReused: something else was asked under it.
    """
    known = _known(taken)
    if known is None:
        raise RuntimeError("an answer under this key was there, and is gone")
    body_hash, status, content_type, body = known
    if body_hash != taken.digest:
        raise KeyReused()
    headers = {"Idempotent-Replayed": "true"}
    if content_type:
        headers["Content-Type"] = content_type
    return Raw(status, bytes(body), headers)


def _known(taken: Claim) -> Known | None:
    with prepared.cursor() as cursor:
        cursor.execute(_KNOWN, [taken.user_id, taken.route, taken.key])
        found: Known | None = cursor.fetchone()
    return found


def _answer(request: HttpRequest, result: Any) -> HttpResponse:
    if isinstance(result, HttpResponse):
        return result
    status = 200
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], int):
        status, result = result
    elif hasattr(result, "status_code") and hasattr(result, "value"):
        status, result = result.status_code, result.value
    return Raw(status, result)
