"""Housekeeping of accounts."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session

from .. import clock, work

FAILURES_KEPT = timedelta(days=1)
EXPIRED_KEPT = timedelta(days=30)


@work.job("accounts.forget_the_expired", every=3600)
def forget_the_expired() -> None:
    """Drops old login failures, long expired tokens and ended sessions."""
    from .models import LoginFailure, Token

    now = clock.now()
    LoginFailure.objects.filter(at__lt=now - FAILURES_KEPT).delete()
    Token.objects.filter(expires_at__lt=now - EXPIRED_KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()
