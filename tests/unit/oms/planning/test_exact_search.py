"""The search against an independent solver (OR-tools): same number of packages, same cost, on random instances."""

import random
from decimal import Decimal

import pytest
from ortools.sat.python import cp_model

from ambar.oms.planning.domain.engine import plan
from ambar.oms.planning.domain.values import Line, Order, View
from ambar.oms.scenarios.domain.rules import read_rules
from tests.unit.oms.planning.planning_world import NOW, location, rule, scenario

ZONES = {"same_city": (2990, 90), "same_country": (4990, 20), "abroad": (12000, 5)}
COSTS = [
    {"zone": zone, "parcel": f"{parcel / 100:.2f}", "per_kg": f"{per_kg / 100:.2f}"}
    for zone, (parcel, per_kg) in ZONES.items()
]


def instance(seed):
    """An order of up to 8 lines (some share a product, some may not go everywhere) over up to 14 locations."""
    chance = random.Random(seed)
    count, products = chance.randint(3, 14), chance.randint(2, 6)
    places = [
        location(
            number,
            priority=chance.randint(0, 2),
            properties={"city_id": chance.randint(1, 3), "country_id": chance.choice([1, 1, 2])},
        )
        for number in range(1, count + 1)
    ]
    held = chance.choice([0.25, 0.4, 0.7])
    stock = {
        product: {place.id: Decimal(chance.randint(1, 6)) for place in places if chance.random() < held}
        for product in range(1, products + 1)
    }
    shared = chance.random() < 0.5
    bought = chance.choices(range(1, products + 1), k=chance.randint(2, 8))
    lines = tuple(
        Line(
            item_id=index,
            product_id=product,
            quantity=Decimal(chance.randint(1, 6)),
            excluded={place.id: "refused" for place in places if shared and chance.random() < 0.08},
            weight=Decimal(product),
        )
        for index, product in enumerate(bought if shared else dict.fromkeys(bought))
    )
    asked = Order(id=1, number="A1", lines=lines, country_id=1, city_id=1)
    return asked, View(hash="v", locations={place.id: place for place in places}, stock=stock), places


def zone_of(place):
    if place.properties["city_id"] == 1:
        return "same_city"
    return "same_country" if place.properties["country_id"] == 1 else "abroad"


def oracle(asked, seen, places, *, whole, cost):
    """The optimum by CP-SAT, or None when not everything can be placed. Costs in hundredths."""
    model = cp_model.CpModel()
    opened = {place.id: model.new_bool_var(f"open {place.id}") for place in places}
    given = {}
    for index, line in enumerate(asked.lines):
        wanted = int(line.quantity)
        for place in places:
            most = 0 if place.id in line.excluded else wanted
            if whole:
                chosen = model.new_bool_var(f"{index} {place.id}")
                given[index, place.id] = wanted * chosen
                if not most:
                    model.add(chosen == 0)
            else:
                given[index, place.id] = model.new_int_var(0, most, f"{index} {place.id}")
            model.add(given[index, place.id] <= wanted * opened[place.id])
        model.add(sum(given[index, place.id] for place in places) == wanted)
    for product, column in seen.stock.items():
        mine = [index for index, line in enumerate(asked.lines) if line.product_id == product]
        for place in places:
            model.add(sum(given[index, place.id] for index in mine) <= int(column.get(place.id, 0)))
    if cost:
        rates = {place.id: ZONES[zone_of(place)] for place in places}
        model.minimize(
            sum(rates[place.id][0] * opened[place.id] for place in places)
            + sum(
                rates[place.id][1] * int(line.weight) * given[index, place.id]
                for index, line in enumerate(asked.lines)
                for place in places
            )
        )
    else:
        model.minimize(sum(opened.values()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) != cp_model.OPTIMAL:
        return None
    return round(solver.objective_value)


def planned_by(asked, seen, *, whole, cost):
    name = "SELECT_BY_COST" if cost else "SELECT_BY_FEWEST_PACKAGES"
    split = "whole_lines" if whole else "free"
    chain = scenario(rule(split_policy=split, selectors=[name, "SELECT_BY_PRIORITY"]))
    known = read_rules({"scenarios": [chain], "transfers": [], "costs": COSTS})
    return plan(asked, known, seen, NOW)


def cost_of(planned, asked, seen):
    weight = {line.item_id: int(line.weight) for line in asked.lines}
    total = 0
    for package in planned.packages:
        parcel, per_kg = ZONES[zone_of(seen.locations[package.location_id])]
        total += parcel + sum(per_kg * weight[item] * int(quantity) for item, _, quantity in package.items)
    return total


@pytest.mark.parametrize("cost", [False, True], ids=["fewest", "cost"])
@pytest.mark.parametrize("whole", [False, True], ids=["free", "whole_lines"])
def test_the_search_finds_what_the_solver_finds(whole, cost):
    compared = several = 0
    seed = 0
    while compared < 250:
        seed += 1
        asked, seen, places = instance(seed)
        best = oracle(asked, seen, places, whole=whole, cost=cost)
        planned = planned_by(asked, seen, whole=whole, cost=cost)
        if best is None:
            assert planned.unplaced, seed
            continue
        compared += 1
        assert not planned.unplaced, seed
        found = cost_of(planned, asked, seen) if cost else len(planned.packages)
        assert found == best, seed
        several += len(planned.packages) > 1
        assert "spent" not in planned.record["rules"][0].get("search", {})
    assert several > 100
