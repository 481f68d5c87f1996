"""People: making them and checking their passwords."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from ..refusals import Invalid, Refusal
from . import tokens
from .models import LoginFailure, User
from .roles import ROLES, bounds_of

FAILURES = 10
WINDOW = timedelta(minutes=5)


class LoginRefused(Refusal):
    """Unable to log in with provided credentials."""

    code = "authorization"


class TooManyLogins(Refusal):
    """Too many failed logins; try again later."""

    code = "throttled"


def ensure_user(
    username: str,
    password: str | None = None,
    roles: Iterable[str] = (),
    bounds: Mapping[str, Any] | None = None,
    **columns: Any,
) -> User:
    """Makes the user or brings an existing one to this state; the password only changes when it differs.

    :raises Invalid: a bound nobody knows, of the wrong shape, or the bound that the roles need is missing.
    """
    roles, bounds = list(roles), dict(bounds or {})
    if problems := _misbound(roles, bounds, is_superuser=bool(columns.get("is_superuser"))):
        raise Invalid(fields={"bounds": problems})
    with transaction.atomic():
        user, _ = User.objects.select_for_update().get_or_create(
            username=username, defaults={"password": make_password(password)}
        )
        if password is not None and not user.check_password(password):
            user.set_password(password)
        user.roles = roles
        user.bounds = bounds
        for name, value in columns.items():
            setattr(user, name, value)
        user.save()
    tokens.forget_remembered()
    return user


def _misbound(roles: Iterable[str], bounds: Mapping[str, Any], *, is_superuser: bool) -> list[str]:
    known = {role.bound for role in ROLES.values() if role.bound is not None}
    problems = [
        f"{key!r} is no bound; known: {', '.join(sorted(known)) or 'none'}."
        for key in sorted(set(bounds) - known)
    ]
    problems += [
        f"{key} must be {'a list of ids' if key.endswith('_ids') else 'an id'}."
        for key in sorted(set(bounds) & known)
        if not _fits(key, bounds[key])
    ]
    needed = frozenset() if is_superuser else bounds_of(roles)
    return problems + [
        f"{key} is missing: without it the role sees nothing." for key in sorted(needed - set(bounds))
    ]


def _fits(key: str, value: Any) -> bool:
    wanted = value if key.endswith("_ids") else [value]
    return isinstance(wanted, list | tuple) and all(type(one) is int for one in wanted)


def check_password(username: str, password: str, *, now: datetime) -> User:
    """The user with these credentials.

    :raises TooManyLogins: ten failures for this name within five minutes.
    :raises LoginRefused: unknown name, wrong password or inactive user; all answer alike and take alike long.
    """
    name = username[:150]
    recent = LoginFailure.objects.filter(username=name, at__gt=now - WINDOW).count()
    if recent >= FAILURES:
        raise TooManyLogins(retry_after=int(WINDOW.total_seconds()))
    user = User.objects.filter(username=username).first()
    if user is None:
        make_password(password)
    elif user.check_password(password) and user.is_active:
        LoginFailure.objects.filter(username=name).delete()
        return user
    LoginFailure.objects.create(username=name, at=now)
    raise LoginRefused()
