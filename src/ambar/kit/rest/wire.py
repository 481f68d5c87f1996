"""The outermost middleware: body limits, forgotten final slashes, JSON for every answer under `/api/`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import is_valid_path
from opentelemetry import context as tracing
from opentelemetry import propagate

from .. import failpoints, health, pool
from ..paths import API, HEALTH
from ..refusals import Invalid
from ..text import is_digits
from . import direct, failures, shedding
from .answers import JSON, Raw

_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class WireMiddleware:
    """Goes first in `MIDDLEWARE`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        span = _joined_trace(request)
        try:
            response = self._early(request) or self._inner(request)
            if request.path.startswith(API):
                response = _as_json(request, response)
        finally:
            if span is not None:
                tracing.detach(span)
        health.observe_request(request, response.status_code, time.perf_counter() - started)
        return response

    def _inner(self, request: HttpRequest) -> HttpResponse:
        if request.path in HEALTH:
            return self.get_response(request)
        if shedding.active():
            return _unavailable(request)
        pool.check_lightly(suspect=shedding.suspect)
        straight = request.path.startswith(API) and direct.is_for(request)
        response = direct.answer(request) if straight else self.get_response(request)
        if shedding.is_closed() and response.status_code < 400:
            shedding.reopen()
        if request.method not in _BODILESS and response.status_code < 400:
            failpoints.reach("after_commit_before_reply")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if request.path.startswith(API):
            return failures.of_exception(request, error)
        if failures.database_gone(error):
            failures.note(request, error)
            return _unavailable(request)
        return None

    def _early(self, request: HttpRequest) -> HttpResponse | None:
        try:
            _take_body(request)
        except (failures.BodyTooLarge, Invalid) as refusal:
            return failures.of_refusal(refusal)
        if "\x00" in request.path:
            return Raw(404, {"detail": "Not found."})
        if request.path.startswith(API) and not request.path_info.endswith("/"):
            _add_slash(request)
        return None


def _joined_trace(request: HttpRequest) -> Any:
    """Goes on with the caller's trace, when it has one."""
    if "HTTP_TRACEPARENT" not in request.META:
        return None
    return tracing.attach(propagate.extract(request.headers))


def _take_body(request: HttpRequest) -> None:
    """Reads the body up to the limit, also one without a length (chunked)."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    declared = request.META.get("CONTENT_LENGTH") or ""
    if declared:
        if not is_digits(declared):
            raise Invalid("Content-Length is not a number.", code="parse_error")
        if int(declared) > limit:
            raise failures.BodyTooLarge(limit=limit)
        return
    if request.method in _BODILESS or "chunked" not in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        return
    stream = request.META.get("wsgi.input")
    if stream is None:
        return
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise failures.BodyTooLarge(limit=limit)
    request._body = body


def _add_slash(request: HttpRequest) -> None:
    urlconf = getattr(request, "urlconf", None)
    if is_valid_path(request.path_info, urlconf):
        return
    if is_valid_path(f"{request.path_info}/", urlconf):
        request.path_info += "/"
        request.path += "/"
        request.META["PATH_INFO"] = request.path_info


def _as_json(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code < 400 or response.headers.get("Content-Type", JSON).startswith(JSON):
        return response
    status = response.status_code
    if status == 405:
        allowed = {"Allow": response.headers["Allow"]} if "Allow" in response.headers else {}
        return Raw(405, {"detail": f'Method "{request.method}" not allowed.'}, allowed)
    detail = _DETAILS.get(status)
    return Raw(status, {"detail": detail}) if detail else response


_DETAILS = {
    400: "Bad request.",
    403: "You do not have permission to perform this action.",
    404: "Not found.",
    413: "The body is too large.",
    500: "internal error",
}


def _unavailable(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API):
        return failures.unavailable()
    return HttpResponse(
        "The service is temporarily unavailable.",
        status=503,
        content_type="text/plain",
        headers=failures.RETRY_AFTER,
    )


def server_error(request: HttpRequest, *_: Any) -> HttpResponse:
    """Django's `handler500`: no trace, an incident number; 503 when the database is the reason."""
    error = sys.exc_info()[1] or RuntimeError("unknown")
    answer = failures.of_exception(request, error)
    if request.path.startswith(API):
        return answer
    if answer.status_code == 503:
        return _unavailable(request)
    incident = json.loads(answer.content).get("incident", "")
    text = (
        f"Something went wrong here. Tell your administrator: incident {incident}."
        if incident
        else "Internal error."
    )
    return HttpResponse(text, status=answer.status_code, content_type="text/plain")
