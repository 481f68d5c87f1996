"""From JSON to a condition; everything malformed is refused with the path of its node."""

from typing import Any

from ambar.kit.conditions import reading
from ambar.kit.conditions.fields import Fields
from ambar.kit.conditions.nodes import Group, Leaf
from ambar.kit.conditions.operators import OPERATORS, read_value
from ambar.kit.conditions.tree import Condition
from ambar.kit.refusals import Invalid

MOST_NODES = 500
MOST_DEPTH = 20
MOST_VALUES = 5000


def parse(tree: Any, fields: Fields, *, at: str = "condition") -> Condition:
    """Read a tree. `at` names its root in refusals (`condition.all[0].any[1]`).

    Raises `Invalid` whose field is the node's path. Source: "Akinon OMS: Scenarios" (static and dynamic conditions).
    """
    if tree is None or tree == {}:
        return Condition(None, {})
    budget = [MOST_NODES]
    return Condition(_node(tree, fields, at, 1, budget), tree)


def _refuse(path: str, message: str) -> Invalid:
    return Invalid(fields={path: [message]})


def _node(tree: Any, fields: Fields, path: str, depth: int, budget: list[int]) -> Leaf | Group:
    budget[0] -= 1
    if budget[0] < 0:
        raise _refuse(path, f"A condition may have at most {MOST_NODES} nodes.")
    if depth > MOST_DEPTH:
        raise _refuse(path, f"A condition may be at most {MOST_DEPTH} levels deep.")
    if not isinstance(tree, dict):
        raise _refuse(path, "A node must be an object with 'all', 'any', 'not' or 'field'.")
    groups = [key for key in ("all", "any", "not") if key in tree]
    if groups and len(tree) > 1:
        raise _refuse(path, f"'{groups[0]}' must stand alone in its node.")
    if not groups:
        return _leaf(tree, fields, path)
    kind = groups[0]
    body = tree[kind]
    if kind == "not":
        return Group(path=path, kind=kind, children=(_node(body, fields, f"{path}.not", depth + 1, budget),))
    if not isinstance(body, list) or not body:
        raise _refuse(f"{path}.{kind}", "Must be a list with at least one condition.")
    children = tuple(
        _node(child, fields, f"{path}.{kind}[{index}]", depth + 1, budget) for index, child in enumerate(body)
    )
    return Group(path=path, kind=kind, children=children)


def _leaf(tree: dict[str, Any], fields: Fields, path: str) -> Leaf:
    surplus = sorted(set(tree) - {"field", "op", "value"})
    if surplus:
        raise _refuse(path, f"Unknown key '{surplus[0]}'; a leaf has 'field', 'op' and 'value'.")
    name, op, value = tree.get("field"), tree.get("op"), tree.get("value")
    if not isinstance(name, str) or not isinstance(op, str):
        raise _refuse(path, "A leaf needs 'field' and 'op' as text.")
    field = fields.find(name)
    if field is None:
        raise _refuse(f"{path}.field", f"Unknown field '{name}'. Known: {', '.join(fields.names())}.")
    operator = OPERATORS.get(op)
    if operator is None:
        raise _refuse(f"{path}.op", f"Unknown operator '{op}'. Known: {', '.join(sorted(OPERATORS))}.")
    kind = reading.open_kind(value) if field.type == "open" else field.type
    if kind not in operator.types:
        raise _refuse(f"{path}.op", f"'{op}' does not fit '{name}', which is of type {field.type}.")
    if isinstance(value, list) and len(value) > MOST_VALUES:
        raise _refuse(f"{path}.value", f"At most {MOST_VALUES} values.")
    try:
        wanted = read_value(operator, kind, value)
    except ValueError as reason:
        raise _refuse(f"{path}.value", f"{reason}.") from None
    _known_choice(field.choices, value, path)
    return Leaf(path=path, field=field, operator=operator, kind=kind, value=value, wanted=wanted)


def _known_choice(choices: tuple[str, ...], value: Any, path: str) -> None:
    if not choices or value is None:
        return
    for member in value if isinstance(value, list) else [value]:
        if str(member) not in choices:
            raise _refuse(f"{path}.value", f"'{member}' is not one of {', '.join(choices)}.")
