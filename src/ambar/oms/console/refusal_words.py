"""What the OMS refuses with, listed so that it is translated: sentences with the places of their figures."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext_noop

BY_CODE: Mapping[str, str] = {
    "scenario_is_active": gettext_noop("An active scenario cannot be deleted: deactivate it instead."),
    "changed_meanwhile": gettext_noop(
        "Somebody else (%(author)s) saved version %(version)s in the meantime. Look at it and change it again."
    ),
    "scenario_was_active": gettext_noop(
        "This scenario was active and decisions refer to it: it is kept, inactive."
    ),
}

SENTENCES = (
    gettext_noop("The package is in %(now)s now; this transition starts from %(start)s."),
    gettext_noop("The transfer is in %(now)s now; this transition starts from %(start)s."),
    gettext_noop("'%(mode)s' needs a condition."),
    gettext_noop("%(value)s is not a %(kind)s value."),
    gettext_noop("'%(op)s' takes exactly two values."),
    gettext_noop("the first value of '%(op)s' is above the second."),
    gettext_noop("Location %(id)s does not exist or is not active."),
)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", template)
    text = "".join(f"(?P<{part}>.+?)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
    return re.compile(text, re.S)


PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple((_pattern(one), one) for one in SENTENCES)
