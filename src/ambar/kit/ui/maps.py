"""A small map of places drawn as SVG: positions only, to scale, no tiles and nothing fetched from anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ambar.kit.ui.cells import number

WIDTH, HEIGHT, MARGIN = 320, 250, 26
KM_PER_DEGREE = 111.2
LABEL_HEIGHT = 15
LETTER = 6.7
ROLES = ("goal", "chosen", "source", "kept", "out")
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place. `role` is goal (the address), chosen, source (goods leave it for a chosen one), kept or out; `note`
    stands beside its name where one points at it. `key` is what `ways` of `draw` call it.
    """

    label: Any
    latitude: float
    longitude: float
    role: str = "kept"
    note: Any = ""
    key: Any = None


Point = tuple[float, float]
Box = tuple[float, float, float, float]


def draw(spots: Sequence[Spot], *, title: Any, ways: Sequence[tuple[Any, Any]] = ()) -> SafeString:
    """The spots to scale, lines from what was chosen to the goal, a bar that says how far is how far.

    `ways`: (key, key) of spots between which goods travel first.
    """
    if not spots:
        return SafeString("")
    place, per_km = _projection(spots)
    points = [place(spot) for spot in spots]
    goals = [point for spot, point in zip(spots, points, strict=True) if spot.role == "goal"]
    order = sorted(range(len(spots)), key=lambda i: ROLES.index(spots[i].role))
    labels = _labels([spots[i] for i in order], [points[i] for i in order])
    at = {spot.key: point for spot, point in zip(spots, points, strict=True) if spot.key is not None}
    between = [(*at[one], *at[other]) for one, other in ways if one in at and other in at]
    return format_html(
        '<svg class="picture map" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}</svg>',
        *(WIDTH, HEIGHT, title),
        format_html_join("", "{}", ((_way(points[i], goals),) for i in order if spots[i].role == "chosen")),
        format_html_join("", '<path class="moved" d="M{} {}L{} {}"/>', between),
        format_html_join("", "{}", ((_mark(spots[i], points[i]),) for i in reversed(order))),
        format_html_join("", "{}", ((label,) for label in labels)),
        _scale(per_km),
    )


def _projection(spots: Sequence[Spot]) -> tuple[Any, float]:
    middle = sum(spot.latitude for spot in spots) / len(spots)
    squeeze = max(0.2, cos(radians(middle)))
    across = [spot.longitude * squeeze for spot in spots]
    down = [-spot.latitude for spot in spots]
    wide = max(max(across) - min(across), 0.02)
    tall = max(max(down) - min(down), 0.02)
    scale = min((WIDTH - 2 * MARGIN - 76) / wide, (HEIGHT - 2 * MARGIN) / tall)
    left = (WIDTH - 60 - (max(across) + min(across)) * scale) / 2
    top = (HEIGHT - (max(down) + min(down)) * scale) / 2

    def place(spot: Spot) -> Point:
        return (
            round(spot.longitude * squeeze * scale + left, 1),
            round(-spot.latitude * scale + top, 1),
        )

    return place, scale / KM_PER_DEGREE


def _way(point: Point, goals: Sequence[Point]) -> SafeString:
    return format_html_join("", '<path class="way" d="M{} {}L{} {}"/>', ((*point, *goal) for goal in goals))


def _mark(spot: Spot, point: Point) -> SafeString:
    x, y = point
    if spot.role == "goal":
        shape = format_html('<path class="goal" d="M{} {}l-5.5-9a6.4 6.4 0 1 1 11 0z"/>', x, y)
    elif spot.role == "chosen":
        shape = format_html('<circle class="chosen" cx="{}" cy="{}" r="6"/>', x, y)
    elif spot.role in ("kept", "source"):
        shape = format_html('<circle class="kept" cx="{}" cy="{}" r="4.5"/>', x, y)
    else:
        shape = format_html('<path class="out" d="M{} {}l7 7m0-7l-7 7"/>', x - 3.5, y - 3.5)
    return format_html("<g><title>{}</title>{}</g>", f"{spot.label} {spot.note}".strip(), shape)


def _labels(spots: Sequence[Spot], points: Sequence[Point]) -> list[SafeString]:
    """Names, the important ones first: these may cover the mark of a place that was left out."""
    marks = [(x - 6, y - 6, x + 6, y + 6) for x, y in points]
    strong = [n for n, spot in enumerate(spots) if spot.role in ("goal", "chosen", "source")]
    taken: list[Box] = [marks[n] for n in strong]
    found = [_label(spots[n], points[n], taken) for n in strong]
    others = [n for n in range(len(spots)) if n not in strong]
    taken += [marks[n] for n in others]
    return found + [_label(spots[n], points[n], taken) for n in others]


def _label(spot: Spot, point: Point, taken: list[Box]) -> SafeString:
    """The name beside its mark where it hides nothing; a place of no consequence goes without."""
    text = str(spot.label)
    wide = LETTER * len(text)
    for x, y, anchor in _beside(point):
        left = x if anchor == "start" else x - wide
        box = (left, y - 11, left + wide, y - 11 + LABEL_HEIGHT)
        inside = box[0] >= 0 and box[2] <= WIDTH and box[1] >= 0 and box[3] <= HEIGHT - 18
        if inside and not any(_touch(box, other) for other in taken):
            taken.append(box)
            css = "quiet" if spot.role in ("kept", "out") else "strong"
            return format_html(
                '<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>',
                *(css, round(x, 1), round(y, 1), anchor, text),
            )
    return SafeString("")


def _beside(point: Point) -> list[tuple[float, float, str]]:
    x, y = point
    return [
        (x + 11, y + 4, "start"),
        (x - 11, y + 4, "end"),
        (x + 8, y - 9, "start"),
        (x + 8, y + 18, "start"),
        (x - 8, y - 9, "end"),
        (x - 8, y + 18, "end"),
    ]


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _scale(per_km: float) -> SafeString:
    step = next((step for step in STEPS if step * per_km >= 40), STEPS[-1])
    length = round(step * per_km, 1)
    return format_html(
        '<path class="path" d="M10 {}v5h{}v-5"/><text class="quiet" x="{}" y="{}">{}</text>',
        *(HEIGHT - 14, length, length + 16, HEIGHT - 6),
        _("%(count)s km") % {"count": number(step)},
    )
