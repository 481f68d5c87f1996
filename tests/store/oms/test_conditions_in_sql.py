"""A condition means the same in Python and in the database."""

from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from ambar.kit.conditions import Field, Fields, parse

FIELDS = Fields(
    [
        Field(name="name", type="text", label="Name", sql="row.name"),
        Field(name="code", type="code", label="Code", sql="row.code"),
        Field(name="amount", type="number", label="Amount", sql="row.amount"),
        Field(name="flag", type="boolean", label="Flag", sql="row.flag"),
        Field(name="tags", type="list", label="Tags", sql="row.tags"),
        Field(name="attributes.*", type="open", label="Attribute", sql="row.attributes -> %s"),
    ]
)
words = st.sampled_from(
    ["", "İzmir", "IZMIR", "ızgara", "Şişli", "sisli", "a_b", "100%", "a b", "Çağ-daş", "o'Neil"]
)
spelt = words.filter(bool)
numbers = st.decimals(min_value=-5, max_value=5, places=2).map(lambda d: str(d))


def leaves():
    text = st.tuples(
        st.sampled_from(["name", "code"]),
        st.sampled_from(["eq", "ne", "contains", "not_contains", "starts_with", "ends_with"]),
        spelt,
    )
    several = st.tuples(
        st.sampled_from(["name", "code"]), st.sampled_from(["in", "not_in"]), st.lists(spelt, max_size=3)
    )
    figures = st.tuples(st.just("amount"), st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]), numbers)
    ranges = st.tuples(numbers, numbers).map(lambda p: ("amount", "between", sorted(p, key=Decimal)))
    flags = st.tuples(st.just("flag"), st.sampled_from(["eq", "ne"]), st.booleans())
    lists = st.tuples(
        st.just("tags"),
        st.sampled_from(["any_of", "all_of", "none_of"]),
        st.lists(spelt, min_size=1, max_size=2),
    )
    member = st.tuples(st.just("tags"), st.sampled_from(["contains", "not_contains"]), spelt)
    free = st.one_of(
        st.tuples(st.just("attributes.colour"), st.sampled_from(["eq", "ne", "contains"]), spelt),
        st.tuples(st.just("attributes.colour"), st.sampled_from(["eq", "gt", "lte"]), st.integers(-5, 5)),
        st.tuples(st.just("attributes.colour"), st.sampled_from(["eq", "ne"]), st.booleans()),
    )
    written = st.one_of(text, several, figures, ranges, flags, lists, member, free).map(
        lambda t: {"field": t[0], "op": t[1], "value": t[2]}
    )
    empty = st.tuples(
        st.sampled_from(["name", "code", "amount", "flag", "tags", "attributes.colour"]),
        st.sampled_from(["is_empty", "is_not_empty"]),
    ).map(lambda t: {"field": t[0], "op": t[1]})
    return st.one_of(written, empty)


trees = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda nodes: {"all": nodes}),
        st.lists(inner, min_size=1, max_size=3).map(lambda nodes: {"any": nodes}),
        inner.map(lambda node: {"not": node}),
    ),
    max_leaves=5,
)
rows = st.fixed_dictionaries(
    {
        "name": st.none() | words,
        "code": st.none() | words,
        "amount": st.none() | st.decimals(min_value=-5, max_value=5, places=2),
        "flag": st.none() | st.booleans(),
        "tags": st.lists(words, max_size=3),
        "colour": st.none()
        | words
        | st.booleans()
        | st.integers(-5, 5)
        | st.sampled_from(
            ["3", " 4.50 ", "1e2", "1_0", "NaN", "-.5", "five", "9" * 80, 2.5, [1], {"a": 1}, 10**25]
        ),
    }
)


NOTHING = {"name": None, "code": None, "amount": None, "flag": None, "tags": [], "colour": None}


@pytest.mark.django_db
@given(tree=trees, row=rows)
@example(tree={"field": "tags", "op": "is_empty"}, row={**NOTHING, "tags": ["."]})
@example(tree={"field": "tags", "op": "none_of", "value": ["a"]}, row={**NOTHING, "tags": ["", "-"]})
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_agrees_with_the_condition(tree, row):
    condition = parse(tree, FIELDS)
    expression, parameters = condition.to_sql()
    view = {**row, "attributes.colour": row["colour"]}
    stored = [
        row["name"],
        row["code"],
        row["amount"],
        row["flag"],
        Jsonb(row["tags"]),
        Jsonb({"colour": row["colour"]}),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {expression} FROM (SELECT %s::text AS name, %s::text AS code, %s::numeric AS amount,"
            " %s::boolean AS flag, %s::jsonb AS tags, %s::jsonb AS attributes) AS row",
            [*parameters, *stored],
        )
        assert cursor.fetchone()[0] is condition.holds(view)
