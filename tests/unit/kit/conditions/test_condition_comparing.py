"""Conditions compared with each other, and asked while some fields are unknown."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ambar.kit.conditions import OPERATORS, Field, Fields, parse

FIELDS = Fields(
    [
        Field(name="city", type="text", label="City"),
        Field(name="amount", type="number", label="Amount"),
        Field(name="flag", type="boolean", label="Flag"),
        Field(name="code", type="code", label="Code"),
        Field(name="tags", type="list", label="Tags"),
        Field(name="attributes.*", type="open", label="Attribute"),
    ]
)
cities = st.sampled_from(["İzmir", "IZMIR", "Van", "Muş"])
numbers = st.integers(0, 4)


# Functions with names: of a lambda hypothesis reads the source anew, which Python 3.11 can't do while a finalizer does the same.
def between(pair):
    return ("amount", "between", sorted(pair))


def leaf(parts):
    return dict(zip(("field", "op", "value"), parts, strict=True))


def every(nodes):
    return {"all": nodes}


def some(nodes):
    return {"any": nodes}


def denied(node):
    return {"not": node}


def grouped(inner):
    nodes = st.lists(inner, min_size=1, max_size=4)
    return st.one_of(nodes.map(every), nodes.map(some), inner.map(denied))


leaves = st.one_of(
    st.tuples(st.just("city"), st.sampled_from(["eq", "ne", "contains"]), cities),
    st.tuples(st.just("city"), st.sampled_from(["in", "not_in"]), st.lists(cities, max_size=2)),
    st.tuples(st.just("amount"), st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]), numbers),
    st.tuples(st.just("amount"), st.sampled_from(["in", "not_in"]), st.lists(numbers, max_size=2)),
    st.tuples(numbers, numbers).map(between),
    st.tuples(st.just("flag"), st.sampled_from(["eq", "ne"]), st.booleans()),
    st.tuples(st.just("code"), st.sampled_from(["eq", "starts_with"]), st.sampled_from(["A", "AB"])),
    st.tuples(
        st.just("tags"), st.sampled_from(["any_of", "all_of", "none_of"]), st.lists(cities, max_size=2)
    ),
    st.tuples(st.just("attributes.x"), st.sampled_from(["eq", "ne"]), st.one_of(cities, numbers)),
    st.tuples(
        st.sampled_from(["city", "amount", "tags"]), st.sampled_from(["is_empty", "is_not_empty"]), st.none()
    ),
).map(leaf)
trees = st.recursive(leaves, grouped, max_leaves=6)
views = st.fixed_dictionaries(
    {
        "city": st.none() | cities | st.just(""),
        "amount": st.none() | numbers | numbers.map(str) | numbers.map(Decimal) | st.just("much"),
        "flag": st.none() | st.booleans() | st.just("true"),
        "code": st.none() | st.sampled_from(["A", "AB", "B"]),
        "tags": st.none() | st.lists(cities, max_size=2),
        "attributes.x": st.none() | cities | numbers | st.booleans() | st.just([1]),
    }
)


def condition(field, op, value=None):
    return parse({"field": field, "op": op, **({} if value is None else {"value": value})}, FIELDS)


@given(one=trees, other=trees, view=views)
@settings(max_examples=400)
def test_what_implies_another_never_holds_without_it(one, other, view):
    first, second = parse(one, FIELDS), parse(other, FIELDS)
    if first.implies(second) and first.holds(view):
        assert second.holds(view)
    if first.is_impossible:
        assert not first.holds(view)
    assert first.implies(first)


@given(tree=trees, view=views)
@settings(max_examples=250)
def test_the_compiled_condition_says_what_its_explanation_says(tree, view):
    found = parse(tree, FIELDS)
    assert found.holds(view) is found.explain(view).holds
    for leaf in found.leaves():
        assert leaf.compile()(view) is OPERATORS[leaf.operator.name].test(leaf.wanted)(
            leaf.read(view.get(leaf.field.name))
        )


@given(tree=trees, view=views, other=views, unknown=st.sets(st.sampled_from(["city", "amount", "flag"])))
@settings(max_examples=250)
def test_what_is_decided_stays_so_whatever_the_unknown_fields_are(tree, view, other, unknown):
    found = parse(tree, FIELDS)
    verdict = found.decide(view, unknown)
    if verdict is not None:
        assert found.holds({**view, **{name: other[name] for name in unknown}}) is verdict
    assert found.decide(view, ()) is found.holds(view)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("amount", "eq", 3), ("amount", "gt", 2)),
        (("amount", "gt", 3), ("amount", "gte", 3)),
        (("amount", "between", [2, 3]), ("amount", "lt", 4)),
        (("amount", "in", [1, 2]), ("amount", "in", [3, 2, 1])),
        (("city", "eq", "IZMIR"), ("city", "in", ["izmir", "Van"])),
        (("city", "eq", "İzmir"), ("city", "ne", "Van")),
        (("amount", "gt", 3), ("amount", "is_not_empty")),
    ],
)
def test_a_narrower_leaf_implies_the_wider_one_and_not_the_other_way_round(one, other):
    assert condition(*one).implies(condition(*other))
    assert not condition(*other).implies(condition(*one))


def test_groups_imply_their_parts():
    narrow = parse(
        {
            "all": [
                {"field": "city", "op": "eq", "value": "Van"},
                {"field": "flag", "op": "eq", "value": True},
            ]
        },
        FIELDS,
    )
    wide = parse(
        {"any": [{"field": "city", "op": "eq", "value": "van"}, {"field": "amount", "op": "gt", "value": 1}]},
        FIELDS,
    )
    anything = parse({}, FIELDS)
    assert narrow.implies(wide) and not wide.implies(narrow)
    assert wide.implies(anything) and not anything.implies(wide)


@pytest.mark.parametrize(
    "nodes",
    [
        [("city", "eq", "Van"), ("city", "eq", "İzmir")],
        [("amount", "lt", 2), ("amount", "gte", 2)],
        [("amount", "is_empty", None), ("amount", "gt", 2)],
        [("city", "in", []), ("flag", "eq", True)],
    ],
)
def test_a_contradiction_is_seen(nodes):
    tree = {"all": [{"field": f, "op": op, **({} if v is None else {"value": v})} for f, op, v in nodes]}
    assert parse(tree, FIELDS).is_impossible
    assert not parse({"any": tree["all"]}, FIELDS).is_impossible
