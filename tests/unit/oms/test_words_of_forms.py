"""Every message a form can show is in the form's own words, in English and in Turkish."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import get_resolver
from django.utils import translation
from pydantic import BaseModel, TypeAdapter, ValidationError

from ambar.kit import rest
from ambar.kit.ui.forms import Field
from ambar.oms.app_settings import registry
from ambar.oms.console import refusals, validation_words

ROOMS = Path(__file__).resolve().parents[3] / "src/ambar/oms"
KINDS_OF = {
    "str": ("string_type",),
    "int": ("int_type", "int_parsing", "int_parsing_size", "int_from_float"),
    "float": ("float_type", "float_parsing", "finite_number"),
    "decimal": ("decimal_type", "decimal_parsing", "finite_number"),
    "bool": ("bool_type", "bool_parsing"),
    "list": ("list_type",),
    "dict": ("dict_type",),
    "literal": ("literal_error",),
    "enum": ("enum",),
    "model": ("model_type",),
    "model-fields": ("missing", "extra_forbidden"),
    "datetime": ("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"),
    "date": ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
    "time": ("time_type", "time_parsing"),
}  # fmt: skip
"""What a node of a schema may refuse with."""
LIMITS = {
    "ge": "greater_than_equal", "gt": "greater_than", "le": "less_than_equal", "lt": "less_than",
    "multiple_of": "multiple_of", "pattern": "string_pattern_mismatch", "max_digits": "decimal_max_digits",
    "decimal_places": "decimal_max_places",
}  # fmt: skip
SILENT = {"model-field", "default", "nullable", "any", "union", "no-info", "with-info", "function-before",
          "function-after", "function-plain", "function-wrap", "definitions", "definition-ref", "tagged-union"}  # fmt: skip
"""Nodes that refuse nothing themselves, or with a sentence of ours."""


@pytest.fixture(autouse=True)
def english_thread():
    """A screen that another test read in Turkish leaves the thread Turkish."""
    with translation.override("en"):
        yield


def schemas() -> list[type[BaseModel]]:
    """Every body of the OMS, every parameter of a command, every settings value."""
    assert get_resolver().url_patterns
    known: dict[str, type[BaseModel]] = {}

    def below(kind: type[BaseModel]) -> None:
        for one in kind.__subclasses__():
            if one.__module__.startswith("ambar.oms"):
                known[f"{one.__module__}.{one.__qualname__}"] = one
            below(one)

    below(rest.Body)
    below(BaseModel)
    for key in registry.known().values():
        known[key.key] = key.schema
    return list(known.values())


def refusing(node: Any) -> Iterator[str]:
    """The kinds of error that a schema's nodes can give."""
    if isinstance(node, dict):
        kind = node.get("type")
        if isinstance(kind, str) and (
            "schema" in node or "fields" in node or set(node) - {"type", "loc", "msg"}
        ):
            assert kind in KINDS_OF or kind in SILENT, f"what does {kind} refuse with?"
        yield from KINDS_OF.get(kind, ()) if isinstance(kind, str) else ()
        yield from (error for limit, error in LIMITS.items() if limit in node)
        texts = kind == "str"
        for limit, text, several in (
            ("min_length", "string_too_short", "too_short"),
            ("max_length", "string_too_long", "too_long"),
        ):
            if limit in node:
                yield text if texts else several
        for key, one in node.items():
            if key not in ("metadata", "serialization", "config", "default", "expected", "ref", "cls"):
                yield from refusing(one)
    elif isinstance(node, (list, tuple)):
        for one in node:
            yield from refusing(one)


def test_every_kind_of_error_our_schemas_can_give_has_words():
    found = {kind for one in schemas() for kind in refusing(one.__pydantic_core_schema__)}
    assert len(schemas()) > 60 and len(found) > 20
    assert sorted(found - set(validation_words.KINDS)) == []


@pytest.mark.parametrize("kind", sorted(validation_words.KINDS))
def test_the_words_are_told_instead_of_pydantics_in_both_languages(kind):
    message = validation_words.example(kind).message()
    english = refusals.sentence(message)
    with translation.override("tr"):
        turkish = refusals.sentence(message)
    assert english != message and turkish not in (message, english)
    assert validation_words.sentence(message)[0] == validation_words.KINDS[kind]


@pytest.mark.parametrize(
    ("type_", "value", "english", "turkish"),
    [
        (rest.Id, 0, "Write a number from 1 on.", "En az 1 olan bir sayı yazın."),
        (int, "many", "Write a whole number.", "Tam sayı yazın."),
        (bool, "maybe", "Choose yes or no.", "Evet ya da hayır seçin."),
    ],
)
def test_figures_stay_where_they_belong(type_, value, english, turkish):
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(type_).validate_python(value)
    message = refused.value.errors()[0]["msg"]
    assert refusals.sentence(message) == english
    with translation.override("tr"):
        assert refusals.sentence(message) == turkish


def template(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "X7" for part in node.values)
    return None


def sentences() -> Iterator[tuple[str, str]]:
    """(file, message) of what actions, domains and schemas refuse a field with, read out of the code."""
    for file in ROOMS.rglob("*.py"):
        inside = file.relative_to(ROOMS)
        if (
            inside.parts[0] == "console"
            or "api" in inside.parts
            or file.stem in ("api", "stock_pages", "registry")
        ):
            continue
        source = file.read_text()
        checks = "from pydantic" in source or "domain" in inside.parts
        for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            found: list[ast.expr] = []
            if name == "Invalid":
                lists = [one for key in call.keywords for one in ast.walk(key.value)]
                found = [part for one in lists if isinstance(one, ast.List) for part in one.elts]
                found += [one.elt for one in lists if isinstance(one, ast.ListComp)]
            elif name == "ValueError" and checks:
                found = call.args[:1]
            yield from ((str(inside), said) for one in found if (said := template(one)) is not None)


def test_every_sentence_of_the_rooms_has_its_turkish():
    known = list(sentences())
    assert len(known) > 80
    with translation.override("tr"):
        missing = {
            (file, said)
            for file, said in known
            if said.replace("X7", "").strip(" .:") and said != "X7: X7" and refusals.sentence(said) == said
        }
    carried = {said for _file, said in missing if said.endswith(": X7")}
    for_forms = sorted(one for one in missing if one[1] not in carried)
    assert for_forms == [], "\n".join(map(str, for_forms))


def test_a_path_before_a_sentence_stays():
    with translation.override("tr"):
        assert refusals.sentence("services.1.base_url: Input should be a valid string") == (
            "services.1.base_url: Bir metin yazın."
        )
    assert refusals.sentence("Unheard: of it") == "Unheard: of it"


def test_what_has_no_input_is_named_in_words_and_a_place_in_a_list_belongs_to_its_input():
    inputs = [Field(name="package_items", label="Items", kind="checks")]
    refused = {
        "package_items.0": ["Input should be a valid integer"],
        "assignment_groups.0.erp_code": ["Field required"],
        "slug": ["Give transition or slug."],
    }
    placed, rest_ = refusals.at_inputs(refused, inputs)
    assert placed == {"package_items": ["Write a whole number."]}
    assert rest_ == ["Assignment groups / Erp code: This field is required.", "Give transition or slug."]
