"""Basic Setup, Addresses: copy countries, cities, townships and districts (Akinon OMS: Address Setup Services)."""

from __future__ import annotations

from typing import Any

from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.places import queries
from ambar.oms.places.actions.copy_dictionaries import NAMES, copy_dictionaries
from ambar.oms.setup.steps import Needed, Progress, Step

PAGE = 1000


def is_required(client: Client) -> Needed:
    """True when upstream has rows this system lacks; counts are compared per dictionary."""
    here = queries.counts(client.source("countries"))
    detail = {level: {"here": here[level], "upstream": client.count(name)} for level, name in NAMES.items()}
    return Needed(
        is_required=any(figures["here"] < figures["upstream"] for figures in detail.values()), detail=detail
    )


def run(client: Client, progress: Progress) -> dict[str, Any]:
    """Copy all four dictionaries, parents first."""
    counts = {level: client.count(name) for level, name in NAMES.items()}
    progress(0, sum(counts.values()))
    copying = copy_dictionaries(
        client.source("countries"),
        lambda name: client.pages(name, {"sort": "id"}, limit=PAGE),
        progress=lambda level, rows: progress(rows, None),
    )
    short = {
        level: counts[level] - copying.written[level]
        for level in counts
        if copying.written[level] < counts[level]
    }
    return {
        "written": copying.written,
        "missing": short,
        "without_parent": {level: ids[:20] for level, ids in copying.orphans.items() if ids},
        "malformed": {level: number for level, number in copying.malformed.items() if number},
    }


STEP = Step(name="addresses", path="setup/addresses", is_required=is_required, run=run)
