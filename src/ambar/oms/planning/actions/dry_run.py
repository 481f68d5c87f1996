"""Plan an order without doing anything: what would become of it, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction

from ambar.kit.refusals import Invalid
from ambar.oms.packages.models import PackageItem
from ambar.oms.planning import asking, seeing, typed_in
from ambar.oms.planning.domain.amounts import thousandths
from ambar.oms.planning.domain.counterfactual import Counterfactual, counterfactuals
from ambar.oms.planning.domain.engine import plan
from ambar.oms.planning.domain.values import Order, Plan, View
from ambar.oms.planning.schemas import DryRun
from ambar.oms.planning.seeing import FLOOR_ZONE
from ambar.oms.scenarios.domain.rules import Rules, read_rules
from ambar.oms.scenarios.kinds import COLUMNS, DISTRIBUTION, TRANSFER, Kind
from ambar.oms.scenarios.queries import rules_snapshot
from ambar.oms.stock import holdings
from ambar.oms.stock.engines import unknown_locations
from ambar.oms.transfers.models import TransferItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What was asked and answered; `why_not` None when nobody asked for it."""

    order: Order
    rules: Rules
    plan: Plan
    places: seeing.Places
    why_not: Sequence[Counterfactual] | None


def dry_run(body: DryRun, *, now: datetime) -> Tried:
    """Plan a stored or typed-in order with stock as it is or as given, by the active rules or by drafts. Writes nothing.

    A stored order is planned whole, as if it had no package: what its packages hold counts as free. Outside stock services
    are not asked; a location whose figures are too old counts as unknown. Raises `Invalid` naming the fields.
    """
    with transaction.atomic():
        places = seeing.places()
        rules = _rules(body)
        order = typed_in.order_of(body, places, rules)
        seen = _view(body, order, places, rules, now)
    at = now.astimezone(FLOOR_ZONE)
    made = plan(order, rules, seen, at)
    why_not = counterfactuals(order, rules, seen, at, plan=made) if body.counterfactuals else None
    return Tried(order=order, rules=rules, plan=made, places=places, why_not=why_not)


def _rules(body: DryRun) -> Rules:
    _, active = rules_snapshot()
    if body.rules is None and body.transfers is None:
        return active
    source: dict[str, Any] = dict(active.source) if isinstance(active.source, Mapping) else {}
    if body.rules is not None:
        source["scenarios"] = _drafts("rules", DISTRIBUTION, [one.model_dump() for one in body.rules])
    if body.transfers is not None:
        source["transfers"] = _drafts("transfers", TRANSFER, [one.model_dump() for one in body.transfers])
    return read_rules(orjson.loads(orjson.dumps(source, default=str)))


def _drafts(field: str, kind: Kind, drafts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Draft scenarios as stored ones; their ids, and those of their rules, count from 1."""
    rows = []
    wrong: dict[str, list[str]] = {}
    rule_id = 0
    for place, draft in enumerate(drafts):
        try:
            kind.check(draft)
        except Invalid as refused:
            wrong |= {f"{field}[{place}].{name}": list(said) for name, said in refused.fields.items()}
        rules = []
        for rule in draft["rules"]:
            rule_id += 1
            rules.append({"id": rule_id, **rule})
        rows.append(
            {
                "id": place + 1,
                **{COLUMNS.get(name, name): draft[name] for name in kind.fields},
                "rules": rules,
            }
        )
    if wrong:
        raise Invalid(fields=wrong)
    return rows


def _view(body: DryRun, order: Order, places: seeing.Places, rules: Rules, now: datetime) -> View:
    products = {line.product_id for line in order.lines}
    if body.stock is not None:
        stock = typed_in.stock_of(body.stock, products, places)
        unknown: frozenset[int] = frozenset()
    else:
        stock = seeing.stock(products)
        _add_own(stock, [line.item_id for line in order.lines] if body.order is not None else [])
        figures = unknown_locations(products, now=now)
        stock, unknown = seeing.known(stock, figures.missing), figures.unknown
    return View(
        hash=places.hash,
        locations=places.locations,
        stock={},
        thousandths=stock,
        used=seeing.quota(),
        unknown=unknown,
        reliability=seeing.reliability(now) if seeing.asks_reliability(rules) else {},
    )


def _add_own(stock: dict[int, dict[int, int]], order_item_ids: Sequence[int]) -> None:
    """What the order's own packages and transfers hold is free for it."""
    if not order_item_ids:
        return
    for kind, model in (("package_item", PackageItem), ("transfer_item", TransferItem)):
        ids = model.objects.filter(order_item_id__in=order_item_ids).values_list("pk", flat=True)
        for line in holdings.read(kind, ids):
            column = stock.setdefault(line.product_id, {})
            column[line.location_id] = column.get(line.location_id, 0) + thousandths(line.quantity)


def asked_of(order: Order) -> dict[str, Any]:
    """The order in its stored form."""
    found: dict[str, Any] = orjson.loads(asking.stored(order))
    return found
