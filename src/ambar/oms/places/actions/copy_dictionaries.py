"""Copy the four dictionaries of places from upstream (Akinon OMS: Basic Setup, Addresses)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ambar.oms.places import store
from ambar.oms.places.domain.naming import LEVELS

NAMES = {"country": "countries", "city": "cities", "township": "townships", "district": "districts"}


@dataclass(slots=True, kw_only=True)
class Copying:
    """Figures of a run: rows read and written per level, and what could not be taken."""

    written: dict[str, int] = field(default_factory=dict)
    orphans: dict[str, list[int]] = field(default_factory=dict)
    malformed: dict[str, int] = field(default_factory=dict)


def copy_dictionaries(
    source: str,
    pages: Callable[[str], Iterable[list[Any]]],
    *,
    progress: Callable[[str, int], None] = lambda level, rows: None,
) -> Copying:
    """Copy every level, parents first, page by page. `pages(name)` yields the pages of the upstream list `name`.

    Repeating it changes nothing. A row without a known parent or a usable name is counted and told, never fatal.
    """
    copying = Copying()
    for level in LEVELS:
        copying.written[level] = 0
        copying.malformed[level] = 0
        orphans: list[int] = []
        for page in pages(NAMES[level]):
            copied = store.copy_places(level, source, page)
            copying.written[level] += copied.written
            copying.malformed[level] += len(copied.malformed)
            orphans += copied.orphans
            progress(level, copied.written)
        copying.orphans[level] = orphans
    store.estimate_coordinates()
    return copying
