"""Examine the integration (Akinon: "Integrating OMS with Seller Center"), and remember what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from ambar.kit import clock
from ambar.oms.doctor.actions.checks import (
    carriers,
    clocks,
    dictionaries,
    durability,
    endpoints,
    former_seller_center,
    omnitron_hooks,
    order_filters,
    order_ids,
    overload,
    package_hooks,
    scenarios,
    slipped_packages,
    status_map,
    supplier,
    transitions,
    worker,
)
from ambar.oms.doctor.actions.record import record
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit

Check = Callable[[Visit], list[Finding]]
CHECKS: dict[int, tuple[Check, ...]] = {
    1: (omnitron_hooks.check,),
    2: (endpoints.check,),
    3: (package_hooks.check, former_seller_center.check),
    4: (
        supplier.check,
        order_filters.check,
        order_ids.check,
        transitions.check,
        status_map.check,
        carriers.check,
        scenarios.check,
        dictionaries.check,
        clocks.check,
        worker.check,
        overload.check,
        durability.check,
        slipped_packages.check,
    ),
}
"""The checks of each step of the public page; step 5, the walk, is an act of its own."""


def examine(
    only: Iterable[int] = (), *, asked_by: str = "asked", now: datetime, deep: bool = True
) -> list[Finding]:
    """The findings of the chosen steps (all when none is named), in the order of the set-up page; they are remembered."""
    chosen = sorted(set(only) or set(CHECKS))
    visit = Visit(now=now, deep=deep)
    found = looked_at(visit, chosen)
    steps = chosen if visit.settings is not None else sorted(CHECKS)
    record(found, steps=steps, asked_by=asked_by, started_at=now, finished_at=clock.now())
    return found


def looked_at(visit: Visit, steps: Iterable[int]) -> list[Finding]:
    """What a visit finds; without usable client settings only that, and whether the seller is known."""
    if visit.settings is None:
        return [_no_settings(visit), *supplier.check(visit)]
    return [finding for step in steps for check in CHECKS[step] for finding in check(visit)]


def _no_settings(visit: Visit) -> Finding:
    return Finding(
        step=2,
        name="settings",
        code="settings_unusable" if visit.unusable else "settings_missing",
        figures={"reason": visit.unusable},
        remedy="write_settings",
        needs=(
            "oms_url",
            "omnitron_url",
            "omnitron_username",
            "omnitron_password",
            "seller_center_url",
            "seller_center_token",
        ),
    )
