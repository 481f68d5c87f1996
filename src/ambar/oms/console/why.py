"""The picture of a planning decision: locations as columns, rules as rows, a mark with its number in every cell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit.ui import maps
from ambar.kit.ui.cells import number
from ambar.kit.ui.looks import Look
from ambar.oms.catalogue.models import Product
from ambar.oms.console import reasons, selectors
from ambar.oms.planning.domain.changes import say
from ambar.oms.planning.models import Snapshot
from ambar.oms.scenarios.domain import fields

MOST_COLUMNS = 8
MOST_RUNNERS = 10
TOOK = Look(tone="good", shape="check", word=gettext_lazy("Chosen"))
KEPT = Look(tone="info", shape="ring", word=gettext_lazy("Kept"))
REMOVED = Look(tone="bad", shape="cross", word=gettext_lazy("Removed"))
SPLITS = {
    "whole_order": gettext_lazy("Whole order at one location"),
    "whole_lines": gettext_lazy("Whole lines"),
    "free": gettext_lazy("Free to split"),
}
Products = Mapping[int, Product]
Answer = Mapping[str, Any]
"""A decision as the API answers it (`planning.schemas.decisions`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A column. `role` is chosen, kept or out."""

    id: int
    name: str
    code: str
    role: str
    latitude: float | None = None
    longitude: float | None = None
    took: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a rule thought of a location for a line; `look` None: it was not asked."""

    look: Look | None
    figure: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A rule."""

    name: str
    note: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A location in a rule's ranking: `values` stand under the selectors, `instead` is what would have made it win."""

    rank: int
    place: Place
    values: tuple[str, ...]
    look: Look
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """One rule's ranking."""

    rule: str
    selectors: tuple[str, ...]
    runners: tuple[Runner, ...]
    more: int

    @property
    def explained(self) -> bool:
        """Whether any runner-up has a sentence."""
        return any(runner.instead for runner in self.runners)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """A line to look at."""

    index: int
    sku: str
    name: str
    quantity: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """All that the screen draws. `hidden` columns are left out until asked for; `unmapped` have no coordinates; `ways`
    are the transfers, by the names of both ends; `is_short`: not everything was to be had.
    """

    lines: tuple[OrderLine, ...]
    places: tuple[Place, ...]
    hidden: int
    rows: tuple[Row, ...]
    contests: tuple[Contest, ...]
    map: SafeString
    unmapped: tuple[str, ...]
    ways: tuple[tuple[str, str], ...]
    verdict: tuple[str, ...]
    is_short: bool
    scenario: str
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshots:
    """Rules and locations as the decision saw them."""

    scenarios: Mapping[int, Mapping[str, Any]]
    rules: Mapping[int, Mapping[str, Any]]
    places: Mapping[int, Mapping[str, Any]]


def snapshots(rules_hash: str, view_hash: str) -> Snapshots:
    """What the hashes of a decision name; empty where it is not kept."""
    kept = dict(Snapshot.objects.filter(hash__in=[rules_hash, view_hash]).values_list("hash", "body"))
    return read_snapshots(kept.get(rules_hash) or {}, kept.get(view_hash) or [])


def read_snapshots(rules: Any, places: Iterable[Mapping[str, Any]]) -> Snapshots:
    """Rules (mapping, or a bare list of scenarios) and location rows by id."""
    scenarios = rules.get("scenarios", []) if isinstance(rules, Mapping) else rules
    return Snapshots(
        scenarios={row["id"]: row for row in scenarios},
        rules={rule["id"]: rule for row in scenarios for rule in row["rules"]},
        places={row["id"]: row for row in places},
    )


def picture(
    answer: Answer,
    seen: Snapshots,
    *,
    line: int,
    everything: bool,
    address: tuple[float | None, float | None],
    ways: Sequence[tuple[int, int]] = (),
) -> Picture:
    """The picture for one `line`; `everything` shows all columns, `address` is where the order goes, `ways` are the ids
    of locations between which goods travel first.
    """
    index = line if any(one["index"] == line for one in answer["lines"]) else 0
    places = _places(answer, seen, index)
    products = Product.objects.in_bulk([one["product"] for one in answer["lines"]])
    shown = places if everything else places[:MOST_COLUMNS]
    cells = {(cell["rule"], cell["location"]): cell for cell in answer["matrix"] if cell["line"] == index}
    return Picture(
        lines=_lines(answer, index, products),
        places=tuple(shown),
        hidden=len(places) - len(shown),
        rows=tuple(_row(noted, shown, cells, seen) for noted in answer["rules"]),
        contests=tuple(_contests(answer, seen, {place.id: place for place in places}, products)),
        map=_map(places, address, ways),
        ways=tuple((_named(seen, source), _named(seen, destination)) for source, destination in ways),
        unmapped=tuple(place.name for place in places if place.latitude is None),
        verdict=tuple(_verdict(answer, places)),
        is_short=bool(answer.get("out_of_stock")),
        scenario=str(seen.scenarios.get(answer["scenario"] or 0, {}).get("name", "")),
        refused=tuple(_refused(answer, seen)),
    )


def _lines(answer: Answer, current: int, products: Products) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(
            index=line["index"],
            sku=products[line["product"]].sku if line["product"] in products else str(line["product"]),
            name=products[line["product"]].name if line["product"] in products else "",
            quantity=number(line["quantity"]),
            current=line["index"] == current,
        )
        for line in answer["lines"]
    )


def _places(answer: Answer, seen: Snapshots, line: int) -> list[Place]:
    """Every location with a say, what was chosen first, then by rank, then what was removed."""
    took = _took(answer)
    ranks: dict[int, int] = {}
    for noted in answer["rules"]:
        for rank, entry in enumerate(noted.get("ranked", ())):
            ranks[entry[0]] = min(rank, ranks.get(entry[0], rank))
    known = {cell["location"] for cell in answer["matrix"]} | set(ranks) | set(took)
    here = {cell["location"] for cell in answer["matrix"] if cell["line"] == line and _gave(cell)}
    order = sorted(known, key=lambda one: (one not in here, one not in took, ranks.get(one, 10**6), one))
    return [
        _place(one, seen, "chosen" if one in took else "kept" if one in ranks else "out", took)
        for one in order
    ]


def _gave(cell: Mapping[str, Any]) -> bool:
    return Decimal(str(cell.get("took") or 0)) > 0


def _took(answer: Answer) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for noted in answer["rules"]:
        for entry in noted.get("took", ()):
            found[entry[1]] = found.get(entry[1], Decimal(0)) + Decimal(str(entry[2]))
    return found


def _place(location_id: int, seen: Snapshots, role: str, took: Mapping[int, Decimal]) -> Place:
    row = seen.places.get(location_id, {})
    return Place(
        id=location_id,
        name=str(row.get("name") or f"#{location_id}"),
        code=str(row.get("erp_code") or ""),
        role=role,
        latitude=_degrees(row.get("latitude")),
        longitude=_degrees(row.get("longitude")),
        took=number(took[location_id]) if location_id in took else "",
    )


def _degrees(value: Any) -> float | None:
    return None if value is None else float(value)


def _row(noted: Mapping[str, Any], places: Sequence[Place], cells: Mapping[Any, Any], seen: Snapshots) -> Row:
    rule = seen.rules.get(noted["rule"], {})
    asked = any(key[0] == noted["rule"] for key in cells)
    return Row(
        name=str(rule.get("name") or f"#{noted['rule']}"),
        note=str(SPLITS.get(noted.get("split") or "", "")) if asked else _("Not for this line"),
        cells=tuple(_cell(cells.get((noted["rule"], place.id)), noted, place) for place in places),
    )


def _cell(cell: Mapping[str, Any] | None, noted: Mapping[str, Any], place: Place) -> Cell:
    if cell is None:
        removed = next((entry for entry in noted.get("removed", ()) if entry[0] == place.id), None)
        if removed is None or len(removed) < 2:
            return Cell(look=None)
        word, figure = reasons.said(removed[1:])
        return Cell(look=REMOVED, figure=figure, word=word)
    if _gave(cell):
        brought = Decimal(str(cell.get("brought") or 0))
        by_transfer = _("%(count)s by transfer") % {"count": number(brought)} if brought else ""
        words = ", ".join(filter(None, (_in_stock(cell), by_transfer)))
        return Cell(look=TOOK, figure=number(cell["took"]), word=words)
    if cell["kept"]:
        return Cell(look=KEPT, figure=_rank(noted, place.id), word=_in_stock(cell))
    word, figure = reasons.said(cell["because"] or ["stock", cell["available"], "?"])
    return Cell(look=REMOVED, figure=figure, word=word)


def _in_stock(cell: Mapping[str, Any]) -> str:
    return _("%(count)s in stock") % {"count": number(cell["available"])}


def _rank(noted: Mapping[str, Any], location_id: int) -> str:
    for rank, entry in enumerate(noted.get("ranked", ()), 1):
        if entry[0] == location_id:
            return _("no. %(rank)s") % {"rank": rank}
    return ""


def _contests(
    answer: Answer, seen: Snapshots, places: Mapping[int, Place], products: Products
) -> Iterable[Contest]:
    instead = _sentences(answer, seen, products)
    for noted in answer["rules"]:
        ranked = noted.get("ranked", ())
        if not ranked:
            continue
        rule = seen.rules.get(noted["rule"], {})
        used = tuple(noted.get("selectors") or rule.get("selectors", ()))
        won = {entry[1] for entry in noted.get("took", ())}
        yield Contest(
            rule=str(rule.get("name") or f"#{noted['rule']}"),
            selectors=tuple(selectors.title(name) for name in used),
            runners=tuple(
                Runner(
                    rank=rank,
                    place=places[entry[0]],
                    values=tuple(selectors.shown(*pair) for pair in zip(used, entry[1:], strict=False)),
                    look=TOOK if entry[0] in won else KEPT,
                    instead="" if entry[0] in won else instead.get(entry[0], ""),
                )
                for rank, entry in enumerate(ranked[:MOST_RUNNERS], 1)
            ),
            more=max(0, len(ranked) - MOST_RUNNERS),
        )


def _sentences(answer: Answer, seen: Snapshots, products: Products) -> dict[int, str]:
    """`{location: the smallest change that would have made it win}` in the reader's language."""
    found = answer.get("counterfactuals") or ()
    names = {pk: str(row.get("name")) for pk, row in seen.places.items()}
    skus = {pk: product.sku for pk, product in products.items()}
    labels = {one.name: one.words(reasons.language()) for one in fields.LOCATION}
    return {
        one["location"]: say(one["change"], reasons.language(), locations=names, products=skus, fields=labels)
        for one in found
    }


def _named(seen: Snapshots, location_id: int) -> str:
    return str(seen.places.get(location_id, {}).get("name") or f"#{location_id}")


def _map(
    places: Sequence[Place],
    address: tuple[float | None, float | None],
    ways: Sequence[tuple[int, int]],
) -> SafeString:
    sources = {source for source, _destination in ways}
    spots = [
        maps.Spot(
            label=place.name,
            latitude=place.latitude,
            longitude=place.longitude,
            role="source" if place.id in sources and place.role != "chosen" else place.role,
            note=place.took,
            key=place.id,
        )
        for place in places
        if place.latitude is not None and place.longitude is not None
    ]
    latitude, longitude = address
    if latitude is not None and longitude is not None:
        goal = maps.Spot(label=_("Address"), latitude=latitude, longitude=longitude, role="goal")
        spots.insert(0, goal)
    return (
        maps.draw(spots, title=_("Where the goods come from"), ways=ways)
        if len(spots) > 1
        else SafeString("")
    )


def _verdict(answer: Answer, places: Sequence[Place]) -> Iterable[str]:
    """One sentence per place that got something, and what nobody had."""
    for place in places:
        if place.role == "chosen":
            yield _("%(place)s gives %(count)s.") % {"place": place.name, "count": place.took}
    left = sum((Decimal(str(entry[1])) for entry in answer.get("out_of_stock") or ()), Decimal(0))
    if left:
        yield _("Nobody had %(count)s: Out of Stock.") % {"count": number(left)}


def _refused(answer: Answer, seen: Snapshots) -> Iterable[tuple[str, str]]:
    words = {
        "channel": _("the channel does not match"),
        "shipping": _("the shipping does not match"),
        "payment": _("the payment does not match"),
        "customer_type": _("the customer type does not match"),
    }
    for scenario_id, criterion in answer.get("scenarios_refused") or ():
        name = seen.scenarios.get(scenario_id, {}).get("name") or f"#{scenario_id}"
        yield str(name), words.get(criterion, str(criterion))
