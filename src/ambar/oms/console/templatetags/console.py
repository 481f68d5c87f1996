"""Template tags of the OMS's screens: `{% load console %}`."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from ambar.kit.conditions import OPERATORS
from ambar.oms.console import condition_builder, pickers, suggestions
from ambar.oms.console.condition_builder import Builder, Node
from ambar.oms.scenarios.actions.describe_condition import ABOUT

register = template.Library()


@register.simple_tag
def group_kinds() -> list[tuple[str, Any]]:
    """How the conditions of a group may join."""
    return list(condition_builder.GROUPS.items())


@register.simple_tag
def condition_leaf(builder: Builder, node: Node) -> dict[str, Any]:
    """What a row of the condition builder offers: operators that fit the field, and how its value is typed."""
    name = condition_builder.full_name(node)
    operators = condition_builder.operators_of(builder.about, name) if node.field else {}
    chosen = OPERATORS.get(node.op if node.op in operators else next(iter(operators), ""))
    known = ABOUT[builder.about].find(name)
    options: list[tuple[str, str]] = []
    if known is not None and chosen is not None and chosen.arity == "one":
        if known.type == "boolean":
            options = [("true", _("Yes")), ("false", _("No"))]
        elif known.choices:
            options = [(choice, choice) for choice in known.choices]
    picks = builder.picks.get(name, []) if chosen is not None and chosen.arity in ("one", "many") else []
    source = suggestions.OF_FIELDS.get((builder.about, name), "")
    return {
        "suggest": reverse("oms_console:suggest", args=[source]) if source else "",
        "picks": pickers.chosen(picks, node.value) if picks else [],
        "family": node.field.endswith(".*"),
        "operators": operators,
        "options": options,
        "takes_value": chosen is not None and chosen.arity != "none",
        "many": chosen is not None and chosen.arity in ("two", "many"),
    }
