"""What the check of transitions finds, in the reader's language, with the states' own names."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit.ui.looks import Look
from ambar.oms.console import looks
from ambar.oms.states.domain.codes import ENUM_OF_KIND
from ambar.oms.states.domain.soundness import Finding

WHAT = {
    "unreachable_state": gettext_lazy("Nothing leads to %(state)s: no record will ever stand there."),
    "dead_end": gettext_lazy("Nothing leads on from %(state)s: what gets there stays for ever."),
    "no_way_to_an_end": gettext_lazy(
        "From %(state)s no final state can be reached: the ways on lead in a circle."
    ),
    "left_unseen": gettext_lazy(
        "No button on a screen leads on from %(state)s: only programs, or nobody, can run what does."
    ),
    "command_does_not_fit": gettext_lazy(
        "The transition %(slug)s can't be run: its command does not lead from its first state to its second."
    ),
    "unknown_command": gettext_lazy("The transition %(slug)s can't be run: its command is not known."),
    "command_without_transition": gettext_lazy(
        "No active transition carries the command %(command)s: nobody can run it."
    ),
}
FIX = {
    "unreachable_state": gettext_lazy("Add a transition to it, or switch the old one on again."),
    "dead_end": gettext_lazy("Add a transition that starts there, or switch the old one on again."),
    "no_way_to_an_end": gettext_lazy(
        "Add a transition that leads on to an end, from it or from a state behind it."
    ),
    "left_unseen": gettext_lazy("Offer a transition that starts there everywhere, if people work there."),
    "command_does_not_fit": gettext_lazy("Give it a command that fits, or switch it off."),
    "unknown_command": gettext_lazy("Give it a command that fits, or switch it off."),
    "command_without_transition": gettext_lazy(
        "Add a transition with this command, or leave it so if this brand does not use it."
    ),
}
_COMMAND = re.compile(r"carries \S+ \((.+)\): nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One finding as people read it. `kind` is package or transfer; `state` and `slug` lead to the rows it is about."""

    look: Look
    kind: str
    what: str
    fix: str
    state: str | None
    slug: str | None


def shown(finding: Finding) -> Shown:
    """The finding in the reader's language; one that is not known here stays as it is."""
    known = WHAT.get(finding.code)
    words: dict[str, Any] = {"slug": finding.slug or "", "command": _command(finding)}
    if finding.state is not None:
        words["state"] = looks.state_word(ENUM_OF_KIND[finding.kind], finding.state)
    return Shown(
        look=looks.FAILED if finding.level == "error" else looks.WARNING,
        kind=finding.kind,
        what=str(known) % words if known else finding.what,
        fix=str(FIX[finding.code]) if known else finding.fix,
        state=finding.state,
        slug=finding.slug,
    )


def _command(finding: Finding) -> str:
    named = _COMMAND.search(finding.what)
    return _(named[1]) if named else ""
