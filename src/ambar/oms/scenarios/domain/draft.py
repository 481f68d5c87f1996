"""What makes a scenario acceptable, before it is stored."""

from collections.abc import Collection, Mapping
from typing import Any

from ambar.kit.conditions import Fields, parse
from ambar.kit.refusals import Invalid
from ambar.oms.scenarios.domain import fields
from ambar.oms.scenarios.domain.rules import CRITERIA, SELECTORS, SOURCE_SELECTORS

Wrong = dict[str, list[str]]
Draft = Mapping[str, Any]


def check_draft(draft: Draft, *, channels: Collection[int], locations: Collection[int]) -> None:
    """Refuse a distribution scenario that could not be planned with. `channels`, `locations`: the ids known here.

    Raises `Invalid` naming every field that is wrong, condition trees with the path of their node.
    """
    wrong: Wrong = {}
    if draft["default_location"] not in locations:
        wrong["default_location"] = [f"Location {draft['default_location']} does not exist or is not active."]
    _check_prerequisites(draft, channels, wrong)
    for index, rule in enumerate(draft["rules"]):
        path = f"rules[{index}]"
        _check_products(path, rule, wrong)
        _check_tree(rule["location_condition"], fields.LOCATION, f"{path}.location_condition", wrong)
        _check_selectors(path, rule, SELECTORS, wrong)
    if wrong:
        raise Invalid(fields=wrong)


def check_transfer_draft(draft: Draft, *, channels: Collection[int]) -> None:
    """Refuse a transfer scenario that could not be planned with; as `check_draft`."""
    wrong: Wrong = {}
    _check_prerequisites(draft, channels, wrong)
    for index, rule in enumerate(draft["rules"]):
        path = f"rules[{index}]"
        _check_products(path, rule, wrong)
        _check_tree(rule["source_condition"], fields.LOCATION, f"{path}.source_condition", wrong)
        place = f"{path}.location_condition"
        _check_tree(rule["location_condition"], fields.LOCATION, place, wrong)
        if not any(name.startswith(place) for name in wrong):
            asked = parse(rule["location_condition"], fields.LOCATION).fields & fields.ORDER_BOUND
            if asked:
                wrong[place] = [
                    f"'{min(asked)}' depends on the order; the package's location is asked only what it is by itself."
                ]
        _check_selectors(path, rule, SOURCE_SELECTORS, wrong)
    if wrong:
        raise Invalid(fields=wrong)


def _check_prerequisites(draft: Draft, channels: Collection[int], wrong: Wrong) -> None:
    for name in CRITERIA:
        _check_criterion(name, draft, wrong)
    unknown = [value for value in draft["channel_values"] if value not in channels]
    if draft["channel_condition_type"] == "static" and unknown:
        wrong["channel_values"] = [
            f"Channel {value} is not known. A channel appears with its first order, or the doctor creates it before."
            for value in unknown
        ]


def _check_criterion(name: str, draft: Draft, wrong: Wrong) -> None:
    static = draft[f"{name}_condition_type"] == "static"
    if static and draft[f"{name}_query"]:
        wrong[f"{name}_query"] = ["A static condition takes values, not a query."]
    if not static and draft[f"{name}_values"]:
        wrong[f"{name}_values"] = ["A dynamic condition takes a query, not values."]
    _check_tree(draft[f"{name}_query"], fields.ORDER, f"{name}_query", wrong)


def _check_products(path: str, rule: Draft, wrong: Wrong) -> None:
    place = f"{path}.product_condition"
    _check_tree(rule["product_condition"], fields.PRODUCT, place, wrong)
    if rule["product_mode"] != "all" and not rule["product_condition"]:
        wrong[place] = [f"'{rule['product_mode']}' needs a condition."]
    if rule["product_mode"] == "all" and rule["product_condition"]:
        wrong[place] = ["'all' takes no condition; use 'only' or 'except'."]


def _check_selectors(path: str, rule: Draft, known: tuple[str, ...], wrong: Wrong) -> None:
    place = f"{path}.selectors"
    unknown = [name for name in rule["selectors"] if name not in SELECTORS]
    misplaced = [name for name in rule["selectors"] if name not in known]
    if unknown:
        wrong[place] = [f"Unknown selector '{unknown[0]}'. Known: {', '.join(known)}."]
    elif misplaced:
        wrong[place] = [f"'{misplaced[0]}' cannot order sources. Known here: {', '.join(known)}."]
    elif len(set(rule["selectors"])) != len(rule["selectors"]):
        wrong[place] = ["A selector may stand once."]


def _check_tree(tree: Any, known: Fields, path: str, wrong: Wrong) -> None:
    try:
        parse(tree, known, at=path)
    except Invalid as refused:
        wrong.update(
            {
                where: [str(one) for one in said] for where, said in refused.fields.items()
            }  # messages, never maps
        )
