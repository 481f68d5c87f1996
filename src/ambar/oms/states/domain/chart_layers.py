"""Places of the boxes of a flowchart: columns by layer, in each an order with few crossings, heights that follow.

All lines to one state that go the same way (on, or back) share a trunk, and where the trunk passes a column it needs
room there like a small box. Pure and repeatable: the same chart gives the same picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from ambar.oms.states.domain.chart import Box

Way = Literal["on", "back"]
Trunk = tuple[str, Way]
"""(destination, which way)."""
Key = tuple[str, str, int]
"""Of a node: ("box", state, layer), or (way, destination, layer) of a trunk that passes."""

GAP = 24
"""Between boxes of a column."""
LANE = 8
"""Height a passing trunk needs, and distance between trunks."""
SWEEPS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A piece of a trunk between two neighbouring columns; offsets count from the tops of its nodes."""

    trunk: Trunk
    left: Key
    right: Key
    left_offset: int
    right_offset: int


@dataclass(slots=True, kw_only=True)
class Columns:
    """Nodes by column, top to bottom, with their tops once they are placed."""

    boxes: Mapping[str, Box]
    nodes: list[list[Key]]
    links: list[Link]
    tops: dict[Key, int] = field(default_factory=dict)

    def height(self, key: Key) -> int:
        return self.boxes[key[1]].height if key[0] == "box" else LANE


def arrange(boxes: Sequence[Box]) -> Columns:
    """Columns with every box and every passing trunk in its place."""
    columns = _columns(boxes)
    _order(columns)
    _place(columns)
    return columns


def box_key(box: Box) -> Key:
    """Node of a box."""
    return ("box", box.state, box.layer)


def _columns(boxes: Sequence[Box]) -> Columns:
    by_state = {box.state: box for box in boxes}
    deepest = max((box.layer for box in boxes), default=0)
    nodes: list[list[Key]] = [[] for _ in range(deepest + 1)]
    for box in boxes:
        nodes[box.layer].append(box_key(box))
    links: dict[Link, None] = {}
    for box in boxes:
        for group in box.groups:
            end = by_state[group.destination]
            if group.side == "self" or end.layer == box.layer:
                continue
            links.update(dict.fromkeys(_pieces(box, group.top + group.height // 2, end)))
    for link in links:
        for key in (link.left, link.right):
            if key[0] != "box" and key not in nodes[key[2]]:
                nodes[key[2]].append(key)
    return Columns(boxes=by_state, nodes=nodes, links=list(links))


def _pieces(box: Box, offset: int, end: Box) -> list[Link]:
    way: Way = "on" if end.layer > box.layer else "back"
    step = 1 if way == "on" else -1
    path: list[tuple[Key, int]] = [(box_key(box), offset)]
    path += [((way, end.state, layer), LANE // 2) for layer in range(box.layer + step, end.layer, step)]
    path.append((box_key(end), end.header // 2))
    pieces = []
    for (a, a_offset), (b, b_offset) in pairwise(path):
        left, right = ((a, a_offset), (b, b_offset)) if way == "on" else ((b, b_offset), (a, a_offset))
        pieces.append(
            Link(
                trunk=(end.state, way),
                left=left[0],
                right=right[0],
                left_offset=left[1],
                right_offset=right[1],
            )
        )
    return pieces


def _order(columns: Columns) -> None:
    """Barycentres, column by column to the right and back, keeping the order with the fewest crossings."""
    best, fewest = [list(column) for column in columns.nodes], _crossings(columns)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        depths = range(1, len(columns.nodes)) if forward else range(len(columns.nodes) - 2, -1, -1)
        for depth in depths:
            _by_barycentre(columns, depth, forward)
        crossings = _crossings(columns)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns.nodes], crossings
    columns.nodes = best


def _by_barycentre(columns: Columns, depth: int, forward: bool) -> None:
    beside = columns.nodes[depth - 1 if forward else depth + 1]
    place = {key: n for n, key in enumerate(beside)}
    seen: dict[Key, list[float]] = {}
    for link in columns.links:
        near, far = (link.right, link.left) if forward else (link.left, link.right)
        if near[2] == depth and far in place:
            offset = link.left_offset if forward else link.right_offset
            seen.setdefault(near, []).append(place[far] + offset / (columns.height(far) + 1))
    own = {key: n for n, key in enumerate(columns.nodes[depth])}
    weight = {key: sum(found) / len(found) for key, found in seen.items()}
    columns.nodes[depth].sort(key=lambda key: (weight.get(key, own[key]), own[key]))


def _crossings(columns: Columns) -> int:
    place = {key: n for column in columns.nodes for n, key in enumerate(column)}
    by_channel: dict[int, list[tuple[tuple[int, int], tuple[int, int]]]] = {}
    for link in columns.links:
        ends = ((place[link.left], link.left_offset), (place[link.right], link.right_offset))
        by_channel.setdefault(link.left[2], []).append(ends)
    return sum(
        (a[0] < b[0] and a[1] > b[1]) or (a[0] > b[0] and a[1] < b[1])
        for ends in by_channel.values()
        for n, a in enumerate(ends)
        for b in ends[n + 1 :]
    )


def _place(columns: Columns) -> None:
    for column in columns.nodes:
        top = 0
        for n, key in enumerate(column):
            top += _distance(columns, column[n - 1], key) if n else 0
            columns.tops[key] = top
    for sweep in range(SWEEPS):
        depths = range(len(columns.nodes))
        for depth in depths if sweep % 2 == 0 else reversed(depths):
            _settle(columns, depth)
    highest = min(columns.tops.values(), default=0)
    for key in columns.tops:
        columns.tops[key] -= highest


def _distance(columns: Columns, above: Key, below: Key) -> int:
    """From the top of one node to the top of the next."""
    passing = (above[0] != "box") + (below[0] != "box")
    return columns.height(above) + (GAP, GAP // 2, LANE)[passing]


def _settle(columns: Columns, depth: int) -> None:
    """Moves the nodes of a column to where their lines would be straight, as far as order and distances allow."""
    column = columns.nodes[depth]
    wanted: dict[Key, list[int]] = {}
    for link in columns.links:
        a = columns.tops[link.left] + link.left_offset
        b = columns.tops[link.right] + link.right_offset
        if link.left[2] == depth:
            wanted.setdefault(link.left, []).append(b - link.left_offset)
        if link.right[2] == depth:
            wanted.setdefault(link.right, []).append(a - link.right_offset)
    shifts, shift = [], 0
    for n, key in enumerate(column):
        shift += _distance(columns, column[n - 1], key) if n else 0
        shifts.append(shift)
    ideal = [
        (sum(wanted[key]) / len(wanted[key]) if key in wanted else columns.tops[key]) - moved
        for key, moved in zip(column, shifts, strict=True)
    ]
    for key, moved, settled in zip(column, shifts, _rising(ideal), strict=True):
        columns.tops[key] = int(settled // 1) + moved


def _rising(values: Sequence[float]) -> list[float]:
    """The never falling sequence nearest to `values` (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in values:
        pools.append((value, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (mean, size), (before, count) = pools.pop(), pools.pop()
            pools.append(((mean * size + before * count) / (size + count), size + count))
    return [mean for mean, size in pools for _ in range(size)]
