"""The form of one application setting, drawn from the schema of its key: a part with named fields is laid out field by
field, lists and maps are JSON.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit.ui import forms
from ambar.kit.ui.forms import Field
from ambar.oms.app_settings.domain import secrets
from ambar.oms.app_settings.registry import SettingKey
from ambar.oms.catalogue.models import Channel

SEPARATOR = " / "
CHANNELS = "channels_with_shipment"
LABELS = {
    "auth.username": gettext_lazy("User name"),
    "auth.password": gettext_lazy("Password"),
    "urls.oms_url": gettext_lazy("Address of this OMS"),
    "urls.base_url": gettext_lazy("Address of Omnitron"),
    "timeouts.read": gettext_lazy("Answers within (milliseconds)"),
    "timeouts.connect": gettext_lazy("Connects within (milliseconds)"),
    "endpoint_conf": gettext_lazy("What other systems answer (endpoint, base_url, auth)"),
    "supplier_code": gettext_lazy("Supplier code"),
    "order_filters": gettext_lazy("Orders that are taken (name, condition)"),
    "status_map": gettext_lazy("Status of order items per package state"),
    "shipping.cargo_company_map": gettext_lazy("Cargo companies by their code upstream"),
    "shipping.default": gettext_lazy("Cargo company of orders that name none"),
    "poll_seconds": gettext_lazy("Asked every (seconds)"),
    "overlap_seconds": gettext_lazy("Asked again about the last (seconds)"),
    "quantity_key": gettext_lazy("Where the quantity stands on an order line"),
    "hook_secret": gettext_lazy("Secret of the hooks"),
    "previous_hook_secret": gettext_lazy("Previous secret of the hooks"),
    "out_of_stock_minutes": gettext_lazy("Out of stock is planned again after (minutes)"),
    "services": gettext_lazy("Services (JSON)"),
    "number_prefix": gettext_lazy("Invoice numbers made here begin with"),
    "channels_with_shipment": gettext_lazy("Channels whose packages are handed to a carrier"),
}


def fields(declared: SettingKey, value: Mapping[str, Any]) -> list[Field]:
    """The inputs with what stands; secrets arrive masked."""
    schema = declared.schema.model_json_schema()
    hidden = {".".join(path) for path in declared.secrets}
    laid_out = [_by_name(replace(one, label=_label(one.name))) for one in _laid_out(schema, schema, value)]
    return [_secret(one) if one.name in hidden else one for one in laid_out]


def _by_name(field: Field) -> Field:
    """Channels are ticked by name; one that is gone stays ticked until somebody unticks it."""
    if field.name != CHANNELS:
        return field
    chosen = str(field.value or "").splitlines()
    names = [*Channel.objects.order_by("name").values_list("name", flat=True)[:1000]]
    options = tuple((name, name) for name in dict.fromkeys((*names, *chosen)))
    return replace(field, kind="checks", options=options, value=chosen, required=False)


def _label(name: str) -> str:
    """The field in words; one of a key that is not listed here by its own name."""
    known = LABELS.get(name)
    return (
        str(known)
        if known
        else SEPARATOR.join(part.replace("_", " ") for part in name.split(".")).capitalize()
    )


def _laid_out(schema: Mapping[str, Any], part: Mapping[str, Any], value: Mapping[str, Any]) -> list[Field]:
    found: list[Field] = []
    for field in forms.fields({**part, "$defs": schema.get("$defs", {})}):
        inner = _inner(schema, part["properties"][field.name])
        standing = value.get(field.name)
        if inner is None:
            found.append(field if standing is None else replace(field, value=_text(field, standing)))
            continue
        below = standing if isinstance(standing, Mapping) else {}
        found.extend(
            replace(one, name=f"{field.name}.{one.name}", required=one.required and field.required)
            for one in _laid_out(schema, inner, below)
        )
    return found


def _inner(schema: Mapping[str, Any], raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The part a field consists of when it has fields of its own."""
    target = raw.get("$ref")
    if target is None:
        return None
    known: Mapping[str, Any] = schema["$defs"][str(target).rsplit("/", 1)[-1]]
    return known if known.get("properties") else None


def _text(field: Field, value: Any) -> Any:
    if field.kind == "json":
        return json.dumps(value, ensure_ascii=False, indent=2)
    if field.kind == "list":
        return "\n".join(map(str, value))
    return value


def _secret(field: Field) -> Field:
    return replace(field, kind="secret", help=_("Asterisks keep the stored one."))


def value(inputs: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """The typed values as the setting's JSON: `auth.username` is `username` of `auth`; nothing ticked is an empty list."""
    found: dict[str, Any] = {one.name: [] for one in inputs if one.kind == "checks"}
    for name, typed in values.items():
        *above, last = name.split(".")
        holder = found
        for step in above:
            holder = holder.setdefault(step, {})
        holder[last] = typed
    return found


def answered(
    declared: SettingKey,
    inputs: list[Field],
    raw: Mapping[str, Any],
    errors: Mapping[str, list[str]],
) -> list[Field]:
    """The inputs with what was typed and what is wrong. A masked secret stays; a typed one is asked for again."""
    shown = {one.name: _without_secrets(declared, one, raw.get(one.name)) for one in inputs}
    standing = {one.name: one for one in inputs}
    drawn = forms.answered(inputs, shown, errors)
    return [
        standing[one.name]
        if one.kind == "secret" and raw.get(one.name) == standing[one.name].value and not errors.get(one.name)
        else one
        for one in drawn
    ]


def _without_secrets(declared: SettingKey, field: Field, typed: Any) -> Any:
    if field.kind != "json" or not typed:
        return typed
    try:
        parsed = json.loads(typed)
    except ValueError:
        return typed
    for path in declared.secrets:
        if path[0] == field.name and len(path) > 1:
            for _locator, holder, key in list(secrets.walk(parsed, path[1:])):
                holder[key] = holder[key] if set(holder[key][:4]) == {"*"} else ""
    return json.dumps(parsed, ensure_ascii=False, indent=2)


def placed(lines: list[str]) -> dict[str, list[str]]:
    """`["auth.username: too short"]` by field."""
    found: dict[str, list[str]] = {}
    for line in lines:
        path, colon, said = line.partition(": ")
        found.setdefault(path if colon else "json_value", []).append(said if colon else line)
    return found
