"""A flowchart as SVG text: readable at its own size, told in words for those who can't see it.

Only presentation attributes are used, so that it looks alike under any content security policy. Every name is the
brand's own and is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from ambar.oms.states.domain.chart import LINE, PADDING, WIDTH, Group, Label, Look, width_of
from ambar.oms.states.domain.chart_lines import Chart, Line, PlacedBox, Point

EDGE = 28
"""White room around the drawing."""
HEAD = 56
FOOT = 64
ROUND = 6

# Dark enough to read on white; neighbours in the list differ in hue.
COLOURS = (
    "#1d4ed8", "#b45309", "#047857", "#be123c", "#6d28d9", "#0e7490", "#a21caf", "#4d7c0f", "#9a3412", "#334155",
    "#0f766e", "#c2410c", "#166534", "#7f1d1d", "#1e3a8a", "#831843", "#57534e", "#365314",
)  # fmt: skip
INK, SOFT, PAPER, FRAME, ALARM = "#0f172a", "#475569", "#ffffff", "#94a3b8", "#b91c1c"
DASHES: dict[Look, str] = {"everywhere": "", "api": "7 4", "hidden": "2 4", "itself": "12 3 2 3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the drawing itself says, in one language."""

    lang: str
    title: str
    start: str
    end: str
    to: str
    stays: str
    itself: str
    api: str
    hidden: str
    everywhere: str


WORDS: tuple[Words, Words] = (
    Words(
        lang="en", title="{kind}: states and transitions", start="starts here", end="ends here", to="to", stays="stays",
        itself="happens by itself", api="programs only", hidden="hidden", everywhere="button on the screen",
    ),
    Words(
        lang="tr", title="{kind}: durumlar ve geçişler", start="burada başlar", end="burada biter", to="→", stays="kalır",
        itself="kendiliğinden olur", api="yalnızca programlar", hidden="gizli", everywhere="ekranda düğme",
    ),
)  # fmt: skip
KINDS = {"package": ("Packages", "Paketler"), "transfer": ("Transfers", "Transferler")}


def svg(chart: Chart, *, kind: str, names: Mapping[str, str], language: int = 0) -> str:
    """The whole document; `language` 0 English, 1 Turkish. `names` are the states' names by enum value."""
    words = WORDS[language]
    title = words.title.format(kind=KINDS.get(kind, (kind, kind))[language])
    colours = {state: COLOURS[n % len(COLOURS)] for n, state in enumerate(names)}
    legend_width = sum(int(width_of(text, 12)) + 76 for text in _legend_texts(words))
    width = max(chart.width, legend_width) + 2 * EDGE
    height = chart.height + HEAD + FOOT + EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' role="img" lang="{words.lang}" aria-labelledby="flow-{kind}-title flow-{kind}-desc"'
        ' font-family="Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif">',
        f'<title id="flow-{kind}-title">{_text(title)}</title>',
        f'<desc id="flow-{kind}-desc">{_text(described(chart, names, words))}</desc>',
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        _words(EDGE, EDGE + 4, title, size=18, weight="bold"),
        f'<g transform="translate({EDGE} {HEAD})">',
        *(_line(line, colours[line.destination]) for line in chart.lines),
        *(_box(one, colours, words) for one in chart.boxes),
        "</g>",
        f'<g transform="translate({EDGE} {height - FOOT // 2})">{_legend(words)}</g>',
        "</svg>",
    ]
    return "\n".join(parts)


def described(chart: Chart, names: Mapping[str, str], words: Words) -> str:
    """The chart in sentences, state by state."""
    told = []
    for one in chart.boxes:
        box = one.box
        marks = [words.start] * box.born + [words.end] * box.final
        named = f"{names[box.state]} ({box.state}{''.join(f', {mark}' for mark in marks)})"
        ways = [
            f"{' '.join(label.lines)}{_look_told(label.look, words)} {words.to} {names[group.destination]}"
            for group in box.groups
            for label in group.labels
        ]
        told.append(". ".join([f"{named}: {'; '.join(ways)}" if ways else named, *box.notes]))
    return ". ".join(told) + "."


def _look_told(look: Look, words: Words) -> str:
    return {
        "everywhere": "",
        "api": f" [{words.api}]",
        "hidden": f" [{words.hidden}]",
        "itself": f" [{words.itself}]",
    }[look]


def _text(text: str) -> str:
    """Escaped, without the characters XML has no place for."""
    return escape(
        "".join(c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff"))
    )  # fmt: skip


def _words(
    x: float, y: float, text: str, *, size: int = 12, fill: str = INK, weight: str = "", more: str = ""
) -> str:
    heavy = f' font-weight="{weight}"' if weight else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}"{heavy}{more}>{_text(text)}</text>'


def _line(line: Line, colour: str) -> str:
    points = line.points
    path = [f"M{points[0][0]} {points[0][1]}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _towards(corner, before), _towards(corner, after)
        path.append(f"L{near[0]} {near[1]}Q{corner[0]} {corner[1]} {far[0]} {far[1]}")
    path.append(f"L{points[-1][0]} {points[-1][1]}")
    dashes = f' stroke-dasharray="{DASHES[line.look]}"' if DASHES[line.look] else ""
    drawn = f'<path d="{"".join(path)}" fill="none" stroke="{colour}" stroke-width="1.6"{dashes}/>'
    return drawn + (_arrow(points[-2], points[-1], colour) if line.arrow else "")


def _towards(corner: Point, other: Point) -> Point:
    """A point of the straight piece from `corner` to `other`, where the curve begins."""
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    reach = min(ROUND, max(abs(dx), abs(dy)) // 2)
    sign = (dx > 0) - (dx < 0), (dy > 0) - (dy < 0)
    return corner[0] + sign[0] * reach, corner[1] + sign[1] * reach


def _arrow(before: Point, tip: Point, colour: str) -> str:
    back = -9 if tip[0] > before[0] else 9
    x, y = tip
    return f'<path d="M{x} {y}L{x + back} {y - 5}L{x + back} {y + 5}Z" fill="{colour}"/>'


def _box(one: PlacedBox, colours: Mapping[str, str], words: Words) -> str:
    box, colour = one.box, colours[one.box.state]
    frame = 2.4 if box.final else 1.2
    edge = ALARM if box.notes else colour
    parts = [
        f'<g transform="translate({one.x} {one.y})">',
        f'<rect width="{WIDTH}" height="{box.height}" rx="7" fill="{PAPER}" stroke="{edge}" stroke-width="{frame}"/>',
        f'<rect x="1.2" y="1.2" width="{WIDTH - 2.4}" height="{box.header - 2}" rx="6" fill="{colour}" fill-opacity="0.11"/>',
    ]
    y = LINE + 2
    for line in box.title:
        parts.append(_words(12, y, line, size=13, weight="bold"))
        y += LINE
    parts.append(
        _words(WIDTH - 12, LINE + 2, box.state, fill=colour, weight="bold", more=' text-anchor="end"')
    )
    marks = [f"▶ {words.start}"] * box.born + [f"■ {words.end}"] * box.final
    parts.append(_words(12, y, "   ".join(marks), size=11, fill=SOFT))
    for note in box.notes:
        y += LINE
        parts.append(_words(12, y, f"▲ {note}", size=11, fill=ALARM, weight="bold"))
    parts += [_group(group, colours, words) for group in box.groups]
    return "".join([*parts, "</g>"])


def _group(group: Group, colours: Mapping[str, str], words: Words) -> str:
    colour = colours[group.destination]
    parts = [f'<path d="M0 {group.top}H{WIDTH}" stroke="{FRAME}" stroke-width="0.6"/>']
    chip = {"right": f"{group.destination} →", "left": f"← {group.destination}", "self": f"↻ {words.stays}"}
    middle = group.top + group.height // 2 + 4
    if group.side == "left":
        parts.append(_words(8, middle, chip["left"], size=11, fill=colour, weight="bold"))
    else:
        more = ' text-anchor="end"'
        parts.append(
            _words(WIDTH - 8, middle, chip[group.side], size=11, fill=colour, weight="bold", more=more)
        )
    y = group.top + PADDING // 2 + 12
    for label in group.labels:
        parts.append(_label(label, 58 if group.side == "left" else 12, y, words))
        y += LINE * len(label.lines)
    return "".join(parts)


def _label(label: Label, x: int, y: int, words: Words) -> str:
    fill = INK if label.look == "everywhere" else SOFT
    slanted = ' font-style="italic"' if label.look == "itself" else ""
    lines = [_words(x, y, "•", fill=SOFT)]
    x += 9
    lines += [_words(x, y + n * LINE, line, fill=fill, more=slanted) for n, line in enumerate(label.lines)]
    told = f"{label.told}{_look_told(label.look, words)}" if label.told else words.itself
    mark = _mark(label, x, y)
    return f"<g><title>{_text(told)}</title>{''.join(lines)}{mark}</g>"


def _mark(label: Label, x: int, y: int) -> str:
    """A short stroke under what not everybody sees, drawn like its line."""
    if label.look not in ("api", "hidden"):
        return ""
    end = x + int(width_of(label.lines[-1], 11))
    under = y + 3 + LINE * (len(label.lines) - 1)
    return f'<path d="M{x} {under}H{end}" stroke="{SOFT}" stroke-width="1.2" stroke-dasharray="{DASHES[label.look]}"/>'


def _legend_texts(words: Words) -> Sequence[str]:
    return (words.everywhere, words.api, words.hidden, words.itself)


def _legend(words: Words) -> str:
    parts, x = [], 0
    looks: tuple[Look, ...] = ("everywhere", "api", "hidden", "itself")
    for look, text in zip(looks, _legend_texts(words), strict=True):
        dashes = f' stroke-dasharray="{DASHES[look]}"' if DASHES[look] else ""
        parts.append(f'<path d="M{x} -4H{x + 36}" stroke="{SOFT}" stroke-width="1.6"{dashes}/>')
        parts.append(_words(x + 44, 0, text, fill=SOFT))
        x += 76 + int(width_of(text, 12))
    return "".join(parts)
