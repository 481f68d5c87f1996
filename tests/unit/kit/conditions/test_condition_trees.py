"""Condition trees: parsing, evaluation, explanation, words."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ambar.kit.conditions import Field, Fields, parse
from ambar.kit.refusals import Invalid

FIELDS = Fields(
    [
        Field(name="city", type="text", label="City", label_tr="Şehir"),
        Field(name="code", type="code", label="Code"),
        Field(name="amount", type="number", label="Amount", label_tr="Tutar"),
        Field(name="is_open", type="boolean", label="Open", label_tr="Açık"),
        Field(name="at", type="moment", label="At"),
        Field(name="exit_time", type="clock", label="Exit time"),
        Field(name="tags", type="list", label="Tags"),
        Field(name="kind", type="code", label="Kind", choices=("store", "warehouse")),
        Field(name="attributes.*", type="open", label="Attribute", label_tr="Özellik"),
    ]
)
VIEW = {
    "city": "İstanbul",
    "code": "AB-1",
    "amount": Decimal("12.50"),
    "is_open": True,
    "at": datetime(2026, 1, 2, tzinfo=UTC),
    "exit_time": "17:30:00",
    "tags": ["Hızlı", "merkez"],
    "attributes.renk": "Kırmızı",
    "attributes.kilo": "1.5",
}


def leaf(field, op, *value):
    return {"field": field, "op": op, **({"value": value[0]} if value else {})}


@pytest.mark.parametrize(
    ("field", "op", "value", "holds"),
    [
        ("city", "eq", "ISTANBUL", True),
        ("city", "eq", "istanbul", True),
        ("city", "ne", "İzmir", True),
        ("city", "in", ["Ankara", "İSTANBUL"], True),
        ("city", "not_in", ["Ankara"], True),
        ("city", "contains", "TANB", True),
        ("city", "not_contains", "x", True),
        ("city", "starts_with", "IS", True),
        ("city", "ends_with", "BUL", True),
        ("code", "eq", "AB-1", True),
        ("code", "eq", "ab-1", False),
        ("code", "starts_with", "AB", True),
        ("amount", "eq", 12.5, True),
        ("amount", "eq", "12.500", True),
        ("amount", "gt", 12.5, False),
        ("amount", "gte", 12.5, True),
        ("amount", "lt", 13, True),
        ("amount", "lte", 12, False),
        ("amount", "between", [12, 13], True),
        ("is_open", "eq", True, True),
        ("is_open", "ne", True, False),
        ("at", "gt", "2026-01-01T00:00:00+00:00", True),
        ("exit_time", "lte", "17:30", True),
        ("exit_time", "between", ["09:00", "12:00"], False),
        ("tags", "contains", "HIZLI", True),
        ("tags", "not_contains", "gece", True),
        ("tags", "any_of", ["gece", "merkez"], True),
        ("tags", "all_of", ["gece", "merkez"], False),
        ("tags", "none_of", ["gece"], True),
        ("attributes.renk", "eq", "kirmizi", True),
        ("attributes.kilo", "gt", 1, True),
        ("attributes.kilo", "in", [1, 1.5], True),
        ("attributes.renk", "gt", 1, False),
    ],
)
def test_operators(field, op, value, holds):
    assert parse(leaf(field, op, value), FIELDS).holds(VIEW) is holds


@pytest.mark.parametrize(
    ("op", "value", "holds"),
    [
        ("eq", "x", False),
        ("ne", "x", True),
        ("in", ["x"], False),
        ("not_in", ["x"], True),
        ("contains", "x", False),
        ("not_contains", "x", True),
        ("starts_with", "x", False),
    ],
)
@pytest.mark.parametrize("view", [{}, {"city": None}, {"city": ""}])
def test_a_missing_value_equals_nothing(op, value, holds, view):
    assert parse(leaf("city", op, value), FIELDS).holds(view) is holds
    assert parse(leaf("city", "is_empty"), FIELDS).holds(view) is True
    assert parse(leaf("city", "is_not_empty"), FIELDS).holds(view) is False


def test_groups_nest():
    tree = {
        "all": [
            leaf("amount", "gt", 10),
            {"any": [leaf("city", "eq", "x"), {"not": leaf("is_open", "eq", False)}]},
        ]
    }
    assert parse(tree, FIELDS).holds(VIEW) is True
    assert parse({"not": tree}, FIELDS).holds(VIEW) is False


@pytest.mark.parametrize("tree", [None, {}])
def test_nothing_asked_holds_always(tree):
    condition = parse(tree, FIELDS)
    assert (condition.holds({}), condition.is_empty, condition.sentence("tr")) == (True, True, "her zaman")
    assert condition.to_sql() == ("TRUE", [])


@pytest.mark.parametrize(
    ("tree", "path", "message"),
    [
        ([], "condition", "A node must be an object with 'all', 'any', 'not' or 'field'."),
        ({"all": []}, "condition.all", "Must be a list with at least one condition."),
        ({"all": [leaf("city", "eq", "x")], "any": []}, "condition", "'all' must stand alone in its node."),
        (
            {"all": [{"not": leaf("city", "like", "x")}]},
            "condition.all[0].not.op",
            "Unknown operator 'like'.",
        ),
        (leaf("place", "eq", 1), "condition.field", "Unknown field 'place'."),
        (leaf("city", "gt", "x"), "condition.op", "'gt' does not fit 'city', which is of type text."),
        (leaf("amount", "eq", "much"), "condition.value", "'much' is not a number value."),
        (leaf("amount", "eq", True), "condition.value", "True is not a number value."),
        (
            leaf("amount", "between", [3, 1]),
            "condition.value",
            "the first value of 'between' is above the second.",
        ),
        (leaf("amount", "between", [1]), "condition.value", "'between' takes exactly two values."),
        (leaf("amount", "in", 1), "condition.value", "'in' takes a list of values."),
        (leaf("city", "eq", ["x"]), "condition.value", "'eq' takes one value, not a list."),
        (leaf("city", "is_empty", 1), "condition.value", "'is_empty' takes no value."),
        (leaf("kind", "eq", "shop"), "condition.value", "'shop' is not one of store, warehouse."),
        ({"field": "city", "op": "eq", "value": "x", "colour": 1}, "condition", "Unknown key 'colour'"),
        ({"field": "city"}, "condition", "A leaf needs 'field' and 'op' as text."),
    ],
)
def test_a_malformed_tree_is_refused_naming_the_node(tree, path, message):
    with pytest.raises(Invalid) as refused:
        parse(tree, FIELDS)
    ((where, (said,)),) = refused.value.fields.items()
    assert where == path
    assert said.startswith(message)


def test_depth_and_size_are_limited():
    deep = leaf("city", "eq", "x")
    for _ in range(30):
        deep = {"not": deep}
    with pytest.raises(Invalid, match="levels deep"):
        parse(deep, FIELDS)
    with pytest.raises(Invalid, match="at most 500 nodes"):
        parse({"any": [leaf("city", "eq", "x")] * 600}, FIELDS)


def test_the_verdict_names_the_leaves_that_decided():
    tree = {
        "all": [leaf("city", "eq", "istanbul"), {"any": [leaf("amount", "gt", 99), leaf("code", "eq", "Z")]}]
    }
    verdict = parse(tree, FIELDS).explain(VIEW)
    assert verdict.holds is False
    assert [(one.path, one.op, one.value, one.actual) for one in verdict.decisive()] == [
        ("condition.all[1].any[0]", "gt", 99, Decimal("12.50")),
        ("condition.all[1].any[1]", "eq", "Z", "AB-1"),
    ]


def test_a_condition_says_itself_in_english_and_turkish():
    tree = {
        "all": [
            leaf("city", "in", ["İzmir", "Muğla"]),
            {"any": [leaf("amount", "gte", 5), {"not": leaf("is_open", "eq", True)}]},
        ]
    }
    condition = parse(tree, FIELDS)
    assert (
        condition.sentence() == "City is one of İzmir, Muğla and (Amount is at least 5 or not (Open is yes))"
    )
    assert (
        condition.sentence("tr")
        == "Şehir şunlardan biri: İzmir, Muğla ve (Tutar en az 5 veya (Açık: evet) değil)"
    )
    assert condition.fields == {"city", "amount", "is_open"}
