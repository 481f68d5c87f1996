"""Wire shapes of inventory engines (Akinon OMS: "Inventory Engine"); passwords are never answered."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from django.db.models import Case, Count, Max, Q, QuerySet, Value, When
from django.db.models.fields import BooleanField
from pydantic import Field, StringConstraints

from ambar.kit import clock, rest
from ambar.oms.locations.models import StockLocation
from ambar.oms.stock.actions.save_engine import MASK
from ambar.oms.stock.actions.try_engine import Tried
from ambar.oms.stock.models import Engine, EngineAnswer

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]


class EnginePatch(rest.Body):
    """Fields to change. `timeout_seconds` is the total for one question; figures older than `max_age_seconds` are
    asked for again before they are planned with."""

    name: Name | None = None
    config: dict[str, Any] | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=60)] | None = None
    max_age_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None


class EngineBody(EnginePatch):
    """An engine to create; `config` as documented: `{"auth": {…}, "service": {"url", "type"}}`."""

    name: Name
    config: dict[str, Any]


class TryBody(rest.Body):
    """The SKU to ask for."""

    sku: Annotated[str, Field(min_length=1, max_length=255)]


def engines(rows: Sequence[Engine]) -> list[dict[str, Any]]:
    """Engines as answered; three statements for any number."""
    ids = [row.pk for row in rows]
    pointing = dict(
        StockLocation.objects.filter(engine_id__in=ids).values_list("engine_id").annotate(n=Count("id"))
    )
    asked = {
        row["engine_id"]: row
        for row in EngineAnswer.objects.filter(engine_id__in=ids)
        .values("engine_id")
        .annotate(
            answered=Max("answered_at"),
            failing=Count("product_id", filter=~Q(failure="")),
            failure=Max("failure", filter=~Q(failure="")),
        )
    }
    return [_engine(row, pointing.get(row.pk, 0), asked.get(row.pk, {})) for row in rows]


def _engine(row: Engine, pointing: int, asked: dict[str, Any]) -> dict[str, Any]:
    answered = row.fed_at if row.kind == Engine.OMNITRON else asked.get("answered")
    return {
        "id": row.pk,
        "name": row.name,
        "kind": row.kind,
        "config": masked(row.config),
        "timeout_seconds": row.timeout_seconds,
        "max_age_seconds": row.max_age_seconds,
        "stock_locations": pointing,
        "last_answer_date": None if answered is None else clock.iso(answered),
        "failing_products": asked.get("failing", 0),
        "failure": row.fed_error or asked.get("failure") or "",
        "created_date": clock.iso(row.created_at),
        "modified_date": clock.iso(row.modified_at),
    }


def masked(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration with its password behind asterisks."""
    auth = config.get("auth")
    if not isinstance(auth, dict) or "password" not in auth:
        return config
    return {**config, "auth": {**auth, "password": MASK}}


def with_failed(rows: QuerySet[EngineAnswer]) -> QuerySet[EngineAnswer]:
    """The rows with `failed`, so that it can be filtered by."""
    failed = Case(When(failure="", then=Value(False)), default=Value(True), output_field=BooleanField())
    return rows.annotate(failed=failed)


def answers(rows: Iterable[EngineAnswer]) -> list[dict[str, Any]]:
    """What became of asking, per product."""
    now = clock.now()
    return [
        {
            "product": row.product_id,
            "asked_date": clock.iso(row.asked_at),
            "answered_date": None if row.answered_at is None else clock.iso(row.answered_at),
            "age_seconds": None
            if row.answered_at is None
            else round((now - row.answered_at).total_seconds()),
            "failure": row.failure,
        }
        for row in rows
    ]


def tried(what: Tried, engine_id: int) -> dict[str, Any]:
    """What a service said; `points_here` tells whether the location it names is fed by this engine."""
    codes = dict(
        StockLocation.objects.filter(erp_code__in=list(what.figures)).values_list("erp_code", "engine_id")
    )
    return {
        "answered": what.failure == "",
        "failure": what.failure,
        "milliseconds": what.milliseconds,
        "stock": [
            {
                "stock_location": code,
                "stock": f"{figure:f}",
                "known": code in codes,
                "points_here": codes.get(code) == engine_id,
            }
            for code, figure in sorted(what.figures.items())
        ],
    }
