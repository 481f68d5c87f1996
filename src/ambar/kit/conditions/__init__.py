"""Typed condition trees: parsed once from JSON, evaluated fast, explained, put into words and into SQL.

A tree is `{"all": [...]}`, `{"any": [...]}`, `{"not": {...}}` or a leaf `{"field", "op", "value"}`; an empty tree
(`{}`, `None`) holds always. Fields are declared by whoever owns the rows (`Fields`); an unknown field, operator or a
value of the wrong type is refused with the path of the node.
"""

from ambar.kit.conditions.fields import Field, Fields
from ambar.kit.conditions.nodes import Verdict
from ambar.kit.conditions.operators import OPERATORS
from ambar.kit.conditions.parse import parse
from ambar.kit.conditions.sql import Asked
from ambar.kit.conditions.tree import Condition

__all__ = ["OPERATORS", "Asked", "Condition", "Field", "Fields", "Verdict", "parse"]
