"""Why a conflict of the hand-over could not be repaired, in the reader's language.

A reason may carry another: of an order that waits in quarantine, of a package of an order, of the order of a package. A test
reads the reasons out of the rooms' code, so that a new one without its Turkish is found.
"""

import re
from collections.abc import Callable

from django.utils.translation import gettext_lazy

from ambar.oms.console import intake_words, refusals


def words(reason: str) -> str:
    """A recorded reason as a sentence; one that is not known here stays as recorded."""
    for said, template, speak in _CARRYING:
        if (found := said.fullmatch(reason)) is not None:
            told = found.groupdict()
            return str(template) % {**told, "why": speak(told["why"])}
    return refusals.sentence(reason)


def _carrying(start: str) -> re.Pattern[str]:
    return re.compile(f"{start}(?P<why>.+)", re.S)


_CARRYING: tuple[tuple[re.Pattern[str], object, Callable[[str], str]], ...] = (
    (_carrying("In quarantine: "), gettext_lazy("In quarantine: %(why)s"), intake_words.words),
    (_carrying(r"Its order is not here\. "), gettext_lazy("Its order is not here. %(why)s"), words),
    (_carrying("Package (?P<number>.+?): "), gettext_lazy("Package %(number)s: %(why)s"), words),
)
