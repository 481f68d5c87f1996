"""Say what a condition means and how much of what is here it matches."""

from typing import Any

from ambar.kit.conditions import OPERATORS, Condition, Fields, parse
from ambar.oms.scenarios import counting, queries
from ambar.oms.scenarios.domain import fields

ABOUT: dict[str, Fields] = {"order": fields.ORDER, "product": fields.PRODUCT, "location": fields.LOCATION}


def condition_fields(about: str) -> dict[str, Any]:
    """Every field conditions about `about` may ask, with the operators that fit it, and the operators in words."""
    return {
        "about": about,
        "fields": [
            {
                "name": field.name,
                "type": field.type,
                "label": {"en": field.words("en"), "tr": field.words("tr")},
                "choices": list(field.choices),
                "depends_on_order": about == "location" and field.name in fields.ORDER_BOUND,
                "operators": _operators_of(field.type),
            }
            for field in ABOUT[about]
        ],
        "operators": [
            {
                "name": operator.name,
                "types": sorted(operator.types),
                "value": operator.arity,
                "words": {"en": operator.words, "tr": operator.words_tr},
            }
            for operator in OPERATORS.values()
        ],
    }


def _operators_of(kind: str) -> list[str]:
    fitting = {"text", "number", "boolean"} if kind == "open" else {kind}
    return [name for name, operator in OPERATORS.items() if not fitting.isdisjoint(operator.types)]


def describe_condition(about: str, tree: Any) -> dict[str, Any]:
    """The tree in English and Turkish. Orders and products: how many of the last 1,000 orders match; locations: how many
    of the active ones do, `undecided` being those where the order has a say. Raises `Invalid` naming the node.
    """
    condition = parse(tree, ABOUT[about], at="tree")
    said: dict[str, Any] = {"en": condition.sentence("en"), "tr": condition.sentence("tr")}
    if about == "order":
        matching, looked_at = counting.count_orders(tree)
        return {**said, "matching_orders": matching, "of_orders": looked_at}
    if about == "product":
        matching, looked_at, lines = counting.count_orders_with_product(tree)
        return {**said, "matching_orders": matching, "of_orders": looked_at, "matching_lines": lines}
    return {**said, **_locations(condition)}


def _locations(condition: Condition) -> dict[str, int]:
    active = [row for row in queries.locations_seen().values() if row.is_active]
    verdicts = [condition.decide(row.properties, fields.ORDER_BOUND) for row in active]
    return {
        "matching_locations": verdicts.count(True),
        "undecided_locations": verdicts.count(None),
        "of_locations": len(active),
    }
