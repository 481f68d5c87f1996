"""A world without findings, and the means to break it in one place."""

from ambar.oms.scenarios.domain.lint import LintWorld, SeenLocation, lint
from ambar.oms.scenarios.domain.lint.scenarios import EVENTS
from ambar.oms.scenarios.domain.rules import CRITERIA, read_rules


def criteria(**given):
    found = {}
    for name in CRITERIA:
        found |= {f"{name}_condition_type": "dynamic", f"{name}_values": [], f"{name}_query": {}}
    return {**found, **given}


def rule(**given):
    return {
        "id": 1,
        "name": "anywhere",
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


def scenario(scenario_id=1, name="web", rules=None, **given):
    return {
        "id": scenario_id,
        "name": name,
        "priority": scenario_id * 10,
        "default_location_id": 1,
        "initial_status": 100,
        "initial_status_multiple": 150,
        "rules": [rule()] if rules is None else rules,
        **criteria(),
        **given,
    }


def transfer_rule(**given):
    return {
        "id": 1,
        "name": "from the depot",
        "location_condition": {},
        "product_mode": "all",
        "product_condition": {},
        "source_condition": {},
        "selectors": ["SELECT_BY_STOCK"],
        **given,
    }


def transfer(scenario_id=1, name="between stores", rules=None, **given):
    return {
        "id": scenario_id,
        "name": name,
        "priority": scenario_id * 10,
        "rules": [transfer_rule()] if rules is None else rules,
        **criteria(),
        **given,
    }


def location(location_id, **given):
    properties = {
        "id": location_id,
        "name": f"WH{location_id}",
        "stock_location_type": "store",
        "tags": [],
        "is_transfer_location": True,
        "max_quota": 10,
        "city_id": 34,
        **given,
    }
    return SeenLocation(
        id=location_id,
        name=properties["name"],
        is_active=given.get("is_active", True),
        is_fulfillment_center=given.get("is_fulfillment_center", True),
        max_quota=properties["max_quota"],
        has_position=given.get("has_position", True),
        has_exit_time=given.get("has_exit_time", True),
        properties=properties,
    )


def world(scenarios=None, transfers=(), costs=("same_city",), locations=None, **given):
    rules = read_rules(
        {
            "scenarios": [scenario()] if scenarios is None else scenarios,
            "transfers": list(transfers),
            "costs": [{"zone": zone, "parcel": "10", "per_kg": "1"} for zone in costs],
        }
    )
    found = [location(1), location(2)] if locations is None else locations
    return LintWorld(
        scenarios=rules.scenarios,
        transfers=rules.transfers,
        locations={one.id: one for one in found},
        **{
            "channels": {7: {"channel_id": 7, "channel": "Seller Center", "channel_type": "marketplace"}},
            "leaving": frozenset({100, 150, 200}),
            "hooked": frozenset(EVENTS),
            "priced": frozenset(costs),
            "measured": frozenset({1, 2}),
            **given,
        },
    )


def codes(seen):
    return [one.code for one in lint(seen)]


def asks(field, op, value=None):
    return {"field": field, "op": op, **({} if value is None else {"value": value})}
