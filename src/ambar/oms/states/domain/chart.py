"""What a flowchart shows: a box per state, in it what leads on from there, grouped by where it leads.

Pure. The boxes get their places in `chart_layers`, the lines theirs in `chart_lines`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ambar.oms.states.domain.life import Life
from ambar.oms.states.domain.soundness import Arrow

Look = Literal["everywhere", "api", "hidden", "itself"]
Side = Literal["left", "right", "self"]

LINE = 16
"""Height of a line of text."""
PADDING = 8
WIDTH = 224
"""Of a box."""
TEXT_WIDTH = 150
"""Of a label in a box, before the destination's code."""

_NARROW, _WIDE = frozenset("iıjltfrIİ.,:;'|!()[]- "), frozenset("mwMWOÖGQ@%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A transition (or, look "itself", a move that needs none) as it is read."""

    lines: tuple[str, ...]
    look: Look
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What leads to one destination. `top` and `height` count from the top of the box."""

    destination: str
    side: Side
    labels: tuple[Label, ...]
    top: int
    height: int

    @property
    def look(self) -> Look:
        """The most visible of its labels: how its line is drawn."""
        looks: tuple[Look, ...] = ("everywhere", "api", "hidden", "itself")
        return min((label.look for label in self.labels), key=looks.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A state. `notes` say what is wrong with it."""

    state: str
    title: tuple[str, ...]
    layer: int
    born: bool = False
    final: bool = False
    notes: tuple[str, ...] = ()
    groups: tuple[Group, ...] = field(default=())

    @property
    def header(self) -> int:
        """Height of the part with the state's name."""
        return LINE * (len(self.title) + len(self.notes) + 1) + PADDING

    @property
    def height(self) -> int:
        return self.header + sum(group.height for group in self.groups)


def width_of(text: str, size: float) -> float:
    """Width of `text` in a plain sans-serif face of this size, a little too wide rather than too narrow."""
    return size * sum(
        0.38 if c in _NARROW else 0.98 if c in _WIDE else 0.74 if c.isupper() else 0.62 for c in text
    )


def wrapped(text: str, *, width: float, size: float, most: int = 3) -> tuple[str, ...]:
    """`text` in lines no wider than `width`; what does not fit into `most` lines ends in an ellipsis."""
    lines: list[str] = [""]
    for word in text.split():
        tried = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(tried, size) > width:
            lines.append(word)
        else:
            lines[-1] = tried
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]}…"]
    return tuple(_cut(line, width=width, size=size) for line in lines)


def _cut(line: str, *, width: float, size: float) -> str:
    if width_of(line, size) <= width:
        return line
    while line and width_of(f"{line}…", size) > width:
        line = line[:-1]
    return f"{line}…"


def _room(code: str, usual: float) -> float:
    """How wide a text may be beside a state's code, which may be as long as `ready_to_shipment`."""
    return min(usual, WIDTH - 28 - width_of(f"{code} →", 10))


def boxes(
    *,
    names: Mapping[str, str],
    arrows: Sequence[Arrow],
    life: Life,
    language: int = 0,
    notes: Mapping[str, Sequence[str]] | None = None,
) -> list[Box]:
    """A box per state in the order of `names`, layered so that the usual way leads to the right.

    `language`: 0 English, 1 Turkish, for the moves that happen by themselves; `notes` by state.
    """
    moves = [(a.source, a.destination) for a in arrows] + [(m.source, m.destination) for m in life.own_moves]
    layers = layers_of(list(names), moves)
    made = []
    for state, name in names.items():
        box = Box(
            state=state,
            title=wrapped(name, width=_room(state, WIDTH - 60), size=13),
            layer=layers[state],
            born=state in life.born,
            final=state in life.final,
            notes=tuple(
                line
                for note in (notes or {}).get(state, ())
                for line in wrapped(note, width=WIDTH - 36, size=11)
            ),
        )
        labels = _labels(state, arrows, life, language)
        made.append(_with_groups(box, labels, layers))
    return made


def layers_of(states: Sequence[str], moves: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The column of each state: one behind the last state that leads to it, going by the order of `states` only."""
    place = {state: n for n, state in enumerate(states)}
    layers = dict.fromkeys(states, 0)
    for state in states:
        before = [a for a, b in moves if b == state and a in place and place[a] < place[b]]
        layers[state] = max((layers[a] + 1 for a in before), default=0)
    return layers


def _labels(state: str, arrows: Sequence[Arrow], life: Life, language: int) -> dict[str, list[Label]]:
    """Labels by destination; a move that happens by itself and also has a row is told once, by its row."""
    found: dict[str, list[Label]] = {}
    for arrow in arrows:
        if arrow.source == state:
            look: Look = "api" if arrow.visibility == "api" else "everywhere"
            if arrow.visibility == "hidden":
                look = "hidden"
            label = Label(
                lines=wrapped(arrow.name, width=_room(arrow.destination, TEXT_WIDTH), size=12),
                look=look,
                told=f"{arrow.slug} ({arrow.command_code})",
            )
            found.setdefault(arrow.destination, []).append(label)
    for move in life.own_moves:
        if move.source == state:
            label = Label(
                lines=wrapped(move.names[language], width=_room(move.destination, TEXT_WIDTH), size=12),
                look="itself",
            )
            found.setdefault(move.destination, []).append(label)
    return found


def _with_groups(box: Box, labels: Mapping[str, list[Label]], layers: Mapping[str, int]) -> Box:
    groups: list[Group] = []
    top = box.header
    sides = {destination: _side(box, destination, layers) for destination in labels if destination in layers}
    # Back first, then on, what stays last: lines leave a box on their own side, in the order of their columns.
    rank = {"left": 0, "right": 1, "self": 2}
    for destination in sorted(sides, key=lambda d: (rank[sides[d]], layers[d], list(layers).index(d))):
        height = PADDING + LINE * sum(len(label.lines) for label in labels[destination])
        groups.append(
            Group(
                destination=destination,
                side=sides[destination],
                labels=tuple(labels[destination]),
                top=top,
                height=height,
            )
        )
        top += height
    return Box(
        state=box.state, title=box.title, layer=box.layer, born=box.born, final=box.final, notes=box.notes,
        groups=tuple(groups),
    )  # fmt: skip


def _side(box: Box, destination: str, layers: Mapping[str, int]) -> Side:
    if destination == box.state:
        return "self"
    return "left" if layers[destination] < box.layer else "right"
