"""A stored decision record spread out for people: rule by rule, and as the matrix line x location x rule."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ambar.oms.planning.domain.amounts import SCALE, said
from ambar.oms.planning.domain.selectors import SELECTORS


def told(count: Any) -> str:
    """A quantity of a record of any version as text."""
    return said(count) if isinstance(count, int) else str(count)


def stock_of(record: Mapping[str, Any]) -> dict[int, dict[int, int]]:
    """`{product: {location: available in thousandths}}` as the order saw it, of a record of any version."""
    if record["v"] == 1:
        return {
            int(product): {place: int(Decimal(have) * SCALE) for place, have in zip(*column, strict=True)}
            for product, column in record.get("stock", {}).items()
        }
    at = record.get("at", [])
    return {
        int(product): dict(zip(at, column, strict=True))
        for product, column in record.get("stock", {}).items()
    }


def quota_of(record: Mapping[str, Any]) -> dict[int, int]:
    """`{location: quota in use}` as the order saw it; empty when no rule asked."""
    used = record.get("used", {})
    if isinstance(used, Mapping):
        return {int(place): count for place, count in used.items()}
    return dict(zip(record["at"], used, strict=True))


def rules_of(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Per rule: `rule`, `split`, `lines`, `selectors`, `removed` (`[location, reason, ...]`), `ranked` (`[location, value of
    each selector]` as people read them), `took` (`[line, location, quantity]`), `moved` (`[line, destination, source,
    quantity]`), `transfers` and `search` (None where there was none).
    """
    return [
        {
            "rule": noted["rule"],
            "split": noted.get("split"),
            "lines": noted["lines"],
            "selectors": noted.get("by", []),
            "removed": noted.get("removed", []),
            "ranked": _ranked(noted),
            "took": [[*entry[:-1], told(entry[-1])] for entry in noted.get("took", [])],
            "moved": [[*entry[:-1], told(entry[-1])] for entry in noted.get("moved", [])],
            "transfers": noted.get("transfers"),
            "search": noted.get("search"),
        }
        for noted in record.get("rules", [])
    ]


def left_of(record: Mapping[str, Any]) -> list[list[Any]]:
    """`[line, quantity]` of what no rule placed."""
    return [[index, told(count)] for index, count in record.get("left", [])]


def _ranked(noted: Mapping[str, Any]) -> list[list[Any]]:
    if "values" not in noted:
        return list(noted.get("ranked", []))
    columns = [
        [SELECTORS[name].shown(value) for value in values]
        for name, values in zip(noted["by"], noted["values"], strict=False)
    ]
    return [list(entry) for entry in zip(noted["ranked"], *columns, strict=True)]


def matrix(
    record: Mapping[str, Any], lines: Iterable[Sequence[Any]], locations: Iterable[int] = ()
) -> list[dict[str, Any]]:
    """Line x location x rule with `kept` or why not. `lines` are `(product id, ordered quantity)` in line order, or
    `(product id, quantity, {location: why it may not have the line})`; `locations` adds those that held nothing.
    """
    given_lines = list(lines)
    ordered = [(line[0], dict(line[2]) if len(line) > 2 else {}) for line in given_lines]
    wanted = {index: _count(str(line[1])) for index, line in enumerate(given_lines)}
    have = stock_of(record)
    cells: list[dict[str, Any]] = []
    for noted in record.get("rules", []):
        removed = {entry[0]: entry[1:] for entry in noted.get("removed", [])}
        took = {(entry[0], entry[1]): _count(entry[2]) for entry in noted.get("took", [])}
        brought: dict[tuple[int, int], int] = {}
        for index, destination, _, count in noted.get("moved", []):
            brought[index, destination] = brought.get((index, destination), 0) + count
        for index in noted["lines"]:
            product, shut = ordered[index]
            column = have.get(product, {})
            for place in sorted({*column, *locations}):
                stock, given = column.get(place, 0), took.get((index, place), 0)
                reason = removed.get(place) or _refused(shut, place)
                if reason is None and not given:
                    reason = _short(noted, index, place, stock, wanted[index])
                cells.append(
                    {
                        "rule": noted["rule"],
                        "line": index,
                        "location": place,
                        "available": said(stock),
                        "kept": reason is None,
                        "because": reason,
                        "took": said(given),
                        "brought": said(brought.get((index, place), 0)),
                    }
                )
        _spend(noted, ordered, have, wanted)
    return cells


def _spend(
    noted: Mapping[str, Any], ordered: Sequence[Any], have: dict[int, dict[int, int]], wanted: dict[int, int]
) -> None:
    """What the rule took is gone for the rules after it."""
    for index, location, count in noted.get("took", []):
        have[ordered[index][0]][location] = have[ordered[index][0]].get(location, 0) - _count(count)
        wanted[index] -= _count(count)
    for index, destination, source, count in noted.get("moved", []):
        column = have[ordered[index][0]]
        column[destination] += count
        column[source] -= count


def _count(written: Any) -> int:
    return written if isinstance(written, int) else int(Decimal(written) * SCALE)


def _refused(shut: Mapping[Any, str], place: int) -> list[Any] | None:
    why = shut.get(place, shut.get(str(place)))
    return None if why is None else ["refused", why]


def _short(noted: Mapping[str, Any], index: int, place: int, stock: int, wanted: int) -> list[Any] | None:
    enough = stock > 0 if noted.get("split") == "free" else stock >= wanted
    if enough:
        return None
    transfers = noted.get("transfers")
    if not transfers or transfers["scenario"] is None:
        return ["stock", said(max(0, stock)), said(wanted)]
    for entry in transfers.get("tried", ()):
        if entry[:2] == [place, index]:
            return ["transfer", *entry[3:4], *map(said, entry[4:])]
    return ["stock", said(max(0, stock)), said(wanted)] if "short" in transfers else None
