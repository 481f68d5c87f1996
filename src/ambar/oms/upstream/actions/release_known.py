"""Let orders go that waited for places which are known by now: the dictionaries were copied or grew after the orders came."""

from __future__ import annotations

from datetime import datetime

from ambar.kit import turn
from ambar.kit.refusals import NotFound
from ambar.oms.places import queries as places
from ambar.oms.upstream.actions.redrive import redrive
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.domain.verdicts import QUARANTINED
from ambar.oms.upstream.models import Quarantined

KIND = "unknown_place"


class Release:
    """Looks at the number of places known from `source`; once it changed and stands still, offers the waiting orders again."""

    def __init__(self) -> None:
        self._before: dict[str, int] | None = None
        self._offered: dict[str, int] | None = None

    def look(self, source: str, *, configured: Configured, now: datetime) -> int:
        """How many orders were let go; 0 when none waits, places are still arriving, or nothing is new about them."""
        waiting = Quarantined.objects.filter(source=source, kind=KIND, closed_at__isnull=True)
        if not waiting.exists():
            return 0
        known = places.counts(source)
        still, self._before = known == self._before, known
        if not still or known == self._offered:
            return 0
        with turn.only_one("release quarantine") as mine:
            if not mine:
                return 0
            self._offered = known
            try:
                found = redrive(
                    ids=list(waiting.values_list("pk", flat=True)), configured=configured, now=now
                )
            except NotFound:
                return 0
        return sum(verdict.outcome != QUARANTINED for verdict in found)
