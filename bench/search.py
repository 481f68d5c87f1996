"""Milliseconds of processor for one plan by least cost with free splits: ten lines, 50 locations, stock so thin that sets
of locations have to be searched.

    python -m bench.search [orders per world]

Goal: p95 of 20 ms over all worlds (decision 63). Needs no database. Prints how often the node budget was used up too.
"""

import os
import random
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ambar.oms.settings")

from ambar.oms.planning.domain.engine import plan
from ambar.oms.planning.domain.values import Line, Order, View
from ambar.oms.scenarios.domain.rules import Rules, read_rules
from tests.unit.oms.planning import random_worlds
from tests.unit.oms.planning.planning_world import rule, scenario

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
WORLDS = ((0.6, 6), (0.5, 3), (0.3, 3), (0.3, 6), (0.2, 3))
"""(share of locations that hold a product, units there at most)"""
LINES, PLACES, GOAL_MS = 10, 50, 20.0


def world(seed: int, held: float, most: int) -> tuple[Order, Rules, View]:
    """An order of ten lines, one to five units each, and 50 locations."""
    chance = random.Random(seed)
    places = random_worlds.random_places(chance, PLACES)
    view = random_worlds.random_view(chance, places, products=LINES, most=most, held=held)
    lines = tuple(
        Line(
            item_id=index,
            product_id=index + 1,
            quantity=Decimal(chance.randint(1, 5)),
            excluded={},
            weight=Decimal(chance.choice(["0.3", "0.5", "1", "2"])),
        )
        for index in range(LINES)
    )
    order = Order(
        id=1,
        number="A1",
        lines=lines,
        country_id=1,
        city_id=chance.randint(1, 3),
        latitude=40.9,
        longitude=30.0,
    )
    cheapest = rule(
        1, split_policy="free", max_packages=None, location_condition={}, selectors=["SELECT_BY_COST"],
        transferable=False,
    )  # fmt: skip
    source = {"scenarios": [scenario(cheapest)], "transfers": [], "costs": random_worlds.COSTS}
    return order, read_rules(source), view


def main(count: int) -> int:
    """Prints a line per world and the verdict; exit code 1 when the goal is missed."""
    every: list[float] = []
    for held, most in WORLDS:
        took, nodes, spent = [], [], 0
        for seed in range(count):
            given = world(seed, held, most)
            begun = time.process_time()
            made = plan(*given, NOW)
            took.append((time.process_time() - begun) * 1000)
            note = made.record["rules"][0].get("search", {})
            nodes.append(note.get("nodes", 0))
            spent += "spent" in note
        every += took
        print(
            f"    held by {held:.0%}, at most {most}: p50 {_at(took, 0.5):.1f} ms, p95 {_at(took, 0.95):.1f} ms,"
            f" max {max(took):.1f} ms; {_at(nodes, 0.5):.0f} sets looked at (p50), budget used up {spent} of {count}"
        )
    p95 = _at(every, 0.95)
    print(f"cost search p95 {p95:.1f} ms: {'met' if p95 <= GOAL_MS else 'MISSED'} (goal {GOAL_MS:.0f} ms)")
    return int(p95 > GOAL_MS)


def _at(values: list[float] | list[int], share: float) -> float:
    return float(sorted(values)[min(len(values) - 1, int(len(values) * share))])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 60))
