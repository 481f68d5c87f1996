"""Screens every system has: sign in and out, theme, language, and the static files."""

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib import auth
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from ambar.kit import accounts, clock
from ambar.kit.refusals import Refusal
from ambar.kit.ui import navigation

YEAR = 31_536_000
THEMES = ("auto", "light", "dark", "contrast")


def _next(request: HttpRequest, otherwise: str = "/") -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else otherwise


@sensitive_post_parameters("password")
@never_cache
@csrf_protect
def login(request: HttpRequest) -> HttpResponse:
    """Sign in with user name and password; slowed down after repeated failures."""
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(_next(request))
        return render(request, "ui/login.html", {"next": _next(request), "username": ""})
    username, password = request.POST.get("username", "").strip(), request.POST.get("password", "")
    try:
        user = accounts.check_password(username, password, now=clock.now())
    except Refusal as refusal:
        wait = refusal.code == "throttled"
        words = (
            _("Too many attempts. Wait five minutes.") if wait else _("User name and password do not match.")
        )
        context = {"next": _next(request), "username": username, "error": words}
        return render(request, "ui/login.html", context, status=400)
    auth.login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    response = HttpResponseRedirect(_next(request))
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and user.language != settings.LANGUAGE_CODE:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, max_age=YEAR, samesite="Lax")
    return response


@require_POST
@csrf_protect
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@require_POST
@csrf_protect
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or high contrast; `auto` follows the device."""
    response = HttpResponseRedirect(_next(request))
    chosen = request.POST.get("theme", "")
    if chosen == "auto":
        response.delete_cookie("ambar_theme")
    elif chosen in THEMES:
        response.set_cookie("ambar_theme", chosen, max_age=YEAR, samesite="Lax")
    return response


@require_POST
@csrf_protect
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie and on the user."""
    response = HttpResponseRedirect(_next(request))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES) and check_for_language(chosen):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax")
        if request.user.is_authenticated:
            auth.get_user_model().objects.filter(pk=request.user.pk).update(language=chosen)
    return response


@lru_cache(maxsize=256)
def asset(path: str) -> tuple[bytes, bytes, str, str] | None:
    """A static file out of the installed applications: (bytes, gzipped, type, fingerprint)."""
    found = finders.find(path)
    if not found or not Path(found).is_file():
        return None
    content = Path(found).read_bytes()
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return content, gzip.compress(content, mtime=0), kind, hashlib.sha256(content).hexdigest()[:12]


@require_safe
def static_file(request: HttpRequest, path: str) -> HttpResponse:
    """Serve a static file when no web server in front does; kept for a year when the address names its version."""
    if "\x00" in path or ".." in path.split("/"):
        raise Http404
    found = asset(path)
    if found is None:
        raise Http404
    content, squeezed, kind, fingerprint = found
    if request.headers.get("If-None-Match") == f'"{fingerprint}"':
        return HttpResponseNotModified()
    zipped = "gzip" in request.headers.get("Accept-Encoding", "") and len(squeezed) < len(content)
    response = HttpResponse(squeezed if zipped else content, content_type=kind)
    if zipped:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["ETag"] = f'"{fingerprint}"'
    response["Cache-Control"] = (
        f"public, max-age={YEAR}, immutable" if request.GET.get("v") else "public, max-age=300"
    )
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it unasked."""
    return redirect("/static/ui/mark.svg", permanent=True)


def home_address() -> str:
    """URL name of the system's first screen."""
    return navigation.home()
