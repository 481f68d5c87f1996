"""What the doctor's screen shows: the set-up page as a checklist, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ambar.kit.ui.looks import Look
from ambar.oms.console import looks, reasons
from ambar.oms.doctor import queries
from ambar.oms.doctor.domain import texts
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.models import Examination

TITLES = {
    1: _("Omnitron's hooks are off"),
    2: _("Twelve endpoints lead to the Seller Center"),
    3: _("Nine package hooks arrive"),
    4: _("Both sides mean the same"),
    5: _("A synthetic order walks through"),
}
UNKNOWN = Look(tone="neutral", shape="dots", word=_("Can't be told"))
NOT_YET = Look(tone="neutral", shape="ring", word=_("Not checked yet"))
LABELS = {
    "oms_url": _("Address of this OMS"),
    "omnitron_url": _("Address of Omnitron"),
    "omnitron_username": _("User name at Omnitron"),
    "omnitron_password": _("Password at Omnitron"),
    "seller_center_url": _("Address of the Seller Center"),
    "seller_center_token": _("Token of the Seller Center"),
    "seller_center_admin_token": _("Token of the Seller Center's owner"),
    "supplier_code": _("Supplier code"),
    "hook_secret": _("Secret of the package hooks"),
    "former_hooks": _("Hooks of the former Seller Center"),
}
CHOICES = {"former_hooks": (("off", _("Switch them off")), ("keep", _("Leave them as they are")))}
"""What is chosen instead of typed."""
ASKED_BY = {
    "asked": _("Asked for"),
    "watch": _("Watch"),
    "mending": _("After mending"),
    "walk": _("Walk"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One finding. `asks` are (name, label, whether it is secret, what to choose from) of what a person must give."""

    name: str
    look: Look
    what: str
    why: str
    fix: str
    can_fix: bool
    asks: tuple[tuple[str, Any, bool, tuple[tuple[str, Any], ...]], ...]
    took_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the set-up page. `well`: it holds; a step that was not examined yet has no findings."""

    number: int
    title: Any
    look: Look
    word: str
    findings: list[Shown]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The whole screen. `examined_at` None: the doctor never looked."""

    steps: list[Step]
    examined_at: datetime | None
    wrong: int
    can_fix: int


def sheet() -> Sheet:
    """What each step showed when it was last examined, what is wrong first."""
    found, examined_at = queries.last_findings()
    steps = [_step(number, [one for one in found if one.step == number]) for number in TITLES]
    broken = [one for one in found if not texts.ok(one)]
    return Sheet(
        steps=steps,
        examined_at=examined_at,
        wrong=len(broken),
        can_fix=sum(bool(one.remedy) for one in broken),
    )


def history(most: int = 10) -> list[dict[str, Any]]:
    """The latest examinations in which something appeared or was mended."""
    changed = [row for row in Examination.objects.order_by("-id")[:100] if row.appeared or row.mended]
    return [
        {
            "at": row.finished_at,
            "asked_by": ASKED_BY[row.asked_by],
            "appeared": ", ".join(row.appeared),
            "mended": ", ".join(row.mended),
        }
        for row in changed[:most]
    ]


def _step(number: int, found: list[Finding]) -> Step:
    wrong = sum(not texts.ok(one) for one in found)
    if not found:
        look, word = NOT_YET, str(NOT_YET.word)
    elif wrong:
        look = looks.FAILED
        word = ngettext("%(n)s finding", "%(n)s findings", wrong) % {"n": wrong}
    else:
        look, word = looks.OK, str(looks.OK.word)
    return Step(number=number, title=TITLES[number], look=look, word=word, findings=_shown(found))


def _shown(found: Iterable[Finding]) -> list[Shown]:
    ordered = sorted(found, key=lambda one: (texts.ok(one), texts.known(one)))
    return [_one(finding) for finding in ordered]


def spoken(finding: Finding) -> tuple[str, str, str]:
    """What, why and fix as sentences of the reader's language; a name at the beginning (`cities`, `package.created`)
    stays as it is written."""
    names = {str(value) for value in finding.figures.values()}
    said = texts.said(finding, reasons.language())
    return tuple(text if text.partition(" ")[0].strip(",:") in names else capfirst(text) for text in said)  # type: ignore[return-value]


def _one(finding: Finding) -> Shown:
    what, why, fix = spoken(finding)
    well, known = texts.ok(finding), texts.known(finding)
    return Shown(
        name=finding.name,
        look=looks.FAILED if not well else (looks.OK if known else UNKNOWN),
        what=what,
        why="" if well and known else why,
        fix="" if well and known else fix,
        can_fix=bool(finding.remedy),
        asks=tuple(
            (name, LABELS[name], name.endswith(("token", "password", "secret")), CHOICES.get(name, ()))
            for name in finding.needs
        ),
        took_ms=finding.took_ms,
    )
