"""A condition as a parameterised SQL expression with the same meaning as `Condition.holds`."""

from typing import Any

from ambar.kit.conditions.nodes import Group, Leaf
from ambar.kit.conditions.reading import NUMERAL

COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
CASTS = {
    "number": "numeric",
    "boolean": "boolean",
    "moment": "timestamptz",
    "clock": "time",
    "text": "text",
    "code": "text",
}
FOLD = (
    "btrim(regexp_replace(regexp_replace(lower(regexp_replace(normalize("
    "translate(replace({}, 'ß', 'ss'), 'ıİIøØłŁđĐ', 'iiioolldd'), NFKD), '[\u0300-\u036f]', '', 'g')),"
    " '[.’''`´\"_/-]+', ' ', 'g'), '\\s+', ' ', 'g'))"
)

_GIVEN = "FROM (SELECT COLUMN) AS open_field(given))"
_NUMBER = f"""(SELECT CASE WHEN abs(number) < 1e30 THEN number END FROM (SELECT CASE
    WHEN jsonb_typeof(given) = 'number' THEN given::numeric
    WHEN jsonb_typeof(given) = 'string' AND btrim(given #>> '{{}}', ' ') ~ '^({NUMERAL})$'
    THEN btrim(given #>> '{{}}', ' ')::numeric END {_GIVEN} AS readable(number))"""
_BOOLEAN = f"(SELECT CASE WHEN jsonb_typeof(given) = 'boolean' THEN given::boolean END {_GIVEN}"
_TEXT = (
    "(SELECT CASE WHEN jsonb_typeof(given) IN ('string', 'number', 'boolean') THEN given #>> '{}' END "
    + _GIVEN
)
OPEN = {"number": _NUMBER, "boolean": _BOOLEAN, "text": _TEXT}
"""An open field's jsonb `COLUMN`, read as the type of the written value; null where it is of another type."""


class Asked:
    """What the leaves ask, each field worked out once: `columns` for a subselect whose alias is `asked`."""

    def __init__(self) -> None:
        self.parameters: list[Any] = []
        self._names: dict[tuple[str, str], str] = {}
        self._columns: list[str] = []

    @property
    def columns(self) -> str:
        """`expression AS c0, …`; a constant when nothing is asked."""
        return ", ".join(self._columns) or "TRUE AS c0"

    def column(self, leaf: Leaf) -> str:
        """The name of the column that holds what `leaf` compares."""
        key = (leaf.field.name, leaf.kind)
        if key not in self._names:
            self._names[key] = f"asked.c{len(self._columns)}"
            self._columns.append(f"{_expression(leaf, self.parameters)} AS c{len(self._columns)}")
        return self._names[key]


def to_sql(root: Leaf | Group | None, asked: Asked | None = None) -> tuple[str, list[Any]]:
    """An expression and its parameters; with `asked`, over its columns. Raises `ValueError` when a field has no SQL."""
    parameters: list[Any] = []
    return ("TRUE" if root is None else _node(root, parameters, asked)), parameters


def _node(node: Leaf | Group, parameters: list[Any], asked: Asked | None) -> str:
    if isinstance(node, Leaf):
        expression = _expression(node, parameters) if asked is None else asked.column(node)
        return f"({_leaf(node, expression, parameters)})"
    if node.kind == "not":
        return f"(NOT {_node(node.children[0], parameters, asked)})"
    word = " AND " if node.kind == "all" else " OR "
    return f"({word.join(_node(child, parameters, asked) for child in node.children)})"


def _expression(leaf: Leaf, parameters: list[Any]) -> str:
    """The field's own expression, made comparable; adds the parameter of a `.*` field."""
    if leaf.field.sql is None:
        raise ValueError(f"'{leaf.field.name}' cannot be asked of the database")
    if "%s" in leaf.field.sql:
        parameters.append(leaf.field.name.partition(".")[2])
    column = leaf.field.sql
    if leaf.field.type == "open":
        column = OPEN[leaf.kind].replace("COLUMN", column)
    if leaf.kind == "list":
        folded = FOLD.format("member")
        return (
            f"(SELECT array_agg(folded) FROM (SELECT {folded} AS folded FROM jsonb_array_elements_text({column}) member)"
            " AS members WHERE folded <> '')"
        )
    if leaf.kind == "text":
        return f"NULLIF({FOLD.format(f'({column})::text')}, '')"
    if leaf.kind == "code":
        return f"NULLIF(({column})::text, '')"
    return f"({column})::{CASTS[leaf.kind]}"


def _leaf(leaf: Leaf, expression: str, parameters: list[Any]) -> str:
    op = leaf.operator.name
    if op in ("is_empty", "is_not_empty"):
        return f"{expression} IS {'NOT ' if op == 'is_not_empty' else ''}NULL"
    if leaf.kind == "list":
        return _list_leaf(op, expression, leaf.wanted, parameters)
    cast = CASTS[leaf.kind]
    if leaf.operator.arity == "one":
        parameters.append(leaf.wanted)
        return _one(op, expression, cast, parameters)
    parameters.append(list(leaf.wanted))
    if op == "in":
        return f"COALESCE({expression} = ANY(%s::{cast}[]), FALSE)"
    if op == "not_in":
        return f"COALESCE({expression} <> ALL(%s::{cast}[]), TRUE)"
    parameters[-1:] = leaf.wanted
    return f"COALESCE({expression} BETWEEN %s::{cast} AND %s::{cast}, FALSE)"


def _one(op: str, expression: str, cast: str, parameters: list[Any]) -> str:
    if op == "eq":
        return f"{expression} IS NOT DISTINCT FROM %s::{cast}"
    if op == "ne":
        return f"{expression} IS DISTINCT FROM %s::{cast}"
    if op in COMPARE:
        return f"COALESCE({expression} {COMPARE[op]} %s::{cast}, FALSE)"
    if op == "contains":
        return f"COALESCE(strpos({expression}, %s::text) > 0, FALSE)"
    if op == "not_contains":
        return f"COALESCE(strpos({expression}, %s::text) = 0, TRUE)"
    if op == "starts_with":
        return f"COALESCE(starts_with({expression}, %s::text), FALSE)"
    parameters.append(parameters[-1])
    return f"COALESCE(right({expression}, char_length(%s::text)) = %s::text, FALSE)"


def _list_leaf(op: str, expression: str, wanted: Any, parameters: list[Any]) -> str:
    parameters.append([wanted] if isinstance(wanted, str) else list(wanted))
    if op in ("contains", "all_of"):
        return f"COALESCE({expression} @> %s::text[], FALSE)"
    if op == "any_of":
        return f"COALESCE({expression} && %s::text[], FALSE)"
    return f"NOT COALESCE({expression} && %s::text[], FALSE)"
