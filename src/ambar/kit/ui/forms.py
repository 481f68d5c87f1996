"""Forms drawn from a JSON schema, so that every command and setting has one without being written twice."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

KINDS = ("text", "long", "integer", "number", "check", "choice", "list", "json", "date", "checks", "secret")
MASK = "********"
"""What stands for a secret that is stored; sent back, it keeps the stored one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input: `kind` is one of `KINDS`; `value` is what the input shows; `pick` the address that suggests values."""

    name: str
    label: str
    kind: str
    required: bool = False
    help: str = ""
    value: Any = ""
    options: tuple[tuple[str, str], ...] = ()
    errors: tuple[str, ...] = ()
    item_kind: str = "text"
    pick: str = ""


def fields(
    schema: Mapping[str, Any],
    *,
    hidden: Sequence[str] = (),
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> list[Field]:
    """The inputs of an object schema (pydantic's dialect: `$defs`, `anyOf` with null), without the `hidden` names."""
    required = set(schema.get("required", ()))
    found = []
    for name, raw in schema.get("properties", {}).items():
        if name in hidden:
            continue
        field = _field(name, _resolve(raw, schema), required=name in required)
        value = (values or {}).get(name, field.value)
        problem = (errors or {}).get(name, ())
        found.append(replace(field, value=value, errors=tuple(map(str, problem))))
    return found


def read(
    inputs: Sequence[Field], posted: QueryDict
) -> tuple[dict[str, Any], dict[str, list[str]], dict[str, Any]]:
    """(values with their types, errors per field, the raw texts to show again). Empty optional inputs are left out."""
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    raw: dict[str, Any] = {}
    for field in inputs:
        if field.kind == "checks":
            raw[field.name] = chosen = [
                one for one in posted.getlist(field.name) if one in dict(field.options)
            ]
            if chosen:
                values[field.name] = chosen
            elif field.required:
                errors[field.name] = [_("Choose at least one.")]
            continue
        text = posted.get(field.name, "").strip()
        raw[field.name] = text if field.kind != "check" else field.name in posted
        if field.kind == "check":
            values[field.name] = field.name in posted
            continue
        if "\x00" in text:
            errors[field.name] = [_("This value is not accepted.")]
            continue
        if not text:
            if field.required:
                errors[field.name] = [_("Fill in this field.")]
            continue
        try:
            values[field.name] = _typed(field, text)
        except (ValueError, InvalidOperation):
            errors[field.name] = [_complaint(field)]
    return values, errors, raw


def answered(
    inputs: Sequence[Field], raw: Mapping[str, Any], errors: Mapping[str, Sequence[str]]
) -> list[Field]:
    """The inputs with what was typed and what is wrong with each. A typed secret never comes back: it is asked for again."""
    return [_answered(field, raw, errors.get(field.name, ())) for field in inputs]


def _answered(field: Field, raw: Mapping[str, Any], errors: Sequence[str]) -> Field:
    told = tuple(map(str, errors))
    typed = raw.get(field.name, field.value)
    if field.kind != "secret" or typed in ("", MASK):
        return replace(field, value=typed, errors=told)
    return replace(field, errors=told or (_("Type it again."),))


def _resolve(part: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(part)
    for _depth in range(8):
        if "$ref" in found:
            target = schema.get("$defs", {}).get(str(found.pop("$ref")).rsplit("/", 1)[-1], {})
            found = {**target, **found}
        elif "anyOf" in found or "allOf" in found:
            options = [
                option
                for option in found.pop("anyOf", found.pop("allOf", []))
                if option.get("type") != "null"
            ]
            found = {**(options[0] if options else {}), **found}
        else:
            break
    if isinstance(found.get("items"), Mapping):
        found["items"] = _resolve(found["items"], schema)
    return found


def _field(name: str, part: Mapping[str, Any], *, required: bool) -> Field:
    kind, options, item_kind = _kind(part)
    value = part.get("default")
    if kind == "json" and value is not None:
        value = json.dumps(value, ensure_ascii=False, indent=2)
    if kind == "list" and isinstance(value, list):
        value = "\n".join(map(str, value))
    return Field(
        name=name,
        label=_(str(part.get("title") or name.replace("_", " ")).capitalize()),
        kind=kind,
        required=required,
        help=_(str(part["description"])) if part.get("description") else "",
        value="" if value is None else value,
        options=options,
        item_kind=item_kind,
    )


def _kind(part: Mapping[str, Any]) -> tuple[str, tuple[tuple[str, str], ...], str]:
    if "enum" in part:
        return "choice", tuple((str(value), _(str(value))) for value in part["enum"]), "text"
    match part.get("type"):
        case "boolean":
            return "check", (), "text"
        case "integer":
            return "integer", (), "text"
        case "number":
            return "number", (), "text"
        case "array":
            inner = _kind(part.get("items") or {})[0]
            simple = inner in ("text", "integer", "number", "choice")
            return ("list" if simple else "json"), (), inner
        case "object":
            return "json", (), "text"
        case _:
            if part.get("format") == "date-time":
                return "date", (), "text"
            return ("long" if int(part.get("maxLength") or 0) > 600 else "text"), (), "text"


def _typed(field: Field, text: str) -> Any:
    match field.kind:
        case "integer":
            return int(text)
        case "number":
            return str(Decimal(text.replace(",", ".")))
        case "choice":
            if text not in dict(field.options):
                raise ValueError(text)
            return text
        case "list":
            parts = [part.strip() for part in text.replace(",", "\n").splitlines() if part.strip()]
            return [int(part) for part in parts] if field.item_kind == "integer" else parts
        case "json":
            return json.loads(text, parse_constant=_refuse)
        case _:
            return text


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _complaint(field: Field) -> str:
    return {
        "integer": _("Write a whole number."),
        "number": _("Write a number."),
        "choice": _("Choose one of the options."),
        "list": _("Write whole numbers, one per line."),
        "json": _("This is not valid JSON."),
    }.get(field.kind, _("This value is not accepted."))
