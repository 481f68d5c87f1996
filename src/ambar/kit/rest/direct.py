"""The short way of a program's call: from the outermost middleware straight to the endpoint.

A program shows a token or a signature and has no session, no language and no page: what the middlewares in between
do for browsers would be most of the cost of a small call. Browsers, and whoever shows neither, go the whole way.
"""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, get_urlconf, resolve
from django.utils import translation

from . import failures

SHOWN = ("HTTP_AUTHORIZATION", "HTTP_WEBHOOK_SIGNATURE", "HTTP_X_WHISPERER_SIGNATURE")
MOST_ROUTES = 2000

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Vary": "Authorization",
}


def is_for(request: HttpRequest) -> bool:
    """Whether the caller of this API path is a program."""
    return any(name in request.META for name in SHOWN)


def answer(request: HttpRequest) -> HttpResponse:
    """What the endpoint of this path answers; whatever it raises becomes the answer the wire has for it."""
    translation.deactivate()
    try:
        request.get_host()
        match = _match(request.path_info)
        request.resolver_match = match
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except Exception as error:
        response = failures.of_exception(request, error)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if not response.streaming:
        response.headers.setdefault("Content-Length", str(len(response.content)))
    return response


def _match(path: str) -> ResolverMatch:
    """The route of a path. Paths that differ only in their numbers have one route, which is looked up once."""
    numbers = _NUMBER.findall(path)
    shape = (get_urlconf(), _NUMBER.sub("0", path))
    known = _known.get(shape)
    if known is not None:
        return _with_numbers(known, numbers)
    found = resolve(path, shape[0])
    if (
        not found.args
        and list(found.kwargs.values()) == list(map(int, numbers))
        and len(_known) < MOST_ROUTES
    ):
        _known[shape] = found
    return found


def _with_numbers(known: ResolverMatch, numbers: list[str]) -> ResolverMatch:
    if not numbers:
        return known
    kwargs = dict(zip(known.kwargs, map(int, numbers), strict=True))
    match = object.__new__(ResolverMatch)
    # Its own constructor works out names of the view anew, which are the same.
    vars(match).update(vars(known), kwargs=kwargs, captured_kwargs=kwargs)
    return match


_NUMBER = re.compile(r"(?<=/)[0-9]{1,18}(?=/|$)")
_known: dict[tuple[str | None, str], ResolverMatch] = {}
