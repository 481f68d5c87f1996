"""The decision record: compact while planning, spread out into the matrix when somebody asks.

Compact form: `asked` (scenarios refused before), `scenario`, `stock` (`{product: [[locations], [available]]}` as this
order saw it), `used` (quota of the locations seen), and per rule `lines`, `removed` (`[location, reason, ...]`), `ranked`
(`[location, selector values...]`), `split`, `took` (`[line, location, quantity]`); `left` is what no rule placed.
With the rules and locations snapshots it is all that a replay needs.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ambar.oms.planning.domain.shelf import Shelf
from ambar.oms.planning.domain.values import Location, Order, View
from ambar.oms.scenarios.domain.rules import Scenario

VERSION = 1


def begin(
    order: Order, scenario: Scenario, refused: list[list[Any]], shelf: Shelf, view: View
) -> dict[str, Any]:
    """The record's head, with the figures as they are before this order takes anything."""
    stock: dict[str, list[list[Any]]] = {}
    seen: set[int] = set()
    for line in order.lines:
        name = str(line.product_id)
        if name not in stock:
            column = shelf.at(line.product_id)
            stock[name] = [list(column), list(map(str, column.values()))]
            seen.update(column)
    record: dict[str, Any] = {"v": VERSION, "scenario": scenario.id, "stock": stock, "rules": []}
    if refused:
        record["asked"] = refused
    if any(rule.quota_guarded for rule in scenario.rules):
        record["used"] = {str(location): shelf.used.get(location, 0) for location in sorted(seen)}
    unknown = view.unknown & seen if view.unknown else None
    if unknown:
        record["unknown"] = sorted(unknown)
    return record


def plain(value: Any) -> Any:
    """A selector value as JSON keeps it."""
    return str(value) if isinstance(value, Decimal) else value


def seen_by(record: Mapping[str, Any], locations: Mapping[int, Location], locations_hash: str) -> View:
    """The view as the recorded order saw it; `locations` come from the snapshot the decision names."""
    return View(
        hash=locations_hash,
        locations=locations,
        stock={
            int(product): {place: Decimal(have) for place, have in zip(*column, strict=True)}
            for product, column in record.get("stock", {}).items()
        },
        used={int(place): used for place, used in record.get("used", {}).items()},
        unknown=frozenset(record.get("unknown", ())),
    )


def said(quantity: Decimal) -> str:
    """A quantity without idle zeros: `13`, `1.5`."""
    text = format(quantity, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def matrix(record: Mapping[str, Any], lines: Iterable[tuple[int, Decimal]]) -> list[dict[str, Any]]:
    """Line × location × rule with `kept` or why not. `lines` are `(product id, ordered quantity)` in line order."""
    ordered = list(lines)
    wanted = {index: quantity for index, (_, quantity) in enumerate(ordered)}
    have = {
        (int(product), location): Decimal(quantity)
        for product, column in record.get("stock", {}).items()
        for location, quantity in zip(*column, strict=True)
    }
    cells: list[dict[str, Any]] = []
    for noted in record.get("rules", []):
        removed = {entry[0]: entry[1:] for entry in noted.get("removed", [])}
        took = {(index, location): Decimal(quantity) for index, location, quantity in noted.get("took", [])}
        for index in noted["lines"]:
            product = ordered[index][0]
            for location in sorted(place for known, place in have if known == product):
                stock = have[product, location]
                reason = removed.get(location) or (
                    ["stock", said(stock), said(wanted[index])]
                    if _short(noted, stock, wanted[index])
                    else None
                )
                cells.append(
                    {
                        "rule": noted["rule"],
                        "line": index,
                        "location": location,
                        "available": said(stock),
                        "kept": reason is None,
                        "because": reason,
                        "took": said(took.get((index, location), Decimal(0))),
                    }
                )
        for (index, location), quantity in took.items():
            have[ordered[index][0], location] -= quantity
            wanted[index] -= quantity
    return cells


def _short(noted: Mapping[str, Any], stock: Decimal, wanted: Decimal) -> bool:
    return stock <= 0 if noted.get("split") == "free" else stock < wanted
