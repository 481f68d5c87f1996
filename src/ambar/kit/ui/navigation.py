"""The left navigation of one system, filled by its console in `AppConfig.ready()`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry. `scope` is what the person must hold to see it (None: everybody signed in); `kwargs` of its URL."""

    label: Any
    url_name: str
    icon: str
    scope: str | None = None
    visible: Callable[[Any], bool] | None = None
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A group of entries under a small heading (an empty heading is not drawn)."""

    label: Any
    items: tuple[Item, ...]


_sections: list[Section] = []
_brand: dict[str, Any] = {"system": "", "home": ""}


def register(system: Any, *, home: str, sections: Sequence[Section]) -> None:
    """Set the system's name beside the mark, the URL name of its home and its navigation."""
    _brand.update(system=system, home=home)
    _sections[:] = list(sections)


def system_name() -> Any:
    """Name shown beside the mark, e.g. "OMS"."""
    return _brand["system"]


def home() -> str:
    """URL name of the first screen after signing in."""
    return str(_brand["home"])


def visible_sections(holds: Callable[[str], bool], user: Any) -> list[Section]:
    """The sections with only those entries this person may open."""
    shown = []
    for section in _sections:
        items = tuple(
            item
            for item in section.items
            if (item.scope is None or holds(item.scope)) and (item.visible is None or item.visible(user))
        )
        if items:
            shown.append(Section(label=section.label, items=items))
    return shown
