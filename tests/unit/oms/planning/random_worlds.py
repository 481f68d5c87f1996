"""Random small worlds: locations, stock, rules and an order, whole units."""

from decimal import Decimal

from ambar.oms.planning.domain.values import Line, Order, View
from ambar.oms.scenarios.domain.rules import read_rules
from tests.unit.oms.planning.planning_world import DEFAULT, location, rule, scenario

SELECTORS = (
    "SELECT_BY_QUOTA",
    "SELECT_BY_PRIORITY",
    "SELECT_BY_STOCK",
    "SELECT_BY_DISTANCE",
    "SELECT_BY_FEWEST_PACKAGES",
    "SELECT_BY_COST",
    "SELECT_BY_EXIT_TIME",
    "SELECT_BY_RELIABILITY",
)
SOURCES = ("SELECT_BY_PRIORITY", "SELECT_BY_STOCK", "SELECT_BY_DISTANCE")
CONDITIONS = (
    {},
    {},
    {"field": "distance_km", "op": "lte", "value": 400},
    {"field": "same_city", "op": "eq", "value": True},
    {"field": "stock_location_type", "op": "eq", "value": "store"},
)
COSTS = [
    {"zone": "same_city", "parcel": "30.00", "per_kg": "2.00"},
    {"zone": "same_country", "parcel": "49.90", "per_kg": "4.50"},
]


def random_rule(chance, number, *, transfers=False, splits=("whole_order", "whole_lines", "free")):
    return rule(
        number,
        split_policy=chance.choice(splits),
        max_packages=chance.choice([None, None, 1, 2, 3]),
        location_condition=chance.choice(CONDITIONS),
        selectors=chance.sample(SELECTORS, chance.randint(0, 3)),
        transferable=transfers and chance.random() < 0.5,
    )


def transfer_scenario(*made, number=1):
    row = {"id": number, "name": f"transfers {number}", "priority": number, "rules": list(made)}
    for criterion in ("channel", "shipping", "payment", "customer_type"):
        row |= {f"{criterion}_condition_type": "dynamic", f"{criterion}_values": [], f"{criterion}_query": {}}
    return row


def transfer_rule(number=1, **given):
    return {
        "id": number,
        "name": f"transfer rule {number}",
        "location_condition": {},
        "product_mode": "all",
        "product_condition": {},
        "source_condition": {},
        "selectors": ["SELECT_BY_PRIORITY"],
        **given,
    }


def random_places(chance, count):
    return [
        location(
            number,
            priority=chance.randint(0, 3),
            is_active=chance.random() < 0.93,
            max_quota=chance.choice([None, 0, 1, 2, 3, 5]),
            latitude=chance.choice([None, *[round(chance.uniform(36, 42), 3)] * 5]),
            longitude=round(chance.uniform(26, 44), 3),
            properties={
                "city_id": chance.randint(1, 3),
                "country_id": 1,
                "stock_location_type": chance.choice(["store", "warehouse"]),
                "exit_time": chance.choice([None, "15:00", "17:00"]),
                "targeted_packaging_minutes": chance.choice([0, 60, 240]),
                "is_transfer_location": chance.random() < 0.8,
            },
        )
        for number in range(1, count + 1)
    ]


def random_order(chance, *, products=4, lines=4, places=6, number=1, excluded=0.1):
    made = tuple(
        Line(
            item_id=100 * number + index,
            product_id=chance.randint(1, products),
            quantity=Decimal(chance.randint(1, 5)),
            excluded={place: "refused" for place in range(1, places + 1) if chance.random() < excluded / 2},
            weight=chance.choice([None, Decimal("0.5"), Decimal(2)]),
        )
        for index in range(chance.randint(1, lines))
    )
    return Order(
        id=number,
        number=f"A{number}",
        lines=made,
        country_id=1,
        city_id=chance.randint(1, 3),
        latitude=chance.choice([None, *[round(chance.uniform(36, 42), 3)] * 5]),
        longitude=30.0,
    )


def random_view(chance, places, *, products=4, most=6, held=0.6):
    stock = {
        product: {place.id: Decimal(chance.randint(0, most)) for place in places if chance.random() < held}
        for product in range(1, products + 1)
    }
    known = {place.id: place for place in places} | {DEFAULT: location(DEFAULT, is_active=False)}
    return View(
        hash="v",
        locations=known,
        stock=stock,
        used={place.id: chance.randint(0, 3) for place in places},
        reliability={place.id: (chance.randint(0, 9), chance.randint(10, 60)) for place in places},
    )


def random_rules(chance, *, most=2, transfers=True, **given):
    chain = [
        random_rule(chance, n, transfers=transfers, **given) for n in range(1, chance.randint(1, most) + 1)
    ]
    ways = [transfer_rule(selectors=chance.sample(SOURCES, chance.randint(0, 2)))] if transfers else []
    return read_rules(
        {
            "scenarios": [scenario(*chain)],
            "transfers": [transfer_scenario(*ways)] if ways else [],
            "costs": COSTS if chance.random() < 0.8 else [],
        }
    )


def random_world(chance, **given):
    places = random_places(chance, chance.randint(2, 6))
    known = random_rules(chance, **given)
    return random_order(chance, places=len(places)), known, random_view(chance, places)
