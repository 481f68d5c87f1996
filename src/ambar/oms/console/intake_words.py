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
BESIDE = gettext_lazy(
    "It was sent here without “%(supplier)s” as its supplier (supplier_code), so it may be another system's order %(id)s"
)
LINE = gettext_lazy("Its line %(line)s belongs to order “%(here)s” here: another system's order?")
PLAN = gettext_lazy(
    "The cancellation plan is of order “%(given)s”, and order %(id)s is “%(here)s” here: another system's plan?"
)
PLAN_ELSEWHERE = gettext_lazy(
    "Cancellation plan %(plan)s is about order %(here)s here, and comes for order %(given)s: another system's plan?"
)
_OTHER = re.compile(r'number: order (?P<id>\d+) is "(?P<here>.*)" here, and comes as "(?P<given>.*)"', re.S)
_NAMELESS = re.compile(
    r'supplier_code: the order names none, and orders sent here must name "(?P<supplier>.*)"', re.S
)
_BESIDE = re.compile(
    r'supplier_code: sent here without "(?P<supplier>.*)", so it may be another order (?P<id>\d+)', re.S
)
_LINE = re.compile(r'orderitem_set: line (?P<line>\d+) belongs to order "(?P<here>.*)" here', re.S)
_PLAN = re.compile(
    r'order\.number: order (?P<id>\d+) is "(?P<here>.*)" here, and the plan is of "(?P<given>.*)"', re.S
)
_PLAN_ELSEWHERE = re.compile(
    r"order: plan (?P<plan>\d+) is about order (?P<here>\d+) here, and comes for (?P<given>\d+)"
)
_KNOWN = (
    (_OTHER, OTHER),
    (_NAMELESS, NAMELESS),
    (_BESIDE, BESIDE),
    (_LINE, LINE),
    (_PLAN, PLAN),
    (_PLAN_ELSEWHERE, PLAN_ELSEWHERE),
)
_PLACE = re.compile(r"unknown (country|city|township|district): (.*)", re.S)
_FIELD = re.compile(r"([A-Za-z_][\w.\[\]]*): (.+)", re.S)


def words(reason: str) -> str:
    """A recorded reason as a sentence; one that is not known here stays as recorded."""
    place = _PLACE.fullmatch(reason)
    if place is not None:
        level, name = place.groups()
        return str(MISSING[level]) if name == "none given" else str(UNKNOWN[level]) % {"name": name}
    for said, sentence in _KNOWN:
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
