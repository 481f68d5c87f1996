"""Who may open a screen: the session's user, held against the screen's scope."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from ambar.kit.accounts import Principal
from ambar.kit.paths import API

View = Callable[..., HttpResponse]

_ZONES = frozenset(available_timezones())


def principal(request: HttpRequest) -> Principal:
    """The signed-in person as rules and queries know them."""
    known = getattr(request, "_ambar_principal", None)
    if known is None:
        known = Principal.of(request.user)  # type: ignore[arg-type]
        request._ambar_principal = known  # type: ignore[attr-defined]
    return known


def screen(scope: str | None) -> Callable[[View], View]:
    """Guard a screen: sign in first (302), hold `scope` (else 403). Times are shown in the browser's zone."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            zone = request.COOKIES.get("ambar_zone", "")
            with timezone.override(ZoneInfo(zone) if zone in _ZONES else None):
                if scope is not None and not principal(request).may(scope):
                    return render(request, "ui/forbidden.html", status=403)
                response = view(request, *args, **kwargs)
            add_never_cache_headers(response)
            return response

        guarded.scope = scope  # type: ignore[attr-defined]
        return guarded

    return decorate


def missing(request: HttpRequest) -> HttpResponse:
    """The answer for a record that does not exist or is not this person's: the same for both."""
    return render(request, "ui/missing.html", status=404)


def no_such_address(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's `handler404`: the page of a missing record for who is signed in; anybody else learns nothing but that."""
    if request.user.is_authenticated:
        return missing(request)
    return HttpResponse("Not found.", status=404, content_type="text/plain")


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's `CSRF_FAILURE_VIEW`: most often somebody signed in or out in another tab since the page was loaded."""
    if request.user.is_authenticated and not request.path.startswith(API):
        return render(request, "ui/stale_form.html", status=403)
    return HttpResponse(f"This form is no longer valid: {reason}", status=403, content_type="text/plain")
