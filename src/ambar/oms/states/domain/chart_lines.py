"""Lines of a flowchart: every trunk gets a lane of its own between two columns, and no two lines lie on each other.

Pure. Measures are pixels; x grows to the right, y downwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ambar.oms.states.domain.chart import WIDTH, Box, Look
from ambar.oms.states.domain.chart_layers import LANE, Columns, Trunk, arrange, box_key

MARGIN = 20
"""Between a column and the first lane beside it."""
APART = 5
"""Between lines that run side by side, where there is room."""

Point = tuple[int, int]
LOOKS: tuple[Look, ...] = ("everywhere", "api", "hidden", "itself")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedBox:
    """A box and where it stands (its upper left corner)."""

    box: Box
    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A piece of the trunk to `destination`; `points` lead towards it, `arrow` when the last one touches it."""

    destination: str
    points: tuple[Point, ...]
    look: Look
    arrow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing of `width` by `height`."""

    boxes: tuple[PlacedBox, ...]
    lines: tuple[Line, ...]
    width: int
    height: int


@dataclass(slots=True, kw_only=True)
class _End:
    """Where a trunk meets a column; it may move within `lowest` and `highest`. `channels` are those it lies in."""

    trunk: Trunk
    channels: tuple[int, ...]
    lowest: int
    highest: int
    layer: int
    role: str
    looks: set[Look] = field(default_factory=set)
    y: int = 0


def drawn(boxes: Sequence[Box]) -> Chart:
    """The boxes in their places with all their lines."""
    columns = arrange(boxes)
    ends = _ends(columns)
    _spread(ends)
    _hand_on_looks(ends)
    lanes = [_lanes(ends, channel) for channel in range(len(columns.nodes))]
    lefts = [0]
    for channel in range(len(columns.nodes)):
        used = max(lanes[channel].values(), default=-1) + 1
        lefts.append(lefts[-1] + WIDTH + 2 * MARGIN + used * LANE)
    placed = [PlacedBox(box=box, x=lefts[box.layer], y=columns.tops[box_key(box)]) for box in boxes]
    lines = [line for channel in range(len(columns.nodes)) for line in _lines(ends, channel, lanes, lefts)]
    lines += [line for end in ends if end.role == "pass" for line in [_across(end, lefts)]]
    last_used = bool(lanes[-1]) if lanes else False
    width = lefts[-1] if last_used else lefts[-2] + WIDTH
    return Chart(
        boxes=tuple(placed),
        lines=tuple(lines),
        width=width,
        height=max((one.y + one.box.height for one in placed), default=0),
    )


def _ends(columns: Columns) -> list[_End]:
    ends: list[_End] = []
    wanted: set[Trunk] = set()
    for box in columns.boxes.values():
        top = columns.tops[box_key(box)]
        for group in box.groups:
            if group.side == "self":
                continue
            way = "on" if columns.boxes[group.destination].layer > box.layer else "back"
            trunk: Trunk = (group.destination, "on" if way == "on" else "back")
            wanted.add(trunk)
            channel = box.layer if group.side == "right" else box.layer - 1
            ends.append(
                _End(
                    trunk=trunk,
                    channels=(channel,),
                    lowest=top + group.top + 6,
                    highest=top + group.top + group.height - 6,
                    layer=box.layer,
                    role="from right" if group.side == "right" else "from left",
                    looks={group.look},
                )
            )
    for state, way in sorted(wanted):
        box = columns.boxes[state]
        top = columns.tops[box_key(box)]
        channel, role = (box.layer - 1, "to left") if way == "on" else (box.layer, "to right")
        ends.append(
            _End(
                trunk=(state, way), channels=(channel,), lowest=top + 6, highest=top + box.header - 6, layer=box.layer, role=role
            )
        )  # fmt: skip
    for column in columns.nodes:
        for kind, state, layer in column:
            if kind != "box":
                top = columns.tops[(kind, state, layer)]
                ends.append(
                    _End(
                        trunk=(state, "on" if kind == "on" else "back"),
                        channels=(layer - 1, layer),
                        lowest=top - 3,
                        highest=top + LANE + 3,
                        layer=layer,
                        role="pass",
                    )
                )
    return ends


def _spread(ends: list[_End]) -> None:
    """Gives each end its height, apart from the other ends of the same channels."""
    taken: dict[int, list[int]] = {}
    for end in sorted(ends, key=lambda e: (e.highest - e.lowest, e.lowest, e.trunk, e.layer)):
        others = [y for channel in end.channels for y in taken.get(channel, [])]
        middle = (end.lowest + end.highest) // 2
        candidates = sorted(range(end.lowest, end.highest + 1), key=lambda y: (abs(y - middle), y))
        for apart in range(APART, -1, -1):
            free = [y for y in candidates if all(abs(y - other) >= apart for other in others)]
            if free:
                end.y = free[0]
                break
        for channel in end.channels:
            taken.setdefault(channel, []).append(end.y)


def _hand_on_looks(ends: list[_End]) -> None:
    """A passing trunk looks like the most visible of what flows into it."""
    for trunk in {end.trunk for end in ends}:
        own = [end for end in ends if end.trunk == trunk]
        sources = [end for end in own if end.role.startswith("from")]
        for end in own:
            if end.role == "pass":
                upstream = [
                    s for s in sources if (s.layer < end.layer if trunk[1] == "on" else s.layer > end.layer)
                ]
                end.looks = {look for source in upstream for look in source.looks}


def _side(end: _End, channel: int) -> str:
    """On which side of the channel the end lies."""
    if end.role == "pass":
        return "left" if end.layer == channel else "right"
    return "left" if end.role.endswith("right") else "right"


def _in_channel(ends: Iterable[_End], channel: int) -> dict[Trunk, list[_End]]:
    found: dict[Trunk, list[_End]] = {}
    for end in ends:
        if channel in end.channels:
            found.setdefault(end.trunk, []).append(end)
    return found


def _lanes(ends: list[_End], channel: int) -> dict[Trunk, int]:
    """The lane of each trunk in a channel, from the left; one that goes straight through needs none."""
    spans: dict[Trunk, tuple[int, int]] = {}
    stubs: dict[Trunk, dict[str, list[int]]] = {}
    for trunk, own in _in_channel(ends, channel).items():
        ys = [end.y for end in own]
        if min(ys) != max(ys) or {_side(end, channel) for end in own} != {"left", "right"}:
            spans[trunk] = (min(ys), max(ys))
            stubs[trunk] = {
                side: [end.y for end in own if _side(end, channel) == side] for side in ("left", "right")
            }
    order = _fewest_crossings(sorted(spans), spans, stubs)
    lanes: dict[Trunk, int] = {}
    for trunk in order:
        low, high = spans[trunk]
        before = [lanes[t] for t in lanes if spans[t][0] - APART < high and low < spans[t][1] + APART]
        lanes[trunk] = max(before, default=-1) + 1
    return lanes


def _fewest_crossings(
    trunks: list[Trunk],
    spans: Mapping[Trunk, tuple[int, int]],
    stubs: Mapping[Trunk, Mapping[str, list[int]]],
) -> list[Trunk]:
    """Neighbours change places as long as that leaves fewer crossings."""

    def cost(left: Trunk, right: Trunk) -> int:
        (low, high), (low_, high_) = spans[left], spans[right]
        # Nearly level stubs from both sides would lie on each other when their lanes stood the wrong way round.
        level = sum(abs(a - b) < 2 for a in stubs[left]["right"] for b in stubs[right]["left"])
        return (
            sum(low_ <= y <= high_ for y in stubs[left]["right"])
            + sum(low <= y <= high for y in stubs[right]["left"])
            + 100 * level
        )

    order = list(trunks)
    for _ in range(len(order) ** 2):
        changed = False
        for n in range(len(order) - 1):
            if cost(order[n + 1], order[n]) < cost(order[n], order[n + 1]):
                order[n], order[n + 1] = order[n + 1], order[n]
                changed = True
        if not changed:
            break
    return order


def _lines(
    ends: list[_End], channel: int, lanes: Sequence[Mapping[Trunk, int]], lefts: Sequence[int]
) -> Iterable[Line]:
    left, right = lefts[channel] + WIDTH, lefts[channel + 1]
    for trunk, own in sorted(_in_channel(ends, channel).items()):
        goal = next(end for end in own if _is_goal(end, channel))
        lane = lanes[channel].get(trunk)
        middle = None if lane is None else left + MARGIN + lane * LANE
        for end in own:
            if end is goal:
                continue
            start, stop = ((left if _side(e, channel) == "left" else right) for e in (end, goal))
            bends = [] if middle is None else [(middle, end.y), (middle, goal.y)]
            points = dict.fromkeys([(start, end.y), *bends, (stop, goal.y)])
            yield Line(
                destination=trunk[0],
                points=tuple(points),
                look=min(end.looks, key=LOOKS.index),
                arrow=goal.role != "pass",
            )


def _is_goal(end: _End, channel: int) -> bool:
    if end.role == "pass":
        return (_side(end, channel) == "right") == (end.trunk[1] == "on")
    return end.role.startswith("to")


def _across(end: _End, lefts: Sequence[int]) -> Line:
    ends = [(lefts[end.layer], end.y), (lefts[end.layer] + WIDTH, end.y)]
    if end.trunk[1] == "back":
        ends.reverse()
    return Line(destination=end.trunk[0], points=tuple(ends), look=min(end.looks, key=LOOKS.index))
