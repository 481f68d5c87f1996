"""One change to the world a plan was made in: apply it, and say it. A change is data: `{"kind": ..., "location": ..., ...}`.

Kinds: `activate`, `packaging_centre`, `exclusion` (`item`), `quota`, `priority`, `packaging_minutes`, `refusals` (each `from`,
`to`), `stock` (`product`, `from`, `to`, `more`; quantities as text), `property` (`field`, `from`, `to`), and `limit` and
`allow`, which change a rule's location condition (`rule`, `path` of the leaf, `field`, `op`, `from`, `to`).
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ambar.oms.planning.domain.amounts import SCALE
from ambar.oms.planning.domain.values import Location, Order, View
from ambar.oms.scenarios.domain.rules import Rules, read_rules

Change = Mapping[str, Any]
World = tuple[Order, Rules, View]
STEP = re.compile(r"\.(all|any|not)(?:\[(\d+)\])?")


def apply_change(order: Order, rules: Rules, view: View, change: Change) -> World:
    """The world with the change made; nothing given is touched. Raises `KeyError` for an unknown kind or location."""
    kind = change["kind"]
    if kind == "exclusion":
        return _lifted(order, change), rules, view
    if kind in ("limit", "allow"):
        return order, _with_value(rules, change), view
    if kind == "stock":
        return order, rules, _with_stock(view, change)
    if kind == "refusals":
        history = {**view.reliability, change["location"]: (change["to"], change["packages"])}
        return order, rules, replace(view, reliability=history)
    location = _changed(view.locations[change["location"]], change)
    return order, rules, replace(view, locations={**view.locations, location.id: location})


def _changed(location: Location, change: Change) -> Location:
    kind = change["kind"]
    if kind == "property":
        return replace(location, properties={**location.properties, change["field"]: change["to"]})
    if kind == "packaging_minutes":
        minutes = {"targeted_packaging_minutes": change["to"]}
        return replace(location, properties={**location.properties, **minutes})
    changed: dict[str, dict[str, Any]] = {
        "activate": {"is_active": True},
        "packaging_centre": {"is_fulfillment_center": True},
        "quota": {"max_quota": change.get("to")},
        "priority": {"priority": change.get("to")},
    }
    given = changed[kind]
    told = {name: value for name, value in given.items() if name in location.properties}
    return replace(location, **given, properties={**location.properties, **told})


def _lifted(order: Order, change: Change) -> Order:
    lines = tuple(
        replace(
            line, excluded={place: why for place, why in line.excluded.items() if place != change["location"]}
        )
        if line.item_id == change["item"]
        else line
        for line in order.lines
    )
    return replace(order, lines=lines)


def _with_stock(view: View, change: Change) -> View:
    product, location = change["product"], change["location"]
    column = dict(view.thousandths.get(product) or {})
    if not column:
        seen = view.stock.get(product, {})
        column = {place: int(have * SCALE) for place, have in seen.items()}
    column[location] = int(Decimal(change["to"]) * SCALE)
    return replace(view, thousandths={**view.thousandths, product: column})


def _with_value(rules: Rules, change: Change) -> Rules:
    source = deepcopy(rules.source)
    scenarios = source["scenarios"] if isinstance(source, Mapping) else source
    for scenario in scenarios:
        for rule in scenario["rules"]:
            if rule["id"] == change["rule"]:
                leaf_at(rule["location_condition"], change["path"])["value"] = change["to"]
    return read_rules(source)


def leaf_at(tree: Any, path: str) -> Any:
    """The leaf of a stored condition tree at a verdict's path (`rules[0].location_condition.all[1]`)."""
    for kind, index in STEP.findall(path.partition("_condition")[2]):
        tree = tree[kind][int(index)] if index else tree[kind]
    return tree


SENTENCES: dict[str, dict[str, str]] = {
    "en": {
        "activate": "if {location} were active",
        "packaging_centre": "if {location} were a packaging centre",
        "exclusion": "if {location} might have the item again (it is out because: {why})",
        "quota": "if the quota of {location} were {to} instead of {from}",
        "priority": "if the priority of {location} were {to} instead of {from}",
        "packaging_minutes": "if {location} packed in {to} minutes instead of {from}",
        "refusals": "if {location} had refused {to} of its {packages} packages instead of {from}",
        "stock": "if {location} had {more} more of {product} ({to} instead of {from})",
        "property": "if “{field}” of {location} were {to} instead of {from}",
        "limit": "if the rule's limit on “{field}” were {to} instead of {from}",
        "allow": "if the rule's list for “{field}” also had {added}",
        "none": "no single change would have done it",
    },
    "tr": {
        "activate": "{location} etkin olsaydı",
        "packaging_centre": "{location} paketleme merkezi olsaydı",
        "exclusion": "ürün {location} için yeniden açılsaydı (kapalı olma nedeni: {why})",
        "quota": "{location} kotası {from} yerine {to} olsaydı",
        "priority": "{location} önceliği {from} yerine {to} olsaydı",
        "packaging_minutes": "{location} {from} yerine {to} dakikada paketleseydi",
        "refusals": "{location}, {packages} paketinden {from} yerine {to} tanesini reddetmiş olsaydı",
        "stock": "{location} lokasyonunda {product} ürününden {more} adet daha olsaydı ({from} yerine {to})",
        "property": "{location} için “{field}” değeri {from} yerine {to} olsaydı",
        "limit": "kuralın “{field}” sınırı {from} yerine {to} olsaydı",
        "allow": "kuralın “{field}” listesinde {added} da olsaydı",
        "none": "tek bir değişiklik bunun için yetmezdi",
    },
}
NOTHING = {"en": "nothing", "tr": "boş"}
TRUTH = {"en": {True: "yes", False: "no"}, "tr": {True: "evet", False: "hayır"}}


def say(
    change: Change | None,
    language: str = "en",
    *,
    locations: Mapping[int, str] | None = None,
    products: Mapping[int, str] | None = None,
    fields: Mapping[str, str] | None = None,
) -> str:
    """The change as the if-half of a sentence, in `en` or `tr`; None: that none is enough. Names are looked up in
    `locations`, `products` and `fields`, where they are given.
    """
    templates = SENTENCES[language]
    if change is None:
        return templates["none"]
    said = {name: _word(value, language) for name, value in change.items()}
    said["location"] = (locations or {}).get(change["location"], f"#{change['location']}")
    if "product" in change:
        said["product"] = (products or {}).get(change["product"], f"#{change['product']}")
    if "field" in change:
        said["field"] = (fields or {}).get(change["field"], change["field"])
    if change["kind"] == "allow":
        said["added"] = _word(change["to"][-1], language)
    return templates[change["kind"]].format(**said)


def _word(value: Any, language: str) -> str:
    if value is None:
        return NOTHING[language]
    if isinstance(value, bool):
        return TRUTH[language][value]
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or NOTHING[language]
    return str(value)
