"""Mend what can be mended from here, one finding or all, and look again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ambar.kit import clock
from ambar.kit.refusals import NotFound, Refusal
from ambar.oms.doctor.actions.examine import CHECKS, looked_at
from ambar.oms.doctor.actions.record import record
from ambar.oms.doctor.actions.remedies import REMEDIES
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, failed
from ambar.oms.doctor.visit import Visit

ROUNDS = 4
"""What is mended may bring another finding to light; so often is looked again."""
PASSES = 2
"""What a later step mends may bring an earlier one to light: Omnitron's hooks are looked at once orders come from the Seller Center."""
Tried = tuple[str, str]
"""Name and code of a finding whose remedy was applied: that is done once."""
STARTS = (
    ("omnitron_", 1),
    ("oms_url", 1),
    ("settings", 2),
    ("endpoint.", 2),
    ("package_hook.", 3),
    ("package_hook_twice.", 3),
    ("hook_secret", 3),
    ("former_seller_center.", 3),
)
"""How the names of findings begin, by step; all others are of step 4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """What was done about one finding."""

    finding: Finding
    mended: Mended


def mend(given: Given, *, only: str | None = None, now: datetime) -> tuple[list[Did], list[Finding]]:
    """Apply remedies, step by step as the set-up page goes, until nothing more changes; then examine again.

    `only`: the name of one finding. Raises `NotFound` when that one has no remedy or is not there (any more).
    """
    did: list[Did] = []
    tried: set[Tried] = set()
    steps = CHECKS if only is None else (step_of(only),)
    for _ in range(PASSES):
        found: list[Finding] = []
        for step in steps:
            done, seen = _mend_step(step, only, given, now, tried)
            did, found = [*did, *done], [*found, *seen]
        if only is None and did:
            found = looked_at(Visit(now=clock.now()), CHECKS)
        if not _todo(found, only, tried):
            break
    if only is not None and not did:
        raise NotFound(f"There is nothing to mend under the name {only}.")
    record(found, steps=steps, asked_by="mending", started_at=now, finished_at=clock.now())
    return did, found


def step_of(name: str) -> int:
    """The step a finding's name belongs to."""
    return next((step for start, step in STARTS if name.startswith(start)), 4)


def _mend_step(
    step: int, only: str | None, given: Given, now: datetime, tried: set[Tried]
) -> tuple[list[Did], list[Finding]]:
    """What was done in one step, and what it shows afterwards."""
    did: list[Did] = []
    for last in (*[False] * ROUNDS, True):
        visit = Visit(now=now)
        found = looked_at(visit, [step])
        todo = _todo(found, only, tried)
        if not todo or last:
            break
        for finding in todo:
            tried.add((finding.name, finding.code))
            did.append(Did(finding=finding, mended=_applied(visit, finding, given)))
    return did, found


def _todo(found: Iterable[Finding], only: str | None, tried: set[Tried]) -> list[Finding]:
    """The findings that have a remedy nobody has applied yet; of `only` that name, when one is given."""
    todo = [one for one in found if one.remedy and only in (None, one.name)]
    return [one for one in todo if (one.name, one.code) not in tried]


def _applied(visit: Visit, finding: Finding, given: Given) -> Mended:
    try:
        return REMEDIES[finding.remedy](visit, finding, given)
    except Refusal as refused:
        return failed(refused.message, refused.message)
