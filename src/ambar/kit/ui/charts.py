"""Pictures drawn as SVG on the server. Each has a table beside it; labels stand on the marks, not in a legend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ambar.kit.ui.cells import number

WIDTH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One station of a flow: `count` passed it; `stuck` wait in it because of `reason`."""

    label: Any
    count: int
    note: Any = ""
    stuck: int = 0
    reason: Any = ""
    href: str = ""
    stuck_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: `value` against `limit` (None: no limit; the longest bar fills the width)."""

    label: Any
    value: int
    limit: int | None = None
    note: Any = ""
    href: str = ""


def flow(stages: Sequence[Stage], *, title: Any) -> SafeString:
    """Stations from left to right with the number that passed each and, below, what is stuck there."""
    gap, top, height = 26, 4, 92
    wide = (WIDTH - 2 - gap * (len(stages) - 1)) / max(1, len(stages))
    parts = [_station(stage, 1 + i * (wide + gap), wide, top, height) for i, stage in enumerate(stages)]
    arrows = [_arrow(1 + i * (wide + gap) + wide, top + height / 2, gap) for i in range(len(stages) - 1)]
    return format_html(
        '<svg class="picture flow" viewBox="0 0 {} {}" role="group" aria-label="{}">{}{}</svg>',
        WIDTH,
        146,
        title,
        format_html_join("", "{}", ((part,) for part in arrows)),
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def _station(stage: Stage, x: float, wide: float, top: float, height: float) -> SafeString:
    tile = format_html(
        '<rect class="tile" x="{}" y="{}" width="{}" height="{}" rx="6"/>'
        '<text class="quiet" x="{}" y="{}">{}</text>'
        '<text class="big" x="{}" y="{}">{}</text>'
        '<text class="quiet" x="{}" y="{}">{}</text>',
        *(round(x, 1), top, round(wide, 1), height),
        *(round(x + 14, 1), top + 23, stage.label),
        *(round(x + 14, 1), top + 53, number(stage.count)),
        *(round(x + 14, 1), top + 77, stage.note),
    )
    if stage.href:
        tile = format_html('<a href="{}">{}</a>', stage.href, tile)
    return format_html("{}{}", tile, _stuck(stage, x, top + height + 10) if stage.stuck else "")


def _stuck(stage: Stage, x: float, y: float) -> SafeString:
    drawn = format_html(
        '<path class="mark-warn" d="M{} {}l6 10.5h-12z"/><text class="warn-text" x="{}" y="{}">{} {}</text>',
        *(round(x + 20, 1), round(y + 5, 1)),
        *(round(x + 34, 1), round(y + 15, 1), number(stage.stuck), stage.reason),
    )
    return format_html('<a href="{}">{}</a>', stage.stuck_href, drawn) if stage.stuck_href else drawn


def _arrow(x: float, y: float, gap: float) -> SafeString:
    end = x + gap - 4
    return format_html(
        '<path class="path" d="M{} {}H{}"/><path class="arrow" d="M{} {}l-7-4v8z"/>',
        *(round(x + 4, 1), y, round(end - 4, 1), round(end, 1), y),
    )


def bars(rows: Sequence[Bar], *, title: Any) -> SafeString:
    """Horizontal bars with the figure at their end; a bar past 90 % of its limit warns, at the limit it alarms."""
    line, label_width, figure_width = 30, 230, 170
    room = WIDTH - label_width - figure_width
    most = max([row.limit or row.value for row in rows] or [1]) or 1
    drawn = [
        _bar(row, index * line, label_width, room, room * (row.limit or row.value) / most, most)
        for index, row in enumerate(rows)
    ]
    return format_html(
        '<svg class="picture" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>',
        WIDTH,
        max(line, line * len(rows)),
        title,
        format_html_join("", "{}", ((part,) for part in drawn)),
    )


def _bar(row: Bar, y: float, left: float, room: float, track: float, most: int) -> SafeString:
    full = row.limit is not None and row.value >= row.limit
    near = row.limit is not None and row.value >= 0.9 * row.limit
    tone = "bad" if full else "warn" if near else ""
    length = min(room, room * row.value / most)
    figure = f"{number(row.value)} / {number(row.limit)}" if row.limit is not None else number(row.value)
    label = format_html('<text x="0" y="{}">{}</text>', y + 19, row.label)
    if row.href:
        label = format_html('<a href="{}">{}</a>', row.href, label)
    return format_html(
        '{}<rect class="track" x="{}" y="{}" width="{}" height="10" rx="2"/>'
        '<rect class="bar {}" x="{}" y="{}" width="{}" height="10" rx="2"/>'
        '<text x="{}" y="{}">{} <tspan class="quiet">{}</tspan></text>',
        label,
        *(left, y + 10, round(max(track, 1), 1)),
        *(tone, left, y + 10, round(max(length, 1 if row.value else 0), 1)),
        *(left + room + 12, y + 19, figure, row.note),
    )
