"""How states look in the OMS: tone and shape are fixed here, the word is the state row's own name."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ambar.kit.ui.looks import Look
from ambar.oms.states import queries

_PACKAGE: Mapping[int, tuple[str, str]] = {
    100: ("info", "ring"),
    150: ("info", "dots"),
    200: ("progress", "half"),
    300: ("info", "dots"),
    400: ("progress", "square"),
    500: ("progress", "box"),
    600: ("progress", "arrow"),
    620: ("progress", "pin"),
    640: ("warn", "triangle"),
    660: ("bad", "cross"),
    700: ("good", "check"),
    740: ("neutral", "back"),
    800: ("warn", "triangle"),
    900: ("neutral", "cross"),
    910: ("warn", "diamond"),
    920: ("bad", "triangle"),
    930: ("bad", "stop"),
    1100: ("neutral", "box"),
}
_ORDER: Mapping[int, tuple[str, str]] = {
    50: ("warn", "triangle"),
    100: ("neutral", "cross"),
    200: ("info", "ring"),
    300: ("info", "dots"),
    350: ("info", "dots"),
    400: ("info", "ring"),
    425: ("neutral", "ring"),
    450: ("progress", "half"),
    500: ("progress", "arrow"),
    510: ("progress", "arrow"),
    520: ("progress", "pin"),
    540: ("warn", "triangle"),
    544: ("info", "dots"),
    545: ("info", "dots"),
    546: ("info", "dots"),
    547: ("good", "disc"),
    550: ("good", "check"),
    600: ("neutral", "back"),
}
_TRANSFER: Mapping[str, tuple[str, str]] = {
    "waiting": ("info", "ring"),
    "ready_to_shipment": ("progress", "square"),
    "in_transit": ("progress", "arrow"),
    "transferred": ("good", "check"),
    "cancelled": ("neutral", "cross"),
    "out_of_stock": ("bad", "triangle"),
}
PLANNING = {
    "new": Look(tone="info", shape="ring", word=_("New")),
    "planning": Look(tone="info", shape="dots", word=_("Planning")),
    "planned": Look(tone="good", shape="check", word=_("Planned")),
    "hold": Look(tone="warn", shape="stop", word=_("On hold")),
    "pending": Look(tone="info", shape="dots", word=_("Pending")),
    "out_of_stock": Look(tone="bad", shape="triangle", word=_("Out of stock")),
}
QUARANTINE_KINDS = {
    "malformed": _("Malformed order"),
    "unknown_place": _("Unknown place"),
    "another_order": _("Another system's order?"),
    "malformed_plan": _("Malformed cancellation plan"),
}
ACTIVE = Look(tone="good", shape="disc", word=_("Active"))
INACTIVE = Look(tone="neutral", shape="cross", word=_("Off"))
OK = Look(tone="good", shape="check", word=_("Good"))
DONE = Look(tone="good", shape="check", word=_("Done"))
REFUSED = Look(tone="bad", shape="cross", word=_("Refused"))
FAILED = Look(tone="bad", shape="cross", word=_("Not good"))
WARNING = Look(tone="warn", shape="triangle", word=_("Look here"))

PROGRESS = {
    "waiting": Look(tone="info", shape="ring", word=_("Waiting")),
    "running": Look(tone="progress", shape="half", word=_("Working")),
    "done": Look(tone="good", shape="check", word=pgettext_lazy("state", "Finished")),
    "cancelled": Look(tone="warn", shape="stop", word=_("Aborted")),
}
"""How far long work in the background is."""

CANCELLATION_TYPES = {"cancel": _("Cancellation"), "refund": _("Return")}
CANCELLATION_ORIGINS = {
    "plan": _("Upstream"),
    "order_version": _("Newer version of the order"),
    "command": _("Somebody here"),
}


def translated(row: Mapping[str, Any]) -> str:
    """The name of a state or transition in the reader's language (`translations` as `{"tr-tr": {"name"}}`)."""
    language = "tr-tr" if (get_language() or "").startswith("tr") else "en-us"
    translation = (row.get("translations") or {}).get(language) or {}
    return str(translation.get("name") or row.get("name") or "")


def state_word(enum_class: str, code: object) -> str:
    """The name of a state in the reader's language; a code without a row as it is."""
    try:
        return translated(queries.state_json(enum_class, code))
    except LookupError:
        return str(code)


def package(code: int) -> Look:
    """Look of a package's state."""
    tone, shape = _PACKAGE.get(code, ("neutral", "ring"))
    return Look(tone=tone, shape=shape, word=state_word("PackageStatus", code))


def order(code: int) -> Look:
    """Look of an order's or order item's state."""
    tone, shape = _ORDER.get(code, ("neutral", "ring"))
    return Look(tone=tone, shape=shape, word=state_word("OrderStatus", code))


def transfer(state: str) -> Look:
    """Look of a transfer's state."""
    tone, shape = _TRANSFER.get(state, ("neutral", "ring"))
    return Look(tone=tone, shape=shape, word=state_word("TransferStatus", state))


def planning(state: str) -> Look:
    """Look of an order's planning state."""
    return PLANNING.get(state) or Look(tone="neutral", shape="ring", word=state)


def cancellation_type(code: str) -> str:
    """Whether something is cancelled or comes back."""
    return str(CANCELLATION_TYPES.get(code, code))


def cancellation_origin(code: str) -> str:
    """Who asked for a cancellation."""
    return str(CANCELLATION_ORIGINS.get(code, code))
