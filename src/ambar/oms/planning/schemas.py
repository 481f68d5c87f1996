"""Wire shapes of planning: decisions, and order execution plans (Akinon OMS: "Order Execution Plan Services")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ambar.kit import clock, rest
from ambar.oms.orders.models import Order
from ambar.oms.planning import asking, queries
from ambar.oms.planning.domain import spreading
from ambar.oms.planning.domain.amounts import said
from ambar.oms.planning.models import Decision
from ambar.oms.planning.names import Names
from ambar.oms.scenarios.schemas import ScenarioBody, TransferScenarioBody

CANCELLED = 100
PLAN_STATES = {
    "new": "start",
    "planning": "start",
    "pending": "pending",
    "hold": "pending",
    "out_of_stock": "pending",
    "planned": "completed",
}


class GivenLine(rest.Body):
    """A line of a typed-in order; `attributes` is what conditions ask as `line.…`."""

    sku: Annotated[str, Field(min_length=1, max_length=128)]
    quantity: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=3)] = Decimal(1)
    attributes: dict[str, Any] = {}


LATEST_YEAR = 9000
"""Calendars count days and hours on from the moment of planning; Python's end with the year 9999."""


def _id_or_name(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("must be an id or a name")
    if isinstance(value, int) and not 1 <= value < 2**63:
        raise ValueError("must be an id, from 1 on, or a name")
    if isinstance(value, str) and not 1 <= len(value) <= 255:
        raise ValueError("must be an id or a name of 1 to 255 characters")
    return value


def _within_calendars(value: datetime) -> datetime:
    if value.year > LATEST_YEAR:
        raise ValueError(f"must not lie beyond the year {LATEST_YEAR}")
    return value


Place = Annotated[rest.Id | Annotated[str, Field(min_length=1, max_length=255)], BeforeValidator(_id_or_name)]
"""An id or a name; refused in one sentence, not once per kind."""
Short = Annotated[str, Field(max_length=128)]


class GivenAddress(rest.Body):
    """Where a typed-in order goes: places all by id or all by name (the country also by code), or a position."""

    country: Place | None = None
    city: Place | None = None
    township: Place | None = None
    district: Place | None = None
    latitude: Annotated[Decimal, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[Decimal, Field(ge=-180, le=180)] | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> GivenAddress:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("give latitude and longitude together")
        return self


class GivenStock(rest.Body):
    """What a location has of a product, free to be planned."""

    erp_code: Annotated[str, Field(min_length=1, max_length=64)]
    sku: Annotated[str, Field(min_length=1, max_length=128)]
    available: Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=3)]


class DryRun(rest.Body):
    """A stored order (`order`: id or number), or a typed-in one (`lines` and what else conditions ask).

    `stock` given: these figures and nothing else are there. `rules` given: these draft scenarios instead of the active
    ones; `transfers` likewise.
    """

    order: Place | None = None
    lines: Annotated[list[GivenLine], Field(min_length=1, max_length=500)] | None = None
    number: Short = "DRY-RUN"
    channel: Place | None = None
    address: GivenAddress | None = None
    amount: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] = Decimal(0)
    currency: Annotated[str, Field(max_length=8)] = ""
    cargo_company: Short | None = None
    shipping_option: Short | None = None
    payment_type: Short | None = None
    customer_type: Short | None = None
    delivery_type: Short | None = None
    pickup_location: Annotated[str, Field(max_length=64)] | None = None
    stock: Annotated[list[GivenStock], Field(max_length=20_000)] | None = None
    rules: Annotated[list[ScenarioBody], Field(max_length=100)] | None = None
    transfers: Annotated[list[TransferScenarioBody], Field(max_length=100)] | None = None
    now: Annotated[rest.Moment, AfterValidator(_within_calendars)] | None = None
    counterfactuals: bool = True

    @model_validator(mode="after")
    def _one_order(self) -> DryRun:
        if (self.order is None) == (self.lines is None):
            raise ValueError("give either order or lines")
        return self


Because = Mapping[int, Sequence[Any]]


def decisions(
    rows: Iterable[Decision], why_not: Because | None = None, names: Names | None = None
) -> list[dict[str, Any]]:
    """Decisions with their matrix spread out: line × location × rule, kept or why not. `why_not` is by decision id."""
    return [_decision(row, (why_not or {}).get(row.pk), names) for row in rows]


def _decision(row: Decision, why_not: Sequence[Any] | None, names: Names | None) -> dict[str, Any]:
    return {
        "id": row.pk,
        "order": row.order_id,
        "outcome": row.outcome,
        "scenario": row.scenario_id,
        **told(row.asked, row.record, why_not, names),
        "order_hash": row.order_hash,
        "rules_hash": row.rules_hash,
        "view_hash": row.view_hash,
        "digest": row.digest,
        "times": row.times,
        "created_date": clock.iso(row.at),
        "last_date": clock.iso(row.last_at or row.at),
    }


def told(
    asked: Mapping[str, Any],
    record: Mapping[str, Any],
    why_not: Sequence[Any] | None,
    names: Names | None = None,
) -> dict[str, Any]:
    """What a record says, spread out. `counterfactuals` is null when nobody worked them out."""
    called = names or Names()
    order = asking.restored(asked) if asked["lines"] else None
    lines = () if order is None else order.lines
    return {
        "hold": record.get("hold"),
        "manual": record.get("manual"),
        "scenarios_refused": record.get("asked", []),
        "lines": [
            {
                "index": index,
                "order_item": line.item_id,
                "product": line.product_id,
                "quantity": f"{line.quantity.normalize():f}",
                "excluded": [
                    {"location": place, "reason": reason} for place, reason in sorted(line.excluded.items())
                ],
            }
            for index, line in enumerate(lines)
        ],
        "matrix": spreading.matrix(
            record, [(line.product_id, line.quantity, line.excluded) for line in lines]
        ),
        "rules": spreading.rules_of(record),
        "out_of_stock": spreading.left_of(record),
        "counterfactuals": None
        if why_not is None
        else [one.as_data(locations=called.locations, products=called.products) for one in why_not],
    }


def execution_plans(rows: Sequence[Order]) -> list[dict[str, Any]]:
    """One plan per order; `context` holds the stock every attempt saw."""
    attempts = queries.decisions_of(row.pk for row in rows)
    return [_execution_plan(row, attempts[row.pk]) for row in rows]


def _execution_plan(row: Order, attempts: Sequence[Decision]) -> dict[str, Any]:
    state = plan_state(row)
    return {
        "id": row.pk,
        "state": state,
        "order": {"id": row.pk, "number": row.number, "omnitron_id": row.upstream_id},
        "hold_reason": row.hold_reason or None,
        "commands": [],
        "orderexecutionplanitem_set": [
            {
                "order_item": item.pk,
                "product": item.product_id,
                "quantity": f"{item.quantity:.2f}",
                "state": state,
            }
            for item in row.orderitem_set.all()
        ],
        "context": [
            {
                "date": clock.iso(attempt.at),
                "outcome": attempt.outcome,
                "stock": {
                    str(product): {str(place): said(have) for place, have in column.items()}
                    for product, column in spreading.stock_of(attempt.record).items()
                },
                "quota": spreading.quota_of(attempt.record),
            }
            for attempt in attempts
        ],
        "created_date": clock.iso(row.created_at),
        "modified_date": clock.iso(row.modified_at),
    }


def plan_state(row: Order) -> str:
    """start, pending, cancelled or completed."""
    return "cancelled" if row.state == CANCELLED else PLAN_STATES[row.planning_state]
