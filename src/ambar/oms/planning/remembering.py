"""The world of a stored decision: its order, its rules, and what it saw of the locations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ambar.kit.refusals import Refusal
from ambar.oms.planning import asking, seeing
from ambar.oms.planning.domain import recording
from ambar.oms.planning.domain.values import Order, View
from ambar.oms.planning.models import Decision, Snapshot
from ambar.oms.planning.seeing import FLOOR_ZONE
from ambar.oms.scenarios.domain.rules import Rules, read_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All that planning needs to decide the same again; `now` is the time on the wall of the locations."""

    order: Order
    rules: Rules
    view: View
    now: datetime


class Unreadable(ValueError):
    """A snapshot says something this release does not understand; the message names what."""


class Snapshots:
    """Rules and locations by hash, read once each."""

    def __init__(self) -> None:
        self._rules: dict[str, Rules] = {}
        self._places: dict[str, seeing.Places] = {}
        self._refused: dict[str, Unreadable] = {}

    def load(self, rows: Iterable[Decision]) -> None:
        """Read what these decisions name and is not known yet; one statement."""
        wanted = {name for row in rows for name in (row.rules_hash, row.view_hash)}
        missing = wanted - self._rules.keys() - self._places.keys() - self._refused.keys() - {""}
        if not missing:
            return
        for snapshot in Snapshot.objects.filter(hash__in=missing):
            try:
                if snapshot.kind == "rules":
                    self._rules[snapshot.hash] = read_rules(snapshot.body)
                else:
                    self._places[snapshot.hash] = seeing.read_places(snapshot.body)
            except KeyError as error:
                self._refused[snapshot.hash] = Unreadable(f"the {snapshot.kind} then had no {error}")
            except (Refusal, ValueError, TypeError, LookupError) as error:
                self._refused[snapshot.hash] = Unreadable(
                    f"the {snapshot.kind} then say what this release does not know: {error}"
                )

    def world(self, row: Decision) -> World:
        """Raises `KeyError` when a snapshot is gone, `Unreadable` when this release cannot read it,
        `recording.UnknownVersion` for the record itself, `ValueError` when a snapshot is not what its hash says.
        """
        recording.check_version(row.record)
        for name in (row.rules_hash, row.view_hash):
            if name in self._refused:
                raise self._refused[name]
        rules, places = self._rules[row.rules_hash], self._places[row.view_hash]
        if (rules.hash, places.hash) != (row.rules_hash, row.view_hash):
            raise ValueError("a snapshot is not what its hash says")
        record: dict[str, Any] = row.record
        return World(
            order=asking.restored(row.asked),
            rules=rules,
            view=recording.seen_by(record, places.locations, places.hash),
            now=row.at.astimezone(FLOOR_ZONE),
        )
