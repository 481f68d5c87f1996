"""What a caller may run on packages now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from ambar.oms.commands.kinds import PACKAGES
from ambar.oms.commands.models import BulkAction
from ambar.oms.commands.offers import as_offer, is_offered
from ambar.oms.packages.queries import location_bounds
from ambar.oms.states import queries as states
from ambar.oms.states.domain.codes import PackageStatus

SCOPE = "packages:command"


def visible_actions(principal: Any) -> QuerySet[BulkAction]:
    """Bulk actions: all of them, for callers bound to locations those they started."""
    rows = BulkAction.objects.all()
    return rows if location_bounds(principal) is None else rows.filter(created_by=principal.user_id)


def runnable(
    packages: Mapping[int, tuple[int, int | None]], principal: Any
) -> dict[int, list[dict[str, Any]]]:
    """`{package id: [command]}` from {package id: (state, state before a block)}. One statement.

    A command names its transition, slug, destination and the JSON schema of its parameters; hidden transitions and
    those whose command does not fit are left out, and all of them for a caller who may not command.
    """
    if not packages or not principal.may(SCOPE):
        return {}
    by_source = states.transitions_from("package", {state for state, _ in packages.values()})
    offers = {source: [t for t in rows if is_offered(t)] for source, rows in by_source.items()}
    return {
        package_id: [as_offer(PACKAGES, t) for t in offers[str(state)] if _leads_back(t, state, before)]
        for package_id, (state, before) in packages.items()
    }


_told: tuple[tuple[states.Transition, ...], dict[tuple[int, int | None], list[dict[str, str]]]] = ((), {})
"""What was worked out of the transitions as they were last known, by (state, state before a block)."""


def told(state: int, before: int | None) -> list[dict[str, str]]:
    """The commands of a package in this state as its events tell them: the slug of each, in id order, whoever may run them.

    As `runnable` for a caller who may command, up to `states.queries.KEPT_SECONDS` old; not to be changed by the caller.
    """
    global _told
    rows = states.known_transitions("package")
    if _told[0] is not rows:
        _told = (rows, {})
    known = _told[1]
    key = (state, before if state == PackageStatus.BLOCKED else None)
    if key not in known:
        known[key] = [
            {"slug": t.slug}
            for t in rows
            if t.source == str(state) and is_offered(t) and _leads_back(t, state, before)
        ]
    return known[key]


def _leads_back(transition: states.Transition, state: int, before: int | None) -> bool:
    return state != PackageStatus.BLOCKED or transition.destination == str(before)
