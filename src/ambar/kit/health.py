"""Alive, ready, measured: `/healthz`, `/readyz`, `/metrics`.

Readiness asks PostgreSQL on a connection of its own with short time-outs, so that it turns red within two
seconds of a dead database while liveness stays green. Source: our decision, health.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import close_old_connections, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

log = structlog.get_logger("ambar.health")

Readiness = Callable[[], tuple[bool, object]]
ANSWER_SECONDS = 1.5
READY_SECONDS = 1.8
"""All of `/readyz`: red within two seconds also when the database dies while it is being asked."""

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "ambar_requests_total", "Requests answered", ["method", "route", "status"], registry=REGISTRY
)
LATENCY = Histogram(
    "ambar_request_seconds",
    "Time to answer",
    ["route"],
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

_readiness: dict[str, Readiness] = {}
_gauges: dict[str, tuple[str | None, Callable[[], Any]]] = {}


def readiness(name: str, check: Readiness) -> None:
    """Adds a check to `/readyz`: `check() -> (ok, detail)`, asked only while the database answers."""
    _readiness[name] = check


def gauge(name: str, read: Callable[[], float]) -> None:
    """Adds a figure to `/metrics` (`ambar_<name>`), read when asked."""
    _gauges[name] = (None, read)


def gauges(name: str, label: str, read: Callable[[], Mapping[str, float]]) -> None:
    """Adds one figure per value of `label` to `/metrics`."""
    _gauges[name] = (label, read)


class _Gauges(Collector):
    def collect(self) -> list[GaugeMetricFamily]:
        answers, _ = database_answers()
        families = [GaugeMetricFamily("ambar_database_up", "the database answers", value=float(answers))]
        for name, (label, read) in sorted(_gauges.items() if answers else ()):
            try:
                families.append(_family(f"ambar_{name}", label, read()))
            except Exception as error:
                log.warning("gauge_failed", gauge=name, error=type(error).__name__)
        return families

    def describe(self) -> list[GaugeMetricFamily]:
        return []


def _family(name: str, label: str | None, value: Any) -> GaugeMetricFamily:
    if label is None:
        return GaugeMetricFamily(name, name.replace("_", " "), value=float(value))
    family = GaugeMetricFamily(name, name.replace("_", " "), labels=[label])
    for key, one in value.items():
        family.add_metric([key], float(one))
    return family


REGISTRY.register(_Gauges())


def observe_request(request: HttpRequest, status: int, seconds: float) -> None:
    """Counts one answered request under its route, never under its raw path."""
    match = getattr(request, "resolver_match", None)
    observe(match.route if match else "unknown", request.method or "", status, seconds)


def observe(route: str, method: str, status: int, seconds: float) -> None:
    """Counts one answered request of a route."""
    _requests_of(method, route, status).inc()
    _latency_of(route).observe(seconds)


@functools.lru_cache(maxsize=2000)
def _requests_of(method: str, route: str, status: int) -> Counter:
    return REQUESTS.labels(method, route, str(status))


@functools.lru_cache(maxsize=500)
def _latency_of(route: str) -> Histogram:
    return LATENCY.labels(route)


def database_answers() -> tuple[bool, str]:
    """Whether PostgreSQL answers a query now; gives up after a second and a half."""
    chosen = connections["default"].settings_dict
    options = {key: value for key, value in chosen["OPTIONS"].items() if key != "pool"}
    options.update(
        connect_timeout=2,
        options=f"{options.get('options', '')} -c statement_timeout=1000".strip(),
        application_name="ambar-readyz",
    )
    found: list[tuple[bool, str]] = []

    def ask() -> None:
        try:
            with psycopg.connect(
                dbname=chosen["NAME"],
                user=chosen["USER"] or None,
                password=chosen["PASSWORD"] or None,
                host=chosen["HOST"] or None,
                port=chosen["PORT"] or None,
                autocommit=True,
                **options,
            ) as connection:
                connection.execute("select 1")
            found.append((True, "answers"))
        except psycopg.Error as error:
            found.append((False, type(error).__name__))

    thread = threading.Thread(target=ask, daemon=True, name="readyz")
    thread.start()
    thread.join(ANSWER_SECONDS)
    return found[0] if found else (False, "no answer in time")


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: this process answers."""
    return JsonResponse({"status": "ok", "system": settings.SYSTEM})


def readyz(request: HttpRequest) -> HttpResponse:
    """Ready: the database answers and every registered check is content; else 503."""
    started = time.perf_counter()
    ok, detail = database_answers()
    checks: dict[str, object] = {"database": {"ok": ok, "detail": detail}}
    if ok:
        for name, (fine, said) in _ask_all(started + READY_SECONDS - time.perf_counter()).items():
            ok = ok and fine
            checks[name] = {"ok": fine, "detail": said}
    seconds = round(time.perf_counter() - started, 4)
    body = {"status": "ready" if ok else "not ready", "checks": checks, "seconds": seconds}
    headers = {} if ok else {"Retry-After": "1"}
    return JsonResponse(body, status=200 if ok else 503, headers=headers)


def _ask_all(seconds: float) -> dict[str, tuple[bool, object]]:
    """Every registered check; one that has not answered in `seconds` (the database died under it) is not content."""
    found: dict[str, tuple[bool, object]] = {}

    def ask() -> None:
        try:
            for name, check in sorted(_readiness.items()):
                found[name] = _ask(check)
        finally:
            connections.close_all()

    thread = threading.Thread(target=ask, daemon=True, name="readyz-checks")
    thread.start()
    thread.join(max(seconds, 0.1))
    return {name: found.get(name, (False, "no answer in time")) for name in sorted(_readiness)}


def _ask(check: Readiness) -> tuple[bool, object]:
    try:
        return check()
    except Exception as error:
        log.warning("readiness_check_failed", error=type(error).__name__)
        close_old_connections()
        return False, type(error).__name__


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text."""
    return HttpResponse(generate_latest(REGISTRY), content_type="text/plain; version=0.0.4; charset=utf-8")


urls: list[URLPattern] = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
]
urlpatterns = urls
"""For a system's `urls.py`: `*health.urls`, or `path("", include("ambar.kit.health"))`."""
