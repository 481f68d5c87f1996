"""Short ways to say an order, a location, a scenario."""

from datetime import UTC, datetime
from decimal import Decimal

from ambar.oms.planning.domain.values import Line, Location, Order, View
from ambar.oms.scenarios.domain.rules import read_rules

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
DEFAULT = 99


def rule(number=1, **given):
    return {
        "id": number,
        "name": f"rule {number}",
        "product_mode": "all",
        "product_condition": {},
        "location_condition": {},
        "split_policy": "free",
        "max_packages": None,
        "split_above_amount": None,
        "transferable": False,
        "selectors": ["SELECT_BY_PRIORITY"],
        **given,
    }


def scenario(*rules, number=1, **given):
    row = {
        "id": number,
        "name": f"scenario {number}",
        "priority": number,
        "default_location_id": DEFAULT,
        "initial_status": 100,
        "initial_status_multiple": 150,
        "rules": list(rules) or [rule()],
    }
    for criterion in ("channel", "shipping", "payment", "customer_type"):
        row |= {f"{criterion}_condition_type": "dynamic", f"{criterion}_values": [], f"{criterion}_query": {}}
    return {**row, **given}


def rules(*scenarios):
    return read_rules(list(scenarios) or [scenario()])


def order(*lines, **given):
    """Lines are (product, quantity[, {excluded location: reason}])."""
    made = tuple(
        Line(
            item_id=100 + index,
            product_id=line[0],
            quantity=Decimal(line[1]),
            properties={"sku": f"SKU-{line[0]}"},
            excluded=line[2] if len(line) > 2 else {},
        )
        for index, line in enumerate(lines)
    )
    return Order(**{"id": 1, "number": "A1", "lines": made, **given})


def location(number, **given):
    properties = {"id": number, **given.pop("properties", {})}
    return Location(id=number, **{"priority": number, **given}, properties=properties)


def view(stock, *locations, used=None, unknown=()):
    """`stock` is {location: {product: quantity}}."""
    by_product = {}
    for place, products in stock.items():
        for product, quantity in products.items():
            by_product.setdefault(product, {})[place] = Decimal(quantity)
    known = {one.id: one for one in locations} or {place: location(place) for place in stock}
    known.setdefault(DEFAULT, location(DEFAULT))
    return View(hash="v", locations=known, stock=by_product, used=used or {}, unknown=frozenset(unknown))


def placed(planned):
    """{(location, state): {item: quantity}}."""
    return {
        (package.location_id, package.state): {item: str(quantity) for item, _, quantity in package.items}
        for package in planned.packages
    }
