"""The verdict when some fields are not known yet: true, false, or undecided."""

from collections.abc import Collection

from ambar.kit.conditions.compiling import View
from ambar.kit.conditions.nodes import Group, Leaf


def decide(node: Leaf | Group, view: View, unknown: Collection[str]) -> bool | None:
    """Kleene's logic over the tree; a leaf about an unknown field is undecided (None)."""
    if isinstance(node, Leaf):
        return None if node.field.name in unknown else node.compile()(view)
    verdicts = [decide(child, view, unknown) for child in node.children]
    if node.kind == "not":
        return None if verdicts[0] is None else not verdicts[0]
    settled = node.kind == "any"
    if settled in verdicts:
        return settled
    return None if None in verdicts else not settled
