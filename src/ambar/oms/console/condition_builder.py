"""The condition builder: a tree as rows of inputs, drawn by the server, read back from what was posted.

Inputs of the condition `name` are called `name:path:part`; `path` is `0` for the root and `0.2.1` for the second child of
its third child; `part` is kind (all, any, none, notall, leaf), field, rest, op or value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit.conditions import OPERATORS
from ambar.kit.refusals import Invalid
from ambar.oms.console import pickers, reasons, refusals
from ambar.oms.scenarios.actions.describe_condition import ABOUT, describe_condition

GROUPS = {
    "all": gettext_lazy("All of these hold"),
    "any": gettext_lazy("Any of these holds"),
    "none": gettext_lazy("None of these holds"),
    "notall": gettext_lazy("Not all of these hold"),
}
MOST_DEPTH = 4
Option = tuple[str, str]


@dataclass(slots=True, kw_only=True)
class Node:
    """A group (`kind` of `GROUPS`) with children, or a leaf (`field`, `op`, `value` as typed)."""

    kind: str
    children: list["Node"] = field(default_factory=list)
    field: str = ""
    rest: str = ""
    op: str = ""
    value: str = ""
    path: str = "0"

    @property
    def is_leaf(self) -> bool:
        """Whether it is a row and not a group."""
        return self.kind == "leaf"

    @property
    def may_nest(self) -> bool:
        """Whether a group may stand inside."""
        return self.path.count(".") < MOST_DEPTH

    @property
    def is_root(self) -> bool:
        """Whether nothing is around it."""
        return self.path == "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """What the template draws. `sentence` and `counts` are empty while `problem` says what is missing; `picks` are the
    choices by field.
    """

    name: str
    about: str
    label: Any
    root: Node
    fields: tuple[Option, ...]
    sentence: str
    counts: str
    problem: str
    picks: Mapping[str, list[Option]]


def from_tree(tree: Any) -> Node:
    """A stored tree as nodes; a bare leaf stands in a group of its own."""
    root = _node(tree or {"all": []})
    return numbered(root if not root.is_leaf else Node(kind="all", children=[root]))


def _node(tree: Mapping[str, Any]) -> Node:
    if "not" in tree:
        inner = _node(tree["not"])
        if inner.kind in ("any", "all"):
            return Node(kind="none" if inner.kind == "any" else "notall", children=inner.children)
        return Node(kind="none", children=[inner])
    for kind in ("all", "any"):
        if kind in tree:
            return Node(kind=kind, children=[_node(child) for child in tree[kind]])
    return Node(
        kind="leaf",
        field=str(tree.get("field", "")),
        op=str(tree.get("op", "")),
        value=_typed(tree.get("value")),
    )


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(_typed, value))
    return "" if value is None else str(value)


def from_post(name: str, posted: QueryDict) -> Node:
    """The nodes as posted."""
    return numbered(_posted(f"{name}:", "0", posted) or Node(kind="all"))


def _posted(prefix: str, path: str, posted: QueryDict) -> Node | None:
    kind = posted.get(f"{prefix}{path}:kind", "")
    if kind == "leaf":
        part = {name: posted.get(f"{prefix}{path}:{name}", "") for name in ("field", "rest", "op")}
        part["value"] = ", ".join(posted.getlist(f"{prefix}{path}:value"))
        return Node(kind="leaf", **{key: text.replace("\x00", "") for key, text in part.items()})
    if kind not in GROUPS or path.count(".") > MOST_DEPTH:
        return None
    children = []
    for index in range(100):
        child = _posted(prefix, f"{path}.{index}", posted)
        if child is None:
            break
        children.append(child)
    return Node(kind=kind, children=children)


def numbered(root: Node, path: str = "0") -> Node:
    """The same nodes with their paths set."""
    root.path = path
    for index, child in enumerate(root.children):
        numbered(child, f"{path}.{index}")
    return root


def act(root: Node, verb: str, path: str) -> Node:
    """Add a row or a group inside the group at `path`, or remove what stands there; other verbs change nothing."""
    node = _find(root, path)
    if node is None:
        return root
    if verb == "add" and not node.is_leaf:
        node.children.append(Node(kind="leaf"))
    elif verb == "group" and not node.is_leaf and node.may_nest:
        node.children.append(Node(kind="any", children=[Node(kind="leaf")]))
    elif verb == "remove" and not node.is_root:
        parent = _find(root, path.rpartition(".")[0])
        if parent is not None:
            parent.children.remove(node)
    return numbered(root)


def _find(root: Node, path: str) -> Node | None:
    if root.path == path:
        return root
    for child in root.children:
        if path == child.path or path.startswith(f"{child.path}."):
            return _find(child, path)
    return None


def tree(root: Node, about: str) -> dict[str, Any]:
    """The tree as it is stored; groups without rows vanish. An unfinished row stays as it is and is refused when parsed."""
    if root.is_leaf:
        return _leaf(root, about)
    children = [one for child in root.children if (one := tree(child, about))]
    if not children:
        return {}
    if root.kind in ("none", "notall"):
        return {"not": {"any" if root.kind == "none" else "all": children}}
    return children[0] if len(children) == 1 and root.is_root else {root.kind: children}


def _leaf(node: Node, about: str) -> dict[str, Any]:
    if not node.field:
        return {}
    name = full_name(node)
    known = ABOUT[about].find(name)
    op = node.op if node.op in operators_of(about, name) else next(iter(operators_of(about, name)), "eq")
    leaf: dict[str, Any] = {"field": name, "op": op}
    arity = OPERATORS[op].arity
    if arity == "none":
        return leaf
    kind = known.type if known else "text"
    if arity == "one":
        return {**leaf, "value": _value(node.value.strip(), kind)}
    members = [part.strip() for part in node.value.split(",") if part.strip()]
    return {**leaf, "value": [_value(part, kind) for part in members]}


def full_name(node: Node) -> str:
    """`attributes.*` with its rest: `attributes.color`."""
    return f"{node.field[:-1]}{node.rest.strip()}" if node.field.endswith(".*") else node.field


def _value(text: str, kind: str) -> Any:
    if kind == "boolean":
        return text != "false"
    if kind in ("number", "open"):
        try:
            return int(text)
        except ValueError:
            pass
        try:
            return float(text.replace(",", ".")) if len(text) < 30 and text[:1] in "-.0123456789" else text
        except ValueError:
            return text
    return text


def operators_of(about: str, name: str) -> dict[str, str]:
    """`{operator: its words without field and value}` that fit the field."""
    known = ABOUT[about].find(name)
    if known is None:
        return {}
    fitting = {"text", "number", "boolean"} if known.type == "open" else {known.type}
    turkish = reasons.language() == "tr"
    return {
        operator.name: _bare(operator.words_tr if turkish else operator.words)
        for operator in OPERATORS.values()
        if not fitting.isdisjoint(operator.types)
    }


def _bare(words: str) -> str:
    return words.replace("{field}", "").replace("{value}", "…").strip(" :") or "="


def build(name: str, about: str, label: Any, root: Node) -> Builder:
    """The builder with what its condition says now."""
    for node in _all(root):
        _prepare(node, about)
    sentence = counts = problem = ""
    try:
        wanted = tree(root, about)
        counts = _counted(describe_condition(about, wanted))
        sentence = pickers.sentence(wanted, ABOUT[about], reasons.language(), pickers.names([wanted]))
    except Invalid as refusal:
        problem = " ".join(refusals.of_fields(refusal.fields).values())
    return Builder(
        name=name,
        about=about,
        label=label,
        root=root,
        fields=tuple((one.name, one.words(reasons.language())) for one in ABOUT[about]),
        sentence=sentence,
        counts=counts,
        problem=problem,
        picks={
            name: pickers.options(name) for name in {full_name(node) for node in _all(root) if node.is_leaf}
        },
    )


def _prepare(node: Node, about: str) -> None:
    """A field of a family (`attributes.color`) is shown as the family and its rest."""
    exact = {one.name for one in ABOUT[about]}
    head, dot, rest = node.field.partition(".")
    if node.field and node.field not in exact and f"{head}.*" in exact and dot:
        node.field, node.rest = f"{head}.*", rest


def _all(root: Node) -> list[Node]:
    return [root, *(node for child in root.children for node in _all(child))]


def _counted(said: Mapping[str, Any]) -> str:
    if "of_orders" in said:
        figures = {"n": said["matching_orders"], "of": said["of_orders"]}
        return _("matches %(n)s of the last %(of)s orders") % figures
    figures = {"n": said["matching_locations"], "of": said["of_locations"]}
    if said.get("undecided_locations") and said["undecided_locations"] == said["of_locations"]:
        return _("it depends on the order which of %(of)s locations match") % figures
    words = _("matches %(n)s of %(of)s locations") % figures
    if said.get("undecided_locations"):
        words += _("; for %(n)s it depends on the order") % {"n": said["undecided_locations"]}
    return words
