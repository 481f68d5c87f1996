"""Whether one condition holds wherever another does, and whether one can hold at all.

Both answers are sound, not complete: True is certain, False means that comparing the trees cannot tell.
"""

from typing import Any

from ambar.kit.conditions.nodes import Group, Leaf

Node = Leaf | Group
BELOW = {"lt": False, "lte": True}
ABOVE = {"gt": False, "gte": True}


def implies(one: Node | None, other: Node | None) -> bool:
    """Whether `other` holds in every view in which `one` holds."""
    if other is None or impossible(one):
        return True
    if one is None:
        return False
    if isinstance(other, Group) and other.kind == "all":
        return all(implies(one, child) for child in other.children)
    if isinstance(one, Group) and one.kind == "any":
        return all(implies(child, other) for child in one.children)
    if isinstance(other, Group) and other.kind == "any" and any(implies(one, c) for c in other.children):
        return True
    if isinstance(one, Group) and one.kind == "all":
        return any(implies(child, other) for child in one.children)
    if isinstance(one, Group):
        if isinstance(other, Group) and other.kind == "not":
            return implies(other.children[0], one.children[0])
        return False
    return isinstance(other, Leaf) and _leaf_implies(one, other)


def impossible(node: Node | None) -> bool:
    """Whether no view can make it hold."""
    if node is None:
        return False
    if isinstance(node, Leaf):
        return node.operator.arity == "many" and node.operator.name in ("in", "any_of") and not node.wanted
    if node.kind == "not":
        child = node.children[0]
        return isinstance(child, Leaf) and child.operator.name in ("not_in", "none_of") and not child.wanted
    if node.kind == "any":
        return all(impossible(child) for child in node.children)
    if any(impossible(child) for child in node.children):
        return True
    leaves = [child for child in node.children if isinstance(child, Leaf)]
    return any(
        _exclude(one, other) for index, one in enumerate(leaves) for other in leaves[index + 1 :]
    ) or any(
        implies(one, child.children[0])
        for child in node.children
        if isinstance(child, Group) and child.kind == "not"
        for one in leaves
    )


def _leaf_implies(one: Leaf, other: Leaf) -> bool:
    if one.field.name != other.field.name or one.kind != other.kind:
        return False
    if one.operator.name == other.operator.name and one.wanted == other.wanted:
        return True
    members = _members(one)
    if members is not None:
        test = other.operator.test(other.wanted)
        return all(test(member) for member in members)
    if other.operator.name == "is_not_empty":
        return _needs_a_value(one)
    mine, theirs = _interval(one), _interval(other)
    return mine is not None and theirs is not None and _within(mine, theirs)


def _exclude(one: Leaf, other: Leaf) -> bool:
    """Whether both can never hold of one view."""
    if one.field.name != other.field.name or one.kind != other.kind:
        return False
    for first, second in ((one, other), (other, one)):
        members = _members(first)
        if members is not None:
            test = second.operator.test(second.wanted)
            return not any(test(member) for member in members)
        if first.operator.name == "is_empty" and _needs_a_value(second):
            return True
    mine, theirs = _interval(one), _interval(other)
    return mine is not None and theirs is not None and _apart(mine, theirs)


def _members(leaf: Leaf) -> list[Any] | None:
    """The only values the leaf allows; None when they cannot be listed."""
    if leaf.kind == "list":
        return None
    if leaf.operator.name == "eq":
        return [leaf.wanted]
    if leaf.operator.name == "in":
        return list(leaf.wanted)
    return [None] if leaf.operator.name == "is_empty" else None


def _needs_a_value(leaf: Leaf) -> bool:
    test = leaf.operator.test(leaf.wanted)
    return not test(None)


Interval = tuple[Any, bool, Any, bool]
"""Lowest value (None: open), whether it belongs, highest value, whether it belongs."""


def _interval(leaf: Leaf) -> Interval | None:
    name = leaf.operator.name
    if leaf.kind not in ("number", "moment", "clock"):
        return None
    if name in BELOW:
        return (None, False, leaf.wanted, BELOW[name])
    if name in ABOVE:
        return (leaf.wanted, ABOVE[name], None, False)
    return (leaf.wanted[0], True, leaf.wanted[1], True) if name == "between" else None


def _within(mine: Interval, theirs: Interval) -> bool:
    low, low_in, high, high_in = mine
    their_low, their_low_in, their_high, their_high_in = theirs
    above = their_low is None or (
        low is not None and (low > their_low or (low == their_low and (their_low_in or not low_in)))
    )
    below = their_high is None or (
        high is not None and (high < their_high or (high == their_high and (their_high_in or not high_in)))
    )
    return above and below


def _apart(mine: Interval, theirs: Interval) -> bool:
    return _ends_before(mine, theirs) or _ends_before(theirs, mine)


def _ends_before(one: Interval, other: Interval) -> bool:
    _, _, high, high_in = one
    low, low_in, _, _ = other
    if high is None or low is None:
        return False
    return bool(high < low or (high == low and not (high_in and low_in)))
