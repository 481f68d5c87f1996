"""Who packs what, as a person decides it: groups of package items, each with a location.

Akinon OMS: Manual Planning, `assignment_groups`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any


def as_group(given: Any) -> Any:
    """A group in its object form.

    Accepted: `{"package_items": [1, 2], "erp_code": "WH1"}`, `[[1, 2], "WH1"]` and `[1, 2, "WH1"]`; anything else is
    answered as it came, for the schema to refuse.
    """
    if not isinstance(given, list) or not given or not isinstance(given[-1], str):
        return given
    *items, erp_code = given
    if len(items) == 1 and isinstance(items[0], list):
        items = items[0]
    return {"package_items": items, "erp_code": erp_code}


def uncovered(
    groups: Sequence[Collection[int]], package_items: Iterable[int], *, number: str
) -> dict[str, list[str]]:
    """What keeps the groups from covering every item of package `number` exactly once, by field; empty when they do."""
    own = set(package_items)
    problems: dict[str, list[str]] = {}
    seen: set[int] = set()
    for place, items in enumerate(groups):
        field = f"assignment_groups.{place}.package_items"
        for item in items:
            if item not in own:
                problems.setdefault(field, []).append(f"{item} is not an item of package {number}.")
            elif item in seen:
                problems.setdefault(field, []).append(f"Item {item} is named twice.")
            seen.add(item)
    left = sorted(own - seen)
    if left:
        named = ", ".join(map(str, left))
        problems["assignment_groups"] = [f"Items {named} of package {number} are in no group."]
    return problems
