"""The decision record: compact while planning and at rest, spread out when somebody asks.

Version 2, quantities in thousandths. Head: `scenario`, `asked` (`[scenario, criterion]` refused before), `at` (the locations
the figures are of), `stock` (`{product: [available at each of at]}` as this order saw it), `used` (quota, like `at`),
`history` (`[refused, packages]`, like `at`), `unknown`, `weightless` (lines without a weight, where costs count).
Per rule: `lines`, `by` (the selectors), `removed` (`[location, reason, ...]`), `ranked` (location ids, best first), `values` (one list per selector,
like `ranked`), `split`, `took` (`[line, location, thousandths]`), `moved` (`[line, destination, source, thousandths]`),
`transfers`, `search`. `left` is what no rule placed (`[line, thousandths]`), `hold` why nothing was planned.
With the rules and locations snapshots it is all that a replay needs. Version 1 is read as well.
Spread out by `spreading`. Source: `docs/decisions/0022-what-the-record-keeps.md`.
"""

import zlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson
from isal import isal_zlib

from ambar.oms.planning.domain.amounts import SCALE
from ambar.oms.planning.domain.shelf import Shelf
from ambar.oms.planning.domain.spreading import matrix as matrix
from ambar.oms.planning.domain.standing import Ground
from ambar.oms.planning.domain.values import Location, Order, Plan, View
from ambar.oms.scenarios.domain.rules import Rules, Scenario

VERSION = 2
READS = (1, 2)
"""The versions this release can read; `v` of a record names its own."""

LEVEL = 1


def begin(
    order: Order,
    scenario: Scenario,
    refused: list[list[Any]],
    shelf: Shelf,
    view: View,
    ground: Ground,
    rules: Rules,
) -> dict[str, Any]:
    """The record's head, with the figures as they are before this order takes anything."""
    columns = {str(line.product_id): shelf.at(line.product_id) for line in order.lines}
    figures = ground.figures
    brings = bool(rules.transfers) and any(rule.transferable for rule in scenario.rules)
    at: list[int] = ground.ids
    if not brings and not any(len(column) >= len(at) for column in columns.values()):
        at = sorted({location for column in columns.values() for location in column})
    if at is ground.ids:
        stock = {product: figures(column) for product, column in columns.items()}
    else:
        stock = {product: [column.get(location, 0) for location in at] for product, column in columns.items()}
    record: dict[str, Any] = {"v": VERSION, "scenario": scenario.id, "at": at, "stock": stock, "rules": []}
    if refused:
        record["asked"] = refused
    asks = ground.asks(scenario)
    if "SELECT_BY_QUOTA" in asks:
        used = shelf.used
        record["used"] = figures(used) if at is ground.ids else [used.get(location, 0) for location in at]
    if "SELECT_BY_RELIABILITY" in asks:
        record["history"] = [list(view.reliability.get(location, (0, 0))) for location in at]
    if "SELECT_BY_COST" in asks:
        record["weightless"] = [index for index, line in enumerate(order.lines) if line.weight is None]
    if view.unknown:
        record["unknown"] = sorted(view.unknown)
    return record


def pack(content: Mapping[str, Any]) -> bytes:
    """What is stored of an attempt: JSON, deflated, in zlib's format."""
    return isal_zlib.compress(orjson.dumps(content), LEVEL)


def written(record: Mapping[str, Any]) -> bytes:
    """The record as JSON, in the one form its digest is of."""
    return orjson.dumps(record, option=orjson.OPT_SORT_KEYS)


def unpack(packed: bytes) -> dict[str, Any]:
    """`pack` undone."""
    found: dict[str, Any] = orjson.loads(zlib.decompress(packed))
    return found


def digest(plan: Plan, record: bytes | None = None) -> str:
    """A hash of everything a plan says: packages, transfers, hold, record. A replay must give the same.

    `record`: the plan's record as `written`, where the caller has it.
    """
    content = [
        [
            [package.location_id, package.state, package.guarded, _written(package.items)]
            for package in plan.packages
        ],
        [[way.source_id, way.destination_id, _written(way.items)] for way in plan.transfers],
        None if plan.hold is None else [plan.hold.code, plan.hold.message, plan.hold.pending],
        plan.scenario_id,
        orjson.Fragment(written(plan.record) if record is None else record),
    ]
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def _written(items: Iterable[tuple[int, int, Decimal]]) -> list[list[Any]]:
    return [[item, product, int(quantity * SCALE)] for item, product, quantity in items]


class UnknownVersion(ValueError):
    """The record was written in a form this release does not know."""

    def __init__(self, version: object) -> None:
        known = ", ".join(map(str, READS))
        super().__init__(f"its record is of version {version}, this release reads {known}")


def check_version(record: Mapping[str, Any]) -> None:
    """Raises `UnknownVersion` for a record of another release's form."""
    if record.get("v") not in READS:
        raise UnknownVersion(record.get("v"))


def seen_by(record: Mapping[str, Any], locations: Mapping[int, Location], locations_hash: str) -> View:
    """The view as the recorded order saw it; `locations` come from the snapshot the decision names."""
    unknown = frozenset(record.get("unknown", ()))
    if record["v"] == 1:
        return View(
            hash=locations_hash,
            locations=locations,
            stock={
                int(product): {place: Decimal(have) for place, have in zip(*column, strict=True)}
                for product, column in record.get("stock", {}).items()
            },
            used={int(place): used for place, used in record.get("used", {}).items()},
            unknown=unknown,
        )
    at = record.get("at", [])
    history = zip(at, record["history"], strict=True) if "history" in record else ()
    return View(
        hash=locations_hash,
        locations=locations,
        stock={},
        thousandths={
            int(product): dict(zip(at, column, strict=True))
            for product, column in record.get("stock", {}).items()
        },
        used=dict(zip(at, record["used"], strict=True)) if "used" in record else {},
        reliability={place: (refused, packages) for place, (refused, packages) in history},
        unknown=unknown,
    )


def outcome(record: Mapping[str, Any]) -> list[Any]:
    """What was decided, in one form for every version: per rule who gives what, what is left, why it is held.

    Two records with the same outcome made the same packages of the same order.
    """
    per_thousand = record["v"] > 1

    def counted(entries: Iterable[list[Any]]) -> list[list[Any]]:
        return [
            [*entry[:-1], entry[-1] if per_thousand else int(Decimal(entry[-1]) * SCALE)] for entry in entries
        ]

    taken = [[noted["rule"], counted(noted.get("took", ()))] for noted in record.get("rules", ())]
    hold = record.get("hold")
    return [
        record.get("scenario"),
        [entry for entry in taken if entry[1]],
        [entry for noted in record.get("rules", ()) for entry in noted.get("moved", ())],
        counted(record.get("left", ())),
        None if hold is None else hold[0],
    ]
