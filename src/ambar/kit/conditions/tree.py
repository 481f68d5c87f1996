"""The parsed condition: nodes compiled to closures, and the verdict on one view."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ambar.kit.conditions import reading
from ambar.kit.conditions.fields import Field
from ambar.kit.conditions.operators import Operator


class View(Protocol):
    """Where a condition looks fields up: any mapping, or something that works values out when asked."""

    def get(self, name: str, /) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a node said about one view: whether it held, and for a leaf what was found instead of what was asked."""

    path: str
    holds: bool
    kind: str
    field: str = ""
    op: str = ""
    value: Any = None
    actual: Any = None
    children: tuple["Verdict", ...] = ()

    def decisive(self) -> list["Verdict"]:
        """The leaves that made the verdict what it is, in order."""
        if self.kind == "leaf":
            return [self]
        if self.kind == "not":
            return self.children[0].decisive()
        deciding = [child for child in self.children if child.holds == self.holds]
        return [leaf for child in deciding for leaf in child.decisive()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """`wanted` is the comparable value, `value` the written one (as JSON)."""

    path: str
    field: Field
    operator: Operator
    kind: str
    value: Any
    wanted: Any

    def compile(self) -> Callable[[View], bool]:
        name, test = self.field.name, self.operator.test(self.wanted)
        read = reading.items if self.kind == "list" else reading.READERS[self.kind]
        return lambda view: test(read(view.get(name)))

    def explain(self, view: View) -> Verdict:
        return Verdict(
            path=self.path,
            holds=self.compile()(view),
            kind="leaf",
            field=self.field.name,
            op=self.operator.name,
            value=self.value,
            actual=view.get(self.field.name),
        )

    def leaves(self) -> Iterator["Leaf"]:
        yield self


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`kind` is all, any or not (one child)."""

    path: str
    kind: str
    children: tuple["Leaf | Group", ...]

    def compile(self) -> Callable[[View], bool]:
        tests = tuple(child.compile() for child in self.children)
        if self.kind == "not":
            only = tests[0]
            return lambda view: not only(view)
        if len(tests) == 1:
            return tests[0]
        if self.kind == "all":
            return lambda view: all(test(view) for test in tests)
        return lambda view: any(test(view) for test in tests)

    def explain(self, view: View) -> Verdict:
        children = tuple(child.explain(view) for child in self.children)
        if self.kind == "not":
            holds = not children[0].holds
        else:
            holds = (all if self.kind == "all" else any)(child.holds for child in children)
        return Verdict(path=self.path, holds=holds, kind=self.kind, children=children)

    def leaves(self) -> Iterator[Leaf]:
        for child in self.children:
            yield from child.leaves()


class Condition:
    """A parsed tree. `holds(view)` is compiled once; `fields` names every field it asks about."""

    __slots__ = ("_root", "fields", "holds", "source")

    def __init__(self, root: Leaf | Group | None, source: Mapping[str, Any]) -> None:
        self._root = root
        self.source = source
        self.fields = frozenset(leaf.field.name for leaf in root.leaves()) if root else frozenset()
        self.holds: Callable[[View], bool] = root.compile() if root else (lambda view: True)

    @property
    def is_empty(self) -> bool:
        """Whether it holds always, because nothing was asked."""
        return self._root is None

    def explain(self, view: View) -> Verdict:
        """The verdict of every node on `view`."""
        if self._root is None:
            return Verdict(path="", holds=True, kind="all")
        return self._root.explain(view)

    def sentence(self, language: str = "en") -> str:
        """The condition in words, `en` or `tr`."""
        from ambar.kit.conditions.words import sentence

        return sentence(self._root, language)

    def to_sql(self) -> tuple[str, list[Any]]:
        """`(expression, parameters)` for a WHERE clause; needs an `sql` on every field it uses."""
        from ambar.kit.conditions.sql import to_sql

        return to_sql(self._root)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and self.source == other.source

    def __hash__(self) -> int:
        return hash(self.fields)

    def __repr__(self) -> str:
        return f"Condition({self.sentence()})"
