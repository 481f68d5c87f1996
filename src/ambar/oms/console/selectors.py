"""Names of the selectors, and their values as people read them."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.oms.console import reasons

TITLES = {
    "SELECT_BY_QUOTA": gettext_lazy("Free quota"),
    "SELECT_BY_PRIORITY": gettext_lazy("Priority"),
    "SELECT_BY_STOCK": gettext_lazy("Stock"),
    "SELECT_BY_DISTANCE": gettext_lazy("Distance"),
    "SELECT_BY_FEWEST_PACKAGES": gettext_lazy("Fewest packages"),
    "SELECT_BY_COST": gettext_lazy("Shipping cost"),
    "SELECT_BY_EXIT_TIME": gettext_lazy("Earliest hand-over"),
    "SELECT_BY_RELIABILITY": gettext_lazy("Reliability"),
}
HELP = {
    "SELECT_BY_QUOTA": gettext_lazy("Leaves out locations without free quota; the freest first."),
    "SELECT_BY_PRIORITY": gettext_lazy("The lowest priority number first."),
    "SELECT_BY_STOCK": gettext_lazy("The fullest first."),
    "SELECT_BY_DISTANCE": gettext_lazy("The nearest first; unknown coordinates last."),
    "SELECT_BY_FEWEST_PACKAGES": gettext_lazy("Sets of locations that need the fewest packages first."),
    "SELECT_BY_COST": gettext_lazy("The cheapest by the shipping cost table first."),
    "SELECT_BY_EXIT_TIME": gettext_lazy("Who can hand over earliest first."),
    "SELECT_BY_RELIABILITY": gettext_lazy("Fewest refusals of the last 90 days first."),
}


def title(name: str) -> str:
    """What a selector is called on screens."""
    return str(TITLES.get(name, name))


def shown(name: str, value: Any) -> str:
    """A selector's recorded value with its unit."""
    if value is None:
        return _("unknown")
    text = reasons.value(value)
    if name == "SELECT_BY_DISTANCE":
        return _("%(count)s km") % {"count": text}
    if name == "SELECT_BY_EXIT_TIME":
        return str(value).replace("T", " ")
    if name == "SELECT_BY_RELIABILITY":
        return f"{text} ‰"
    return text
