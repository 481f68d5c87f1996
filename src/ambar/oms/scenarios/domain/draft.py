"""What makes a scenario acceptable, before it is stored."""

from collections.abc import Collection, Mapping
from typing import Any

from ambar.kit.conditions import parse
from ambar.kit.refusals import Invalid
from ambar.oms.scenarios.domain import fields
from ambar.oms.scenarios.domain.rules import CRITERIA, SELECTORS


def check_draft(draft: Mapping[str, Any], *, channels: Collection[int], locations: Collection[int]) -> None:
    """Refuse a scenario that could not be planned with. `channels` and `locations` are the ids known here.

    Raises `Invalid` naming every field that is wrong, condition trees with the path of their node.
    """
    wrong: dict[str, list[str]] = {}
    if draft["default_location"] not in locations:
        wrong["default_location"] = [f"Location {draft['default_location']} does not exist or is not active."]
    for name in CRITERIA:
        _check_criterion(name, draft, wrong)
    unknown = [value for value in draft["channel_values"] if value not in channels]
    if draft["channel_condition_type"] == "static" and unknown:
        wrong["channel_values"] = [
            f"Channel {value} is not known. A channel appears with its first order, or the doctor creates it before."
            for value in unknown
        ]
    for index, rule in enumerate(draft["rules"]):
        _check_rule(f"rules[{index}]", rule, wrong)
    if wrong:
        raise Invalid(fields=wrong)


def _check_criterion(name: str, draft: Mapping[str, Any], wrong: dict[str, list[str]]) -> None:
    static = draft[f"{name}_condition_type"] == "static"
    if static and draft[f"{name}_query"]:
        wrong[f"{name}_query"] = ["A static condition takes values, not a query."]
    if not static and draft[f"{name}_values"]:
        wrong[f"{name}_values"] = ["A dynamic condition takes a query, not values."]
    _check_tree(draft[f"{name}_query"], fields.ORDER, f"{name}_query", wrong)


def _check_rule(path: str, rule: Mapping[str, Any], wrong: dict[str, list[str]]) -> None:
    _check_tree(rule["product_condition"], fields.PRODUCT, f"{path}.product_condition", wrong)
    _check_tree(rule["location_condition"], fields.LOCATION, f"{path}.location_condition", wrong)
    if rule["product_mode"] != "all" and not rule["product_condition"]:
        wrong[f"{path}.product_condition"] = [f"'{rule['product_mode']}' needs a condition."]
    unknown = [name for name in rule["selectors"] if name not in SELECTORS]
    if unknown:
        wrong[f"{path}.selectors"] = [f"Unknown selector '{unknown[0]}'. Known: {', '.join(SELECTORS)}."]
    elif len(set(rule["selectors"])) != len(rule["selectors"]):
        wrong[f"{path}.selectors"] = ["A selector may stand once."]


def _check_tree(tree: Any, known: Any, path: str, wrong: dict[str, list[str]]) -> None:
    try:
        parse(tree, known, at=path)
    except Invalid as refused:
        wrong.update({where: list(said) for where, said in refused.fields.items()})
