"""The forms of a scenario's head and of one rule: read from what was posted, drawn again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits, turkish_fold
from ambar.kit.ui.forms import Field
from ambar.oms.catalogue.models import Channel
from ambar.oms.console import condition_builder, looks, scenario_cards, selectors, suggestions, why
from ambar.oms.console.condition_builder import Node
from ambar.oms.locations.models import StockLocation
from ambar.oms.planning.domain.matching import STATIC_VALUES
from ambar.oms.scenarios.domain.rules import CRITERIA, SELECTORS, SOURCE_SELECTORS
from ambar.oms.scenarios.kinds import DISTRIBUTION, TRANSFER, Kind

Errors = dict[str, list[str]]
CONDITIONS = {
    "distribution": {"product_condition": "product", "location_condition": "location"},
    "transfer": {
        "location_condition": "location",
        "product_condition": "product",
        "source_condition": "location",
    },
}
CONDITION_TITLES = {
    "product_condition": gettext_lazy("Products"),
    "location_condition": gettext_lazy("Locations"),
    "source_condition": gettext_lazy("Goods come from"),
}
STATUSES = (100, 150, 200)
MOST_CHANNELS = 500
TYPES = (("dynamic", gettext_lazy("By condition")), ("static", gettext_lazy("By list")))


@dataclass(slots=True, kw_only=True)
class Head:
    """A scenario's head as typed; `criteria` are `{name: (type, values as text, nodes)}`."""

    texts: dict[str, str]
    replan_in_part: bool
    criteria: dict[str, tuple[str, list[str], Node]]
    errors: Errors = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class RuleForm:
    """A rule as typed."""

    texts: dict[str, str]
    transferable: bool
    conditions: dict[str, Node]
    selectors: list[str]
    errors: Errors = field(default_factory=dict)


def _text(posted: QueryDict, name: str) -> str:
    return posted.get(name, "").replace("\x00", "").strip()


def _built(posted: QueryDict, name: str) -> Node:
    """The posted condition after the pressed button of its builder."""
    root = condition_builder.from_post(name, posted)
    target, _bar, rest = posted.get("build", "").partition("|")
    verb, _bar, path = rest.partition("|")
    return condition_builder.act(root, verb, path) if target == name else root


def head_of(kind: Kind, scenario: Any) -> Head:
    """The form of what stands."""
    names = ("name", "description", "priority")
    texts = {name: str(getattr(scenario, name)) for name in names}
    if kind is DISTRIBUTION:
        texts |= {
            "default_location": str(scenario.default_location_id or ""),
            "initial_status": str(scenario.initial_status),
            "initial_status_multiple": str(scenario.initial_status_multiple),
        }
    return Head(
        texts=texts,
        replan_in_part=getattr(scenario, "replan_in_part", False),
        criteria={
            name: (
                getattr(scenario, f"{name}_condition_type"),
                [str(one) for one in getattr(scenario, f"{name}_values")],
                condition_builder.from_tree(getattr(scenario, f"{name}_query")),
            )
            for name in CRITERIA
        },
    )


def posted_head(kind: Kind, posted: QueryDict) -> Head:
    """The form as typed."""
    names = ["name", "description", "priority"]
    if kind is DISTRIBUTION:
        names += ["default_location", "initial_status", "initial_status_multiple"]
    return Head(
        texts={name: _text(posted, name) for name in names},
        replan_in_part="replan_in_part" in posted,
        criteria={
            name: (
                "static" if posted.get(f"{name}_condition_type") == "static" else "dynamic",
                _values(posted, name),
                _built(posted, f"{name}_query"),
            )
            for name in CRITERIA
        },
    )


def _values(posted: QueryDict, name: str) -> list[str]:
    lines = [
        line for text in posted.getlist(f"{name}_values") for line in text.replace("\x00", "").splitlines()
    ]
    return [line.strip() for line in lines if line.strip()]


def head_draft(kind: Kind, form: Head) -> dict[str, Any]:
    """What is saved. Raises `Invalid` naming the fields."""
    draft: dict[str, Any] = {"name": form.texts["name"][:255], "description": form.texts["description"]}
    wrong: Errors = {} if draft["name"] else {"name": [_("Fill in this field.")]}
    numbers = [name for name in form.texts if name not in ("name", "description")]
    for name in numbers:
        try:
            draft[name] = int(form.texts[name])
        except ValueError:
            wrong[name] = [_("Write a whole number.") if form.texts[name] else _("Fill in this field.")]
    if abs(draft.get("priority", 0)) >= 2**31:
        wrong["priority"] = [_("This value is not accepted.")]
    if kind is DISTRIBUTION:
        draft["replan_in_part"] = form.replan_in_part
        if not {draft.get("initial_status"), draft.get("initial_status_multiple")} <= {*STATUSES, None}:
            wrong["initial_status"] = [_("Choose one of the options.")]
    for name, (how, values, root) in form.criteria.items():
        draft[f"{name}_condition_type"] = how
        static = how == "static"
        given = [int(one) for one in values if is_digits(one)] if name == "channel" else values
        draft[f"{name}_values"] = given if static else []
        draft[f"{name}_query"] = {} if static else condition_builder.tree(root, "order")
    if wrong:
        raise Invalid(fields=wrong)
    return draft


def draw_head(kind: Kind, form: Head) -> dict[str, Any]:
    """What the template draws."""
    return {
        "fields": _head_fields(kind, form),
        "criteria": [_draw_criterion(name, *form.criteria[name], form.errors) for name in CRITERIA],
    }


def _field(form: Head | RuleForm, name: str, label: Any, kind: str = "text", **more: Any) -> Field:
    return Field(
        name=name,
        label=label,
        kind=kind,
        value=form.texts.get(name, ""),
        errors=tuple(form.errors.get(name, ())),
        **more,
    )


def _head_fields(kind: Kind, form: Head) -> list[Field]:
    found = [
        _field(form, "name", _("Name"), required=True),
        _field(form, "description", _("Description"), "long"),
        _field(
            form, "priority", _("Priority"), "integer", required=True, help=_("The lowest is asked first.")
        ),
    ]
    if kind is not DISTRIBUTION:
        return found
    places = StockLocation.objects.filter(is_active=True).order_by("name").values_list("pk", "name")[:1000]
    options = tuple((str(pk), name) for pk, name in places)
    statuses = tuple((str(code), str(looks.package(code).word)) for code in STATUSES)
    out = _("What no rule places waits here, Out of Stock.")
    several = _("For example Waiting Remote Action, so that a marketplace accepts the split first.")
    return [
        *found,
        _field(
            form,
            "default_location",
            _("Default location"),
            "choice",
            required=True,
            options=options,
            help=out,
        ),
        _field(form, "initial_status", _("First status"), "choice", required=True, options=statuses),
        _field(
            form,
            "initial_status_multiple",
            _("First status when an order gives several packages"),
            "choice",
            required=True,
            options=statuses,
            help=several,
        ),
        Field(
            name="replan_in_part",
            label=_("What is out of stock may move to a location in part"),
            kind="check",
            value=form.replan_in_part,
        ),
    ]


def _draw_criterion(name: str, how: str, values: list[str], root: Node, errors: Errors) -> dict[str, Any]:
    drawn: dict[str, Any] = {
        "name": name,
        "title": scenario_cards.CRITERION_TITLES[name],
        "type": how,
        "types": TYPES,
        "errors": [said for key, lines in errors.items() if key.startswith(f"{name}_") for said in lines],
    }
    if how == "static":
        drawn["options"] = [(value, words, value in values) for value, words in _known(name, values)]
        drawn["may_type"] = name != "channel"
    if how == "dynamic":
        title = scenario_cards.CRITERION_TITLES[name]
        drawn["builder"] = condition_builder.build(f"{name}_query", "order", title, root)
    return drawn


def _known(name: str, chosen: list[str]) -> list[tuple[str, str]]:
    """What a list may name: channels by name; of the others what orders had or settings know, and what is chosen."""
    if name == "channel":
        rows = dict(Channel.objects.order_by("name").values_list("pk", "name")[:MOST_CHANNELS])
        known = [(str(pk), title) for pk, title in rows.items()]
        return [
            *known,
            *((one, f"#{one}") for one in chosen if not (is_digits(one) and int(one) in rows)),
        ]
    found = [value for field_ in STATIC_VALUES[name] for value in suggestions.values(field_)]
    by_key = {turkish_fold(value): value for value in (*reversed(found), *reversed(chosen))}
    return [(value, value) for value in reversed(by_key.values())]


def new_rule(kind: Kind) -> dict[str, Any]:
    """A rule to begin with."""
    common = {"name": "", "product_mode": "all", "product_condition": {}, "location_condition": {}}
    if kind is TRANSFER:
        return {**common, "source_condition": {}, "selectors": ["SELECT_BY_DISTANCE"]}
    return {
        **common,
        "split_policy": "whole_order",
        "max_packages": None,
        "split_above_amount": None,
        "transferable": False,
        "selectors": ["SELECT_BY_PRIORITY"],
    }


def rule_of(kind: Kind, rule: Mapping[str, Any]) -> RuleForm:
    """The form of a stored rule."""
    names = ["name", "product_mode"]
    if kind is DISTRIBUTION:
        names += ["split_policy", "max_packages", "split_above_amount"]
    return RuleForm(
        texts={name: "" if rule[name] is None else str(rule[name]) for name in names},
        transferable=bool(rule.get("transferable")),
        conditions={name: condition_builder.from_tree(rule[name]) for name in CONDITIONS[kind.name]},
        selectors=list(rule["selectors"]),
    )


def posted_rule(kind: Kind, posted: QueryDict) -> RuleForm:
    """The form as typed, after the pressed button."""
    names = ["name", "product_mode"]
    if kind is DISTRIBUTION:
        names += ["split_policy", "max_packages", "split_above_amount"]
    return RuleForm(
        texts={name: _text(posted, name) for name in names},
        transferable="transferable" in posted,
        conditions={name: _built(posted, name) for name in CONDITIONS[kind.name]},
        selectors=_ordered(posted),
    )


def _ordered(posted: QueryDict) -> list[str]:
    """The selectors in their order after the pressed button: `build` is `selectors|verb|position`."""
    chosen = [name for name in dict.fromkeys(posted.getlist("selectors")) if name in SELECTORS]
    target, _bar, rest = posted.get("build", "").partition("|")
    verb, _bar, place = rest.partition("|")
    if target != "selectors":
        return chosen
    more = posted.get("more_selectors", "")
    if verb == "add" and more in SELECTORS and more not in chosen:
        return [*chosen, more]
    if not (is_digits(place) and int(place) < len(chosen)):
        return chosen
    moved = chosen.pop(int(place))
    if verb in ("up", "down"):
        chosen.insert(max(0, int(place) + (-1 if verb == "up" else 1)), moved)
    return chosen


def rule_draft(kind: Kind, form: RuleForm) -> dict[str, Any]:
    """The rule as it is saved; what cannot be read stands in `form.errors`."""
    draft: dict[str, Any] = {"name": form.texts["name"][:255], "selectors": form.selectors}
    if not draft["name"]:
        form.errors["name"] = [_("Fill in this field.")]
    mode = form.texts["product_mode"]
    draft["product_mode"] = mode if mode in scenario_cards.MODES else "all"
    for name, about in CONDITIONS[kind.name].items():
        draft[name] = condition_builder.tree(form.conditions[name], about)
    if draft["product_mode"] == "all":
        draft["product_condition"] = {}
    if kind is DISTRIBUTION:
        split = form.texts["split_policy"]
        draft["split_policy"] = split if split in why.SPLITS else "whole_order"
        draft["transferable"] = form.transferable
        draft["max_packages"] = _number(form, "max_packages", int)
        draft["split_above_amount"] = _number(form, "split_above_amount", Decimal)
    return draft


def _number(form: RuleForm, name: str, kind: type) -> Any:
    text = form.texts[name].replace(",", ".")
    if not text:
        return None
    try:
        value = kind(text)
        if not (Decimal(1 if kind is int else 0) <= value < 10**9):
            raise ValueError(text)
        return value
    except (ValueError, InvalidOperation):
        form.errors[name] = [_("Write a whole number.") if kind is int else _("Write a number.")]
        return None


def draw_rule(kind: Kind, form: RuleForm) -> dict[str, Any]:
    """What the template draws."""
    known = SOURCE_SELECTORS if kind is TRANSFER else SELECTORS
    modes = tuple((key, str(word)) for key, word in scenario_cards.MODES.items())
    products = (
        _("All products") if form.texts["product_mode"] == "all" else CONDITION_TITLES["product_condition"]
    )
    found: dict[str, Any] = {
        "name": _field(form, "name", _("Name"), required=True),
        "mode": _field(form, "product_mode", _("Products"), "choice", required=True, options=modes),
        "builders": [
            {
                "builder": condition_builder.build(name, about, _title(kind, name), form.conditions[name]),
                "errors": form.errors.get(name, ()),
                "shown": name != "product_condition" or form.texts["product_mode"] != "all",
                "products": name == "product_condition",
            }
            for name, about in CONDITIONS[kind.name].items()
        ],
        "selectors": [(name, selectors.title(name), selectors.HELP[name]) for name in form.selectors],
        "more": [(name, selectors.title(name)) for name in known if name not in form.selectors],
        "selector_errors": form.errors.get("selectors", ()),
        "products": products,
    }
    if kind is DISTRIBUTION:
        found["splitting"] = _splitting(form)
    return found


def _title(kind: Kind, name: str) -> Any:
    if kind is TRANSFER and name == "location_condition":
        return gettext_lazy("Package at")
    return CONDITION_TITLES[name]


def _splitting(form: RuleForm) -> list[Field]:
    splits = tuple((key, str(word)) for key, word in why.SPLITS.items())
    above = _("An order below this amount is not split.")
    transfer = _("Missing units may come by transfer")
    return [
        _field(form, "split_policy", _("Split"), "choice", required=True, options=splits),
        _field(form, "max_packages", _("At most so many packages"), "integer"),
        _field(form, "split_above_amount", _("Split only above"), "number", help=above),
        Field(name="transferable", label=transfer, kind="check", value=form.transferable),
    ]


def loose(errors: Errors) -> list[str]:
    """Errors of fields the form does not show at a place of their own."""
    return [said for name, lines in errors.items() if "[" in name or name == "rules" for said in lines]
