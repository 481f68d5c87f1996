"""Who asks: a token, or a browser session with its CSRF check."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from .. import clock
from ..accounts import Principal, authenticate_token
from ..refusals import Forbidden
from .failures import NotSignedIn

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def principal_of(request: HttpRequest) -> Principal | None:
    """The caller, or None when nothing was presented.

    :raises NotSignedIn: a token was presented and is not valid.
    :raises Forbidden: a session without its CSRF token asked to change something.
    """
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if header:
        scheme, _, key = header.partition(" ")
        if scheme.lower() != "token" or not key.strip():
            raise NotSignedIn("Invalid token header.", code="authentication_failed")
        principal = authenticate_token(key.strip(), now=clock.now())
        if principal is None:
            raise NotSignedIn("Invalid token.", code="authentication_failed")
        return principal
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not user.is_active:
        return None
    if request.method not in SAFE:
        _check_csrf(request)
    return Principal.of(user)


def _check_csrf(request: HttpRequest) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    check = CsrfViewMiddleware(view)
    check.process_request(request)
    if check.process_view(request, view, (), {}) is not None:
        raise Forbidden("CSRF check failed.", code="csrf_failed")


class Guard:
    """Lets a caller through who holds one of the scopes; no scopes = whoever is signed in."""

    def __init__(self, scopes: Sequence[str]) -> None:
        self.scopes = tuple(scopes)

    def __call__(self, request: HttpRequest) -> Principal:
        principal = principal_of(request)
        if principal is None:
            raise NotSignedIn()
        if self.scopes and not any(principal.may(scope) for scope in self.scopes):
            raise Forbidden(required=list(self.scopes))
        request.principal = principal  # type: ignore[attr-defined]
        return principal


class Open:
    """Lets everybody through; `request.principal` is None."""

    def __call__(self, request: HttpRequest) -> bool:
        request.principal = None  # type: ignore[attr-defined]
        return True
