"""How far an order and its lines have come upstream: as this OMS knows it, and as upstream says under the same version.

A status upstream only moves with a version of its order, and never back (`docs/decisions/0018-item-statuses.md`). So under the
newest version seen each stands where that version said, or where upstream has let itself be told since
(`docs/decisions/0127-statuses-compared.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ambar.oms.upstream.domain import statuses

_STAYS = frozenset({50, statuses.REFUNDED})
"""What a line stands in whatever it was told before: a cancellation is waited for, or it has ended."""
_PEERS = {540: 520}
"""An order of a parcel that waits and one whose delivery was tried may be said to stand in either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Statuses of an order: of it and of its `lines` (by upstream id) in the newest version seen, and what upstream took last of lines.

    `is_telling`: something of it is on its way.
    """

    order: int
    lines: Mapping[int, int]
    told: Mapping[int, int]
    is_telling: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """Statuses of an order and of its lines as upstream says."""

    order: int
    lines: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """The fields that differ, each (field, ours, theirs); `is_behind`: all of it is mended by telling upstream again.

    `line_statuses` are `{upstream id: status}` of the lines that do.
    """

    fields: tuple[tuple[str, Any, Any], ...] = ()
    is_behind: bool = False


def apart(known: Known, there: There) -> Apart:
    """What differs; a line that only one side has is not looked at."""
    lines = {pk: _reached(code, known.told.get(pk)) for pk, code in known.lines.items()}
    order = _of_order(known, lines)
    wrong = [pk for pk in sorted(lines.keys() & there.lines.keys()) if lines[pk] != there.lines[pk]]
    behind = [
        lines[pk] == known.told.get(pk) and statuses.may_follow(there.lines[pk], lines[pk]) for pk in wrong
    ]
    fields: list[tuple[str, Any, Any]] = []
    if _PEERS.get(order, order) != _PEERS.get(there.order, there.order):
        fields.append(("status", order, there.order))
        behind.append(bool(known.told) and statuses.may_follow(there.order, order))
    if wrong:
        ours, theirs = ({str(pk): side[pk] for pk in wrong} for side in (lines, there.lines))
        fields.append(("line_statuses", ours, theirs))
    return Apart(fields=tuple(fields), is_behind=bool(behind) and all(behind))


def _reached(seen: int, told: int | None) -> int:
    """Where a line stands that was seen in one status and, before or after, took the other."""
    if told is None or seen in _STAYS or not statuses.may_follow(seen, told):
        return seen
    return told


def _of_order(known: Known, lines: Mapping[int, int]) -> int:
    """Where the order stands: where it was seen, or since lines have moved with the least advanced that is not cancelled."""
    if lines == known.lines:
        return known.order
    least = min((code for code in lines.values() if code != statuses.CANCELED), default=statuses.CANCELED)
    return _reached(known.order, least)


def lags(fields: Mapping[str, tuple[Any, Any]]) -> bool:
    """Whether upstream is behind in something of what was found to differ (field → (ours, theirs))."""
    pairs = [fields["status"]] if "status" in fields else []
    if "line_statuses" in fields:
        ours, theirs = fields["line_statuses"]
        pairs += [(ours[pk], theirs[pk]) for pk in ours]
    return any(statuses.may_follow(there, here) for here, there in pairs)
