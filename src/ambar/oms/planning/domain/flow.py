"""Spreading one product's lines over locations when not every line may go everywhere: a small cheapest flow."""

from collections.abc import Callable, Mapping, Sequence

Edge = tuple[int, int]


def spread_product(
    wanted: Mapping[int, int],
    supply: Mapping[int, int],
    allowed: Callable[[int, int], bool],
    cost: Callable[[int], int],
) -> dict[Edge, int] | None:
    """`{(line, location): amount}` that gives every line all it wants, the cheapest such, or None when there is none.

    `cost(location)` is per unit; earlier locations of `supply` are preferred at the same cost.
    """
    flow: dict[Edge, int] = {}
    left, free = dict(wanted), dict(supply)
    while True:
        open_lines = [line for line, amount in left.items() if amount > 0]
        if not open_lines:
            return {edge: amount for edge, amount in flow.items() if amount > 0}
        path = _cheapest_path(open_lines, list(wanted), list(supply), flow, free, allowed, cost)
        if path is None:
            return None
        _push(path, flow, left, free)


def _cheapest_path(
    open_lines: Sequence[int],
    lines: Sequence[int],
    places: Sequence[int],
    flow: Mapping[Edge, int],
    free: Mapping[int, int],
    allowed: Callable[[int, int], bool],
    cost: Callable[[int], int],
) -> list[Edge] | None:
    """Line -> place edges forth and back again, from a line that wants to a place with something free (Bellman-Ford)."""
    at_line: dict[int, int] = dict.fromkeys(open_lines, 0)
    at_place: dict[int, int] = {}
    came_line: dict[int, int] = {}
    came_place: dict[int, int] = {}
    for _ in range(len(lines) + len(places)):
        moved = False
        for line, so_far in list(at_line.items()):
            for place in places:
                reached = so_far + cost(place)
                if allowed(line, place) and reached < at_place.get(place, reached + 1):
                    at_place[place], came_place[place], moved = reached, line, True
        for place, so_far in list(at_place.items()):
            for line in lines:
                back = so_far - cost(place)
                if flow.get((line, place), 0) > 0 and back < at_line.get(line, back + 1):
                    at_line[line], came_line[line], moved = back, place, True
        if not moved:
            break
    ends = [place for place in places if place in at_place and free[place] > 0]
    if not ends:
        return None
    place = min(ends, key=lambda end: at_place[end])
    path: list[Edge] = []
    while True:
        line = came_place[place]
        path.append((line, place))
        if line not in came_line:
            return path[::-1]
        place = came_line[line]
        path.append((line, place))


def _push(path: Sequence[Edge], flow: dict[Edge, int], left: dict[int, int], free: dict[int, int]) -> None:
    amount = min(left[path[0][0]], free[path[-1][1]], *(flow[edge] for edge in path[1::2]))
    for step, edge in enumerate(path):
        flow[edge] = flow.get(edge, 0) + (amount if step % 2 == 0 else -amount)
    left[path[0][0]] -= amount
    free[path[-1][1]] -= amount
