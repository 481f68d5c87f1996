"""Tokens: `Authorization: Token <key>`.

Source: the public clients of Omnitron (scheme word `Token`; a login must not invalidate earlier tokens).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from .. import clock, prepared
from .models import Token, User
from .principal import Principal

USED_RESOLUTION = timedelta(minutes=1)
"""`last_used_at` is written at most this often, so that reading stays reading."""

REMEMBERED = timedelta(seconds=1)
"""So long a process trusts what it looked up: a revoked token, a user switched off or changed, is known everywhere after it."""

MOST_REMEMBERED = 1000


def issue_token(
    user: User,
    *,
    name: str,
    scopes: Iterable[str] | None = None,
    expires_in: timedelta | None = None,
    now: datetime | None = None,
) -> str:
    """Makes a new token beside the existing ones and returns its clear text, shown this once."""
    moment = now or clock.now()
    key = secrets.token_hex(20)
    Token.objects.create(
        user=user,
        name=name,
        prefix=key[:8],
        hash=_hash(key),
        scopes=None if scopes is None else sorted(scopes),
        created_at=moment,
        expires_at=moment + expires_in if expires_in else None,
    )
    return key


def authenticate_token(key: str, *, now: datetime | None = None) -> Principal | None:
    """Who holds this token, or None when it is unknown, expired, revoked or its user inactive."""
    if not key or len(key) > 200 or not key.isascii():
        return None
    moment = now or clock.now()
    digest = _hash(key)
    known = _remembered.get(digest)
    if known is not None and known.looked_up_at <= moment < known.until:
        return known.principal
    with prepared.cursor() as cursor:
        cursor.execute(_HOLDER, [digest, moment])
        row = cursor.fetchone()
    if row is None:
        _remembered.pop(digest, None)
        return None
    token_id, scopes, last_used_at, expires_at, *columns = row
    if last_used_at is None or moment - last_used_at >= USED_RESOLUTION:
        _touch(token_id, moment)
    principal = Principal.of(_Holder.read(*columns), granted=_json(scopes), token_id=token_id)
    _remember(digest, principal, moment, expires_at)
    return principal


@dataclass(frozen=True, slots=True)
class _Known:
    principal: Principal
    looked_up_at: datetime
    until: datetime


_remembered: dict[str, _Known] = {}
"""SHA-256 of a token → its holder, for :data:`REMEMBERED`; never an answer "no"."""


def _remember(digest: str, principal: Principal, moment: datetime, expires_at: datetime | None) -> None:
    # Inside a transaction the token may be one that is rolled back.
    if connection.in_atomic_block:
        return
    if len(_remembered) >= MOST_REMEMBERED:
        _remembered.clear()
    until = moment + REMEMBERED
    _remembered[digest] = _Known(principal, moment, min(until, expires_at) if expires_at else until)


def forget_remembered() -> None:
    """Makes this process look up every token anew: after a token, its user or a role has changed."""
    _remembered.clear()


_HOLDER = """
select t.id, t.scopes, t.last_used_at, t.expires_at, u.id, u.username, u.roles, u.bounds, u.is_superuser
  from accounts_token t join accounts_user u on u.id = t.user_id
 where t.hash = %s and t.revoked_at is null and u.is_active and (t.expires_at is null or t.expires_at > %s::timestamptz)
"""
"""Asked with every call of a program, hence plain SQL."""


@dataclass(frozen=True, slots=True)
class _Holder:
    pk: int
    username: str
    roles: list[str]
    bounds: dict[str, Any]
    is_superuser: bool

    @classmethod
    def read(cls, pk: int, username: str, roles: Any, bounds: Any, is_superuser: bool) -> _Holder:
        return cls(pk, username, _json(roles), _json(bounds), is_superuser)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def revoke_token(token_id: int, *, now: datetime) -> bool:
    """Ends a token; False when it was unknown or already revoked."""
    revoked = Token.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=now) == 1
    forget_remembered()
    return revoked


def _touch(token_id: int, moment: datetime) -> None:
    # SKIP LOCKED: many requests with one token never wait for each other over a time stamp.
    with connection.cursor() as cursor:
        cursor.execute(
            "update accounts_token set last_used_at = %s where id in"
            " (select id from accounts_token where id = %s for no key update skip locked)",
            [moment, token_id],
        )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
