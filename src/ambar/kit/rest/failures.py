"""Every "no" and every breakdown as the wire says it.

400 field map, 401 and 403 and 404 `detail`, 406 `code` and `en`, 503 with `Retry-After` when the database is
gone, 500 with an incident number and nothing of the inside. Source: Omnitron API, error bodies.
"""

from __future__ import annotations

import uuid
from collections.abc import Container
from typing import Any

import structlog
from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from psycopg_pool import PoolTimeout

from .. import pool
from ..accounts.users import LoginRefused, TooManyLogins
from ..refusals import Forbidden, Invalid, NotFound, Refusal
from . import shed, shedding
from .answers import Raw
from .problems import dotted, fields_of

log = structlog.get_logger("ambar.rest")

RETRY_AFTER = {"Retry-After": "1"}
CHALLENGE = {"WWW-Authenticate": "Token"}


class NotSignedIn(Refusal):
    """Authentication credentials were not provided."""

    code = "not_authenticated"


class BodyTooLarge(Refusal):
    """The body is too large."""

    code = "request_too_large"


class KeyReused(Refusal):
    """This idempotency key was used with another body."""

    code = "idempotency_key_reused"


def of_refusal(refusal: Refusal, *, asked: Container[str] = ()) -> HttpResponse:
    """The answer for a named "no"; `asked` are the query parameters of the call."""
    match refusal:
        case Invalid(fields=fields) if fields:
            return Raw(400, dotted(fields, asked=asked))
        case LoginRefused():
            return Raw(400, {"non_field_errors": [refusal.message], "code": refusal.code})
        case TooManyLogins():
            after = str(refusal.params.get("retry_after", 60))
            return Raw(429, {"detail": refusal.message, "code": refusal.code}, {"Retry-After": after})
        case NotSignedIn():
            return Raw(401, {"detail": refusal.message, "code": refusal.code}, CHALLENGE)
    status = _STATUS.get(type(refusal)) or next(
        (status for kind, status in _STATUS.items() if isinstance(refusal, kind)), 406
    )
    if status == 406:
        return Raw(406, refusal.as_dict())
    return Raw(status, {"detail": refusal.message, "code": refusal.code, **refusal.params})


_STATUS: dict[type[Refusal], int] = {
    Invalid: 400,
    NotFound: 404,
    Forbidden: 403,
    BodyTooLarge: 413,
    KeyReused: 422,
}


def of_validation(error: ValidationError) -> HttpResponse:
    """The field map of what pydantic refused, paths joined by dots."""
    return Raw(400, fields_of(error.errors))


def database_gone(error: BaseException) -> bool:
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout)


def of_exception(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The answer for anything that went wrong."""
    match error:
        case Refusal():
            return of_refusal(error, asked=request.GET)
        case ValidationError():
            return of_validation(error)
        case Http404() | ObjectDoesNotExist():
            return Raw(404, {"detail": "Not found."})
        case PermissionDenied():
            return of_refusal(Forbidden())
        case RequestDataTooBig():
            return of_refusal(BodyTooLarge())
        case HttpError():
            return _of_http_error(error)
        case SuspiciousOperation() | UnreadablePostError():
            return Raw(400, {"detail": "Bad request.", "code": "bad_request"})
        case DataError() | OverflowError():
            log.warning("data_error", path=request.path, error=type(error).__name__)
            return Raw(400, {"detail": "A value is out of range or malformed.", "code": "invalid"})
        case IntegrityError():
            return _integrity(request, error)
    if database_gone(error):
        note(request, error)
        return unavailable()
    return _incident(request, error)


def note(request: HttpRequest, error: BaseException) -> None:
    """Logs why the database did not do it, and has it looked at when it may be gone."""
    if pool.is_conflict(error):
        log.warning("database_conflict", path=request.path, **pool.reason(error))
        return
    log.warning("database_unavailable", path=request.path, **pool.reason(error))
    shedding.note_failure()
    if pool.waited_in_vain(error) and not shedding.is_closed():
        shed.refused("pool")


def unavailable() -> HttpResponse:
    """503 without a word about the reason."""
    return Raw(503, {"detail": "The service is temporarily unavailable.", "code": "unavailable"}, RETRY_AFTER)


def _of_http_error(error: HttpError) -> HttpResponse:
    cause = error.__cause__
    if isinstance(cause, Refusal):
        return of_refusal(cause)
    if isinstance(cause, RequestDataTooBig):
        return of_refusal(BodyTooLarge())
    if error.status_code == 401:
        return of_refusal(NotSignedIn())
    return Raw(error.status_code, {"detail": str(error)})


def _integrity(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    log.warning("integrity_error", path=request.path, constraint=constraint)
    detail = "This conflicts with data that is already stored."
    return Raw(400, {"non_field_errors": [detail], "code": "conflict"})


def _incident(request: HttpRequest, error: BaseException) -> HttpResponse:
    incident = uuid.uuid4().hex[:12]
    log.error("incident", incident=incident, method=request.method, path=request.path, exc_info=error)
    return Raw(500, {"detail": "internal error", "code": "internal", "incident": incident})


def install(api: NinjaAPI) -> None:
    """Makes an API answer everything by this module."""

    def handle(request: HttpRequest, error: Any) -> HttpResponse:
        return of_exception(request, error)

    for kind in (Exception, Refusal, ValidationError, HttpError, Http404):
        api.add_exception_handler(kind, handle)
