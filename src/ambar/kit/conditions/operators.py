"""Operators: which types they fit, what value they take, how they test, and their words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ambar.kit.conditions import reading

ORDERED = frozenset({"number", "moment", "clock"})
SPELT = frozenset({"text", "code"})
SCALAR = ORDERED | SPELT | {"boolean"}
LIST = frozenset({"list"})
ANY = SCALAR | LIST

Test = Callable[[Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """`arity`: "none" (no value), "one", "two" (a pair) or "many" (a list). `test(value) -> (actual) -> bool`."""

    name: str
    types: frozenset[str]
    arity: str
    test: Callable[[Any], Test]
    words: str
    words_tr: str


def _is(value: Any) -> Test:
    return lambda actual: actual == value


def _is_not(value: Any) -> Test:
    return lambda actual: actual != value


def _among(value: Any) -> Test:
    members = frozenset(value)
    return lambda actual: actual in members


def _not_among(value: Any) -> Test:
    members = frozenset(value)
    return lambda actual: actual not in members


def _over(value: Any) -> Test:
    return lambda actual: actual is not None and actual > value


def _at_least(value: Any) -> Test:
    return lambda actual: actual is not None and actual >= value


def _under(value: Any) -> Test:
    return lambda actual: actual is not None and actual < value


def _at_most(value: Any) -> Test:
    return lambda actual: actual is not None and actual <= value


def _between(value: Any) -> Test:
    low, high = value
    return lambda actual: actual is not None and low <= actual <= high


def _contains(value: Any) -> Test:
    return lambda actual: actual is not None and value in actual


def _lacks(value: Any) -> Test:
    return lambda actual: actual is None or value not in actual


def _starts(value: Any) -> Test:
    return lambda actual: actual is not None and actual.startswith(value)


def _ends(value: Any) -> Test:
    return lambda actual: actual is not None and actual.endswith(value)


def _any_of(value: Any) -> Test:
    members = frozenset(value)
    return lambda actual: actual is not None and not members.isdisjoint(actual)


def _all_of(value: Any) -> Test:
    members = frozenset(value)
    return lambda actual: actual is not None and members <= actual


def _none_of(value: Any) -> Test:
    members = frozenset(value)
    return lambda actual: actual is None or members.isdisjoint(actual)


def _empty(_: Any) -> Test:
    return lambda actual: actual is None


def _filled(_: Any) -> Test:
    return lambda actual: actual is not None


def _operator(
    name: str, types: frozenset[str], arity: str, test: Callable[[Any], Test], en: str, tr: str
) -> Operator:
    return Operator(name=name, types=types, arity=arity, test=test, words=en, words_tr=tr)


OPERATORS: dict[str, Operator] = {
    operator.name: operator
    for operator in (
        _operator("eq", SCALAR, "one", _is, "{field} is {value}", "{field}: {value}"),
        _operator("ne", SCALAR, "one", _is_not, "{field} is not {value}", "{field}: {value} değil"),
        _operator(
            "in", SCALAR, "many", _among, "{field} is one of {value}", "{field} şunlardan biri: {value}"
        ),
        _operator(
            "not_in",
            SCALAR,
            "many",
            _not_among,
            "{field} is none of {value}",
            "{field} şunlardan hiçbiri değil: {value}",
        ),
        _operator("gt", ORDERED, "one", _over, "{field} is over {value}", "{field} {value} üzerinde"),
        _operator("gte", ORDERED, "one", _at_least, "{field} is at least {value}", "{field} en az {value}"),
        _operator("lt", ORDERED, "one", _under, "{field} is under {value}", "{field} {value} altında"),
        _operator("lte", ORDERED, "one", _at_most, "{field} is at most {value}", "{field} en çok {value}"),
        _operator(
            "between", ORDERED, "two", _between, "{field} is between {value}", "{field} şu aralıkta: {value}"
        ),
        _operator(
            "contains",
            SPELT | LIST,
            "one",
            _contains,
            "{field} contains {value}",
            "{field} şunu içerir: {value}",
        ),
        _operator(
            "not_contains",
            SPELT | LIST,
            "one",
            _lacks,
            "{field} does not contain {value}",
            "{field} şunu içermez: {value}",
        ),
        _operator(
            "starts_with",
            SPELT,
            "one",
            _starts,
            "{field} starts with {value}",
            "{field} şununla başlar: {value}",
        ),
        _operator(
            "ends_with", SPELT, "one", _ends, "{field} ends with {value}", "{field} şununla biter: {value}"
        ),
        _operator(
            "any_of",
            LIST,
            "many",
            _any_of,
            "{field} has any of {value}",
            "{field} şunlardan birini içerir: {value}",
        ),
        _operator(
            "all_of",
            LIST,
            "many",
            _all_of,
            "{field} has all of {value}",
            "{field} şunların hepsini içerir: {value}",
        ),
        _operator(
            "none_of",
            LIST,
            "many",
            _none_of,
            "{field} has none of {value}",
            "{field} şunların hiçbirini içermez: {value}",
        ),
        _operator("is_empty", ANY, "none", _empty, "{field} is empty", "{field} boş"),
        _operator("is_not_empty", ANY, "none", _filled, "{field} is not empty", "{field} dolu"),
    )
}


def read_value(operator: Operator, kind: str, value: Any) -> Any:
    """The written value in comparable form.

    Raises `ValueError` with the reason when it does not fit the operator or the type `kind`.
    """
    reader = reading.READERS[kind]

    def one(member: Any) -> Any:
        found = reader(member)
        if found is None:
            raise ValueError(f"{member!r} is not a {kind if kind != 'list' else 'text'} value")
        return found

    if operator.arity == "none":
        if value is not None:
            raise ValueError(f"'{operator.name}' takes no value")
        return None
    if operator.arity == "one":
        if isinstance(value, list):
            raise ValueError(f"'{operator.name}' takes one value, not a list")
        return one(value)
    if not isinstance(value, list):
        raise ValueError(f"'{operator.name}' takes a list of values")
    members = [one(member) for member in value]
    if operator.arity == "two":
        if len(members) != 2:
            raise ValueError(f"'{operator.name}' takes exactly two values")
        if members[0] > members[1]:
            raise ValueError(f"the first value of '{operator.name}' is above the second")
    return tuple(members)
