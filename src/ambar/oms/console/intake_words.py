"""Why an order is in quarantine, in the reader's language."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.oms.console import reasons, refusals

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
_PLACE = re.compile(r"unknown (country|city|township|district): (.*)", re.S)
_FIELD = re.compile(r"([A-Za-z_][\w.\[\]]*): (.+)", re.S)


def words(reason: str) -> str:
    """A recorded reason as a sentence; one that is not known here stays as recorded."""
    place = _PLACE.fullmatch(reason)
    if place is not None:
        level, name = place.groups()
        return str(MISSING[level]) if name == "none given" else str(UNKNOWN[level]) % {"name": name}
    parts = reason.split("; ")
    if len(parts) > 1 and all(_FIELD.fullmatch(part) for part in parts):
        return "; ".join(words(part).removesuffix(".") for part in parts)
    field = _FIELD.fullmatch(reason)
    if field is None or reasons.language() == "en":
        return refusals.sentence(reason)
    return _("%(field)s: %(problem)s") % {
        "field": field[1],
        "problem": refusals.sentence(field[2]),
    }
