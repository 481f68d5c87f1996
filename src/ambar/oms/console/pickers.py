"""Fields that hold an id of ours, as people choose and read them: by name."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Concat

from ambar.kit.conditions import Fields, parse
from ambar.oms.catalogue.models import Channel
from ambar.oms.locations.models import StockLocation
from ambar.oms.places.models import City, Country, Township

MOST_OPTIONS = 1500
NAMED = "named_"
COMPARED_BY_NAME = ("eq", "ne", "in", "not_in")
Option = tuple[str, str]
Names = Mapping[tuple[str, int], str]
"""`{(field, id): name}`"""

_ROWS: Mapping[str, Callable[[], Any]] = {
    "channel_id": lambda: Channel.objects.annotate(shown=F("name")),
    "country_id": lambda: Country.objects.annotate(shown=F("name")),
    "city_id": lambda: City.objects.annotate(shown=F("name")),
    "township_id": lambda: Township.objects.annotate(shown=Concat("name", Value(" / "), "city__name")),
    "id": lambda: StockLocation.objects.annotate(shown=F("name")),
}


def options(field: str) -> list[Option]:
    """What may be chosen for the field, by name; empty for a field that holds no id, or when there is too much."""
    if field not in _ROWS:
        return []
    rows = _ROWS[field]().order_by("shown", "pk").values_list("pk", "shown")[: MOST_OPTIONS + 1]
    found = [(str(pk), shown) for pk, shown in rows]
    return found if len(found) <= MOST_OPTIONS else []


def chosen(found: list[Option], value: str) -> list[tuple[str, str, bool]]:
    """The options with whether `value` (ids with commas) names them; an id that is gone stays as `#id`."""
    wanted = [part.strip() for part in value.split(",") if part.strip()]
    known = {option for option, _words in found}
    gone = [(one, f"#{one}", True) for one in wanted if one not in known]
    return [*gone, *((option, words, option in wanted) for option, words in found)]


def names(trees: Iterable[Any]) -> dict[tuple[str, int], str]:
    """Names of all ids that the trees ask for; one statement per kind of id, none when there is no id."""
    wanted: dict[str, set[int]] = {}
    for leaf in (leaf for one in trees for leaf in _leaves(one)):
        ids = {value for value in _values(leaf) if isinstance(value, int) and abs(value) < 2**63}
        if leaf.get("field") in _ROWS and ids:
            wanted.setdefault(str(leaf["field"]), set()).update(ids)
    return {
        (field, pk): shown
        for field, ids in wanted.items()
        for pk, shown in _ROWS[field]().filter(pk__in=ids).values_list("pk", "shown")
    }


def sentence(tree: Any, known: Fields, language: str, named: Names) -> str:
    """What the tree means, with names where it stores ids. Raises `Invalid` naming the node."""
    parse(tree, known)
    text = (replace(one, name=f"{NAMED}{one.name}", type="code") for one in known if one.name in _ROWS)
    return parse(_with_names(tree, named), Fields((*known, *text))).sentence(language)


def _with_names(tree: Any, named: Names) -> Any:
    if isinstance(tree, list):
        return [_with_names(one, named) for one in tree]
    if "field" not in tree:
        return {key: _with_names(value, named) for key, value in tree.items()}
    if tree["field"] not in _ROWS or tree.get("op") not in COMPARED_BY_NAME:
        return tree
    said = [named.get((tree["field"], value), f"#{value}") for value in _values(tree)]
    value = said if isinstance(tree["value"], list) else said[0]
    return {**tree, "field": f"{NAMED}{tree['field']}", "value": value}


def _leaves(tree: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(tree, list):
        for one in tree:
            yield from _leaves(one)
    elif isinstance(tree, Mapping):
        if "field" in tree:
            yield tree
        else:
            for one in tree.values():
                yield from _leaves(one)


def _values(leaf: Mapping[str, Any]) -> list[Any]:
    value = leaf.get("value")
    return value if isinstance(value, list) else [value]
