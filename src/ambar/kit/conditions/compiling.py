"""From nodes to closures: the usual leaves read and compare in one step, groups without a generator."""

from collections.abc import Callable
from typing import Any, Protocol

from ambar.kit.conditions import reading


class View(Protocol):
    """Where a condition looks fields up: any mapping, or something that works values out when asked."""

    def get(self, name: str, /) -> Any: ...


Test = Callable[[View], bool]


def group(kind: str, tests: tuple[Test, ...]) -> Test:
    """`kind` is all, any or not (one test)."""
    first = tests[0]
    if kind == "not":
        return lambda view: not first(view)
    if len(tests) == 1:
        return first
    if len(tests) == 2:
        second = tests[1]
        if kind == "all":
            return lambda view: first(view) and second(view)
        return lambda view: first(view) or second(view)
    return _all(tests) if kind == "all" else _any(tests)


def _all(tests: tuple[Test, ...]) -> Test:
    def holds(view: View) -> bool:
        for test in tests:  # noqa: SIM110  a generator costs more than what it asks
            if not test(view):
                return False
        return True

    return holds


def _any(tests: tuple[Test, ...]) -> Test:
    def holds(view: View) -> bool:
        for test in tests:  # noqa: SIM110
            if test(view):
                return True
        return False

    return holds


def leaf(name: str, op: str, kind: str, wanted: Any) -> Test | None:
    """The closure of a usual leaf, or None: then reading and testing stay two steps. Same verdicts either way."""
    if kind == "boolean" and op in ("eq", "ne"):
        return _boolean(name, op, wanted)
    if kind == "text" and op in ("eq", "ne", "in", "not_in"):
        return _text(name, op, wanted)
    if kind == "number" and op in _NUMBERS:
        return _NUMBERS[op](name, wanted)
    return None


def _boolean(name: str, op: str, wanted: bool) -> Test:
    if op == "eq":
        return lambda view: view.get(name) is wanted
    return lambda view: view.get(name) is not wanted


def _text(name: str, op: str, wanted: Any) -> Test:
    text = reading.text
    if op == "eq":
        return lambda view: text(view.get(name)) == wanted
    if op == "ne":
        return lambda view: text(view.get(name)) != wanted
    members = frozenset(wanted)
    if op == "in":
        return lambda view: text(view.get(name)) in members
    return lambda view: text(view.get(name)) not in members


def _equal(name: str, wanted: Any) -> Test:
    number = reading.number
    return lambda view: number(view.get(name)) == wanted


def _at_most(name: str, wanted: Any) -> Test:
    number = reading.number
    return lambda view: (found := number(view.get(name))) is not None and found <= wanted


def _under(name: str, wanted: Any) -> Test:
    number = reading.number
    return lambda view: (found := number(view.get(name))) is not None and found < wanted


def _at_least(name: str, wanted: Any) -> Test:
    number = reading.number
    return lambda view: (found := number(view.get(name))) is not None and found >= wanted


def _over(name: str, wanted: Any) -> Test:
    number = reading.number
    return lambda view: (found := number(view.get(name))) is not None and found > wanted


def _among(name: str, wanted: Any) -> Test:
    number, members = reading.number, frozenset(wanted)
    return lambda view: number(view.get(name)) in members


_NUMBERS: dict[str, Callable[[str, Any], Test]] = {
    "eq": _equal, "lte": _at_most, "lt": _under, "gte": _at_least, "gt": _over, "in": _among,
}  # fmt: skip
