"""Why an order is in quarantine, in the reader's language."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.oms.console import refusals

UNKNOWN = {
    "country": gettext_lazy("The country “%(name)s” is not known."),
    "city": gettext_lazy("The city “%(name)s” is not known."),
    "township": gettext_lazy("The township “%(name)s” is not known."),
    "district": gettext_lazy("The district “%(name)s” is not known."),
}
MISSING = {
    "country": gettext_lazy("The address names no country."),
    "city": gettext_lazy("The address names no city."),
    "township": gettext_lazy("The address names no township."),
    "district": gettext_lazy("The address names no district."),
}
OTHER = gettext_lazy(
    "Order %(id)s is “%(here)s” here, and comes as “%(given)s”: another system's order under the same id?"
)
NAMELESS = gettext_lazy(
    "It names no supplier (supplier_code), and orders sent here must name “%(supplier)s”."
)
_OTHER = re.compile(r'number: order (?P<id>\d+) is "(?P<here>.*)" here, and comes as "(?P<given>.*)"', re.S)
_NAMELESS = re.compile(
    r'supplier_code: the order names none, and orders sent here must name "(?P<supplier>.*)"', re.S
)
_PLACE = re.compile(r"unknown (country|city|township|district): (.*)", re.S)
_FIELD = re.compile(r"([A-Za-z_][\w.\[\]]*): (.+)", re.S)


def words(reason: str) -> str:
    """A recorded reason as a sentence; one that is not known here stays as recorded."""
    place = _PLACE.fullmatch(reason)
    if place is not None:
        level, name = place.groups()
        return str(MISSING[level]) if name == "none given" else str(UNKNOWN[level]) % {"name": name}
    for said, sentence in ((_OTHER, OTHER), (_NAMELESS, NAMELESS)):
        if (found := said.fullmatch(reason)) is not None:
            return str(sentence) % found.groupdict()
    parts = reason.split("; ")
    if len(parts) > 1 and all(_FIELD.fullmatch(part) for part in parts):
        return "; ".join(words(part).removesuffix(".") for part in parts)
    field = _FIELD.fullmatch(reason)
    if field is None:
        return refusals.sentence(reason)
    return _("%(field)s: %(problem)s") % {
        "field": field[1],
        "problem": refusals.sentence(field[2]),
    }
