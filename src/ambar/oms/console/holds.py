"""Why an order waits, in the reader's language."""

import re
from typing import Any

from django.utils.translation import gettext as _

NO_FIGURE = "No fresh figure from the stock service of "


def words(hold: Any) -> str:
    """A recorded hold `[code, English sentence]`, or the bare sentence of an order, as one sentence."""
    code, message = hold if isinstance(hold, (list, tuple)) and len(hold) == 2 else ("", str(hold or ""))
    speak = {"no_lines": _no_lines, "no_scenario": _no_scenario, "stock_unknown": _stock_unknown}.get(code)
    speak = speak or next((known for start, known in STARTS if message.startswith(start)), None)
    return speak(message) if speak else message


def _no_lines(message: str) -> str:
    return _("The order has no line to plan.")


def _no_scenario(message: str) -> str:
    if message == "No distribution scenario is active.":
        return _("No distribution scenario is active.")
    channel = re.search(r"\(channel (.*?)\):", message)
    return _("No distribution scenario matches this order (channel: %(channel)s).") % {
        "channel": channel.group(1) if channel else "–"
    }


def _stock_unknown(message: str) -> str:
    names = message.removeprefix(NO_FIGURE).removesuffix(".")
    return _("No fresh figure from the stock service of %(names)s; planning is tried again by itself.") % {
        "names": names
    }


STARTS = (
    ("The order has no line", _no_lines),
    ("No distribution scenario", _no_scenario),
    (NO_FIGURE, _stock_unknown),
)
