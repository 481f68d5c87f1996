"""The nodes of a parsed condition, compiled to closures, and the verdict of each on one view."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ambar.kit.conditions import compiling, reading
from ambar.kit.conditions.compiling import View
from ambar.kit.conditions.fields import Field
from ambar.kit.conditions.operators import Operator


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
        swift = compiling.leaf(self.field.name, self.operator.name, self.kind, self.wanted)
        if swift is not None:
            return swift
        name, test, read = self.field.name, self.operator.test(self.wanted), self.read
        return lambda view: test(read(view.get(name)))

    def read(self, actual: Any) -> Any:
        """An actual value in comparable form."""
        return reading.items(actual) if self.kind == "list" else reading.READERS[self.kind](actual)

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
        return compiling.group(self.kind, tuple(child.compile() for child in self.children))

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
