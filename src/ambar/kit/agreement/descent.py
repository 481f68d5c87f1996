"""Finding the rows that differ: from the coarsest digests down, asking only below those that are not equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from .digests import EMPTY, Sum, differing

Place = tuple[str, ...]
"""Where rows lie: names from the coarsest part down."""

LEAF = 500
"""A place of no more rows is read row by row."""
BATCH = 4000
"""So many rows are asked for at once, from several places."""
PLACES = 100
"""And from no more places than this."""


class Side(Protocol):
    """One of the two that compare."""

    def sums(self, place: Place) -> Mapping[Place, Sum]:
        """Digests of the parts of a place; each part's path is longer than the place's."""

    def rows(self, places: Sequence[Place]) -> Mapping[str, str]:
        """Key → text of every row that lies in one of the places."""

    def is_finest(self, place: Place) -> bool:
        """Whether a place has no parts to ask about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a step found: the keys whose rows differ, and of how many rows the comparison is done."""

    keys: frozenset[str]
    rows: int


def disagreeing(
    ours: Side, theirs: Side, place: Place = (), *, leaf: int = LEAF, batch: int = BATCH
) -> Iterator[Looked]:
    """The rows below `place` that one side has and the other has not, or has otherwise; in steps.

    A row whose place differs may be named in two steps, and is not named when its texts are the same: what places a row
    belongs into its text, where that shall be found. Raises what the sides raise.
    """
    pending: list[Place] = [place]
    gathered: list[Place] = []
    held = 0
    while pending:
        here = pending.pop()
        mine, other = ours.sums(here), theirs.sums(here)
        wrong = differing(mine, other)
        alike = sum(one.count for part, one in mine.items() if part not in wrong)
        if alike:
            yield Looked(keys=frozenset(), rows=alike)
        for part in wrong:
            size = max(mine.get(part, EMPTY).count, other.get(part, EMPTY).count)
            if size > leaf and not ours.is_finest(part):
                pending.append(part)
                continue
            if gathered and (held + size > batch or len(gathered) == PLACES):
                yield _compared(ours, theirs, gathered)
                gathered, held = [], 0
            gathered.append(part)
            held += size
    if gathered:
        yield _compared(ours, theirs, gathered)


def _compared(ours: Side, theirs: Side, places: Sequence[Place]) -> Looked:
    mine, other = ours.rows(places), theirs.rows(places)
    keys = frozenset(key for key in mine.keys() | other.keys() if mine.get(key) != other.get(key))
    return Looked(keys=keys, rows=max(len(mine), len(other)))
