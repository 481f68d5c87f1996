"""The parsed condition: asked, explained, compared, put into words and into SQL."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from ambar.kit.conditions import implication, partial, sql, words
from ambar.kit.conditions.compiling import View
from ambar.kit.conditions.nodes import Group, Leaf, Verdict


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

    def decide(self, view: View, unknown: Collection[str]) -> bool | None:
        """Whether it holds while the fields named `unknown` may be anything; None when that depends on them."""
        return True if self._root is None else partial.decide(self._root, view, unknown)

    def implies(self, other: "Condition") -> bool:
        """Whether `other` holds wherever this one does, as far as comparing the trees can tell (False: not sure)."""
        return implication.implies(self._root, other._root)

    @property
    def is_impossible(self) -> bool:
        """Whether it can never hold, as far as looking at the tree can tell."""
        return implication.impossible(self._root)

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf, in order."""
        return self._root.leaves() if self._root is not None else iter(())

    def sentence(self, language: str = "en") -> str:
        """The condition in words, `en` or `tr`."""
        return words.sentence(self._root, language)

    def to_sql(self, asked: "sql.Asked | None" = None) -> tuple[str, list[Any]]:
        """`(expression, parameters)` for a WHERE clause; needs an `sql` on every field it uses.

        With `asked`, the expression is over a subselect that works every field out once (`asked.columns`).
        """
        return sql.to_sql(self._root, asked)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and self.source == other.source

    def __hash__(self) -> int:
        return hash(self.fields)

    def __repr__(self) -> str:
        return f"Condition({self.sentence()})"
