"""Login for programs.

Source: Omnitron API, `auth/login/` and `active_user/`: wrong credentials are 400 with `non_field_errors`, too
many attempts 429, and a login leaves earlier tokens valid.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest

from .. import clock
from ..accounts.models import User
from ..accounts.tokens import issue_token
from ..accounts.users import check_password
from .application import Router, public, signed_in
from .bodies import OpenBody

TOKEN_LIFE = timedelta(days=30)

login_router = Router(tags=["auth"])


class Credentials(OpenBody):
    """User name and password."""

    username: str
    password: str


@login_router.post("/auth/login/", url_name="login")
@public
def login(request: HttpRequest, payload: Credentials) -> dict[str, str]:
    """A new token for these credentials: `{"key": "<token>"}`; earlier tokens stay valid."""
    now = clock.now()
    user = check_password(payload.username, payload.password, now=now)
    return {"key": issue_token(user, name="login", expires_in=TOKEN_LIFE, now=now)}


@login_router.get("/active_user/", url_name="active_user")
@signed_in
def active_user(request: HttpRequest) -> dict[str, Any]:
    """Who the presented token belongs to."""
    principal = request.principal  # type: ignore[attr-defined]
    user = User.objects.get(pk=principal.user_id)
    return {
        "id": user.pk,
        "pk": user.pk,
        "username": user.username,
        "name": user.name,
        "email": user.username if "@" in user.username else "",
        "is_active": user.is_active,
        "is_superuser": user.is_superuser,
        "language": user.language,
        "roles": list(user.roles),
    }
