"""Scenarios as cards: what each rule asks, in words, with what the linter says about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ambar.kit.text import is_digits
from ambar.kit.ui.cells import number
from ambar.kit.ui.looks import Look
from ambar.oms.catalogue.models import Channel
from ambar.oms.console import pickers, reasons, selectors, why
from ambar.oms.scenarios.domain import fields
from ambar.oms.scenarios.domain.rules import CRITERIA
from ambar.oms.scenarios.kinds import TRANSFER, Kind

CRITERION_TITLES = {
    "channel": gettext_lazy("Channel"),
    "shipping": pgettext_lazy("what a scenario asks of an order", "Shipping"),
    "payment": gettext_lazy("Payment"),
    "customer_type": gettext_lazy("Customer type"),
}
MODES = {
    "all": gettext_lazy("All products"),
    "only": gettext_lazy("Only products where"),
    "except": gettext_lazy("All products except where"),
}
SEVERITY = {
    "error": Look(tone="bad", shape="cross", word=gettext_lazy("Error")),
    "warning": Look(tone="warn", shape="triangle", word=gettext_lazy("Warning")),
    "notice": Look(tone="info", shape="ring", word=gettext_lazy("Notice")),
}
ACTIVE = Look(tone="good", shape="disc", word=gettext_lazy("Active"))
DRAFT = Look(tone="neutral", shape="ring", word=gettext_lazy("Draft"))
INACTIVE = Look(tone="neutral", shape="cross", word=gettext_lazy("Off"))
ACTS = {
    "created": gettext_lazy("Created"),
    "changed": gettext_lazy("Changed"),
    "activated": gettext_lazy("Activated"),
    "deactivated": gettext_lazy("Deactivated"),
    "copied": gettext_lazy("Copied"),
    "went_back": gettext_lazy("Went back"),
    "put_in_order": gettext_lazy("Order changed"),
    "found": gettext_lazy("As it stood"),
}
Fact = tuple[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finding of the linter in the reader's language."""

    look: Look
    cause: str
    effect: str
    fix: str
    position: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCard:
    """One rule of the chain."""

    index: int
    name: str
    facts: tuple[Fact, ...]
    findings: tuple[Told, ...]
    is_first: bool
    is_last: bool


def state(scenario: Any) -> Look:
    """Active, off, or a draft that never planned anything."""
    if scenario.is_active:
        return ACTIVE
    return INACTIVE if scenario.activated_at else DRAFT


def said(tree: Any, known: Any) -> str:
    """A condition as a sentence."""
    return pickers.sentence(tree, known, reasons.language(), pickers.names([tree]))


def criteria(scenario: Any, channels: Mapping[int, str]) -> list[Fact]:
    """The four criteria, each with what it asks."""
    return [(CRITERION_TITLES[name], _criterion(scenario, name, channels)) for name in CRITERIA]


def asked(scenario: Any, channels: Mapping[int, str]) -> list[Fact]:
    """Only those criteria that leave some order out."""
    return [
        (CRITERION_TITLES[name], _criterion(scenario, name, channels))
        for name in CRITERIA
        if getattr(scenario, f"{name}_condition_type") == "static" or getattr(scenario, f"{name}_query")
    ] or [(_("Orders"), _("any"))]


def _criterion(scenario: Any, name: str, channels: Mapping[int, str]) -> str:
    if getattr(scenario, f"{name}_condition_type") != "static":
        query = getattr(scenario, f"{name}_query")
        return said(query, fields.ORDER) if query else _("any")
    values = getattr(scenario, f"{name}_values")
    named = [channels.get(value, f"#{value}") if name == "channel" else str(value) for value in values]
    return ", ".join(named) or _("none: no order matches")


def channel_names(scenarios: Iterable[Any]) -> dict[int, str]:
    """Names of the channels that static criteria list; one statement."""
    ids = {one for scenario in scenarios for one in scenario.channel_values if isinstance(one, int)}
    return dict(Channel.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def rule_cards(kind: Kind, scenario: Any, findings: Sequence[Told]) -> list[RuleCard]:
    """The chain in order."""
    rules = list(scenario.rules.all())
    facts = _transfer_facts if kind is TRANSFER else _distribution_facts
    return [
        RuleCard(
            index=index,
            name=rule.name,
            facts=tuple(facts(rule)),
            findings=tuple(one for one in findings if one.position == index),
            is_first=index == 0,
            is_last=index == len(rules) - 1,
        )
        for index, rule in enumerate(rules)
    ]


def _products(rule: Any) -> Fact:
    words = str(MODES[rule.product_mode])
    if rule.product_mode != "all":
        words = f"{words} {said(rule.product_condition, fields.PRODUCT)}"
    return _("Products"), words


def _distribution_facts(rule: Any) -> Iterable[Fact]:
    yield (
        _("Locations"),
        said(rule.location_condition, fields.LOCATION) if rule.location_condition else _("any"),
    )
    yield _products(rule)
    yield _("Split"), _split(rule)
    if rule.transferable:
        yield _("Transfers"), _("missing units come from other locations")
    yield _("Preference"), _order(rule)


def _transfer_facts(rule: Any) -> Iterable[Fact]:
    anywhere = _("any")
    yield (
        _("Package at"),
        said(rule.location_condition, fields.LOCATION) if rule.location_condition else anywhere,
    )
    yield _products(rule)
    yield (
        _("Goods come from"),
        said(rule.source_condition, fields.LOCATION) if rule.source_condition else anywhere,
    )
    yield _("Preference"), _order(rule)


def _split(rule: Any) -> str:
    words = str(why.SPLITS[rule.split_policy])
    if rule.max_packages:
        words += ", " + _("at most %(count)s packages") % {"count": rule.max_packages}
    if rule.split_above_amount is not None:
        words += ", " + _("only above %(amount)s") % {"amount": number(rule.split_above_amount)}
    return words


def _order(rule: Any) -> str:
    return " → ".join(selectors.title(name) for name in rule.selectors) or _("none: lowest id first")


def kept(version: Any) -> dict[str, Any]:
    """A kept version, as the history draws it: act, author, note, time."""
    return {
        "number": version.number,
        "act": ACTS.get(version.act, version.act),
        "author": version.author,
        "note": version.note,
        "at": version.at,
    }


def arranged(to: str, index: int, count: int) -> int | None:
    """The new place of what stood at `index` of `count`; None takes it away, what is not understood leaves it."""
    if to == "away":
        return None
    wanted = {"up": index - 1, "down": index + 1}.get(to, index)
    if is_digits(to) and len(to) < 6:
        wanted = int(to)
    return max(0, min(count - 1, wanted))


def told(findings: Iterable[Mapping[str, Any]]) -> list[Told]:
    """The linter's findings as answered (`scenarios.actions.lint`)."""
    return [_told(finding) for finding in findings]


def _told(finding: Mapping[str, Any]) -> Told:
    text = finding["tr"] if reasons.language() == "tr" else finding
    return Told(
        look=SEVERITY.get(str(finding.get("severity")), SEVERITY["notice"]),
        cause=text["cause"],
        effect=text["effect"],
        fix=text["fix"],
        position=finding.get("rule_position"),
    )
