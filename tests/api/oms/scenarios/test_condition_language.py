"""The condition language over REST: fields, sentences, matches."""

import pytest

from ambar.kit.conditions import OPERATORS
from ambar.oms.scenarios.domain import fields
from tests.worlds.callers import caller
from tests.worlds.oms_planning import make_locations, make_orders, make_products

pytestmark = pytest.mark.django_db
DESCRIBE = "/conditions/describe/"


@pytest.fixture
def planner():
    return caller("planner")


@pytest.mark.parametrize(
    ("about", "known"), [("order", fields.ORDER), ("product", fields.PRODUCT), ("location", fields.LOCATION)]
)
def test_fields_are_listed_with_labels_and_the_operators_that_fit(planner, about, known):
    said = planner.get("/condition-fields/", about=about).json()
    assert [field["name"] for field in said["fields"]] == [field.name for field in known]
    by_name = {operator["name"]: operator for operator in said["operators"]}
    assert by_name.keys() == OPERATORS.keys()
    for field in said["fields"]:
        assert field["label"].keys() == {"en", "tr"} and all(field["label"].values())
        assert field["operators"]
        kinds = {"text", "number", "boolean"} if field["type"] == "open" else {field["type"]}
        assert all(kinds & set(by_name[name]["types"]) for name in field["operators"])
    bound = {field["name"] for field in said["fields"] if field["depends_on_order"]}
    assert bound == (fields.ORDER_BOUND if about == "location" else set())


@pytest.mark.parametrize("query", [{}, {"about": "weather"}, {"about": "order", "colour": "red"}])
def test_an_unknown_subject_is_refused(planner, query):
    answer = planner.get("/condition-fields/", **query)
    assert (answer.status_code, len(answer.json())) == (400, 1)


def test_a_condition_is_said_in_both_languages_and_counted(planner):
    products = make_products(2)
    make_orders([[(products[0], 1)], [(products[1], 2)], [(products[0], 1), (products[1], 1)]])
    body = {"about": "order", "tree": {"field": "unit_count", "op": "gte", "value": 2}}
    assert planner.post(DESCRIBE, body).json() == {
        "en": "Number of units is at least 2",
        "tr": "Adet en az 2",
        "matching_orders": 2,
        "of_orders": 3,
    }
    body = {"about": "product", "tree": {"field": "sku", "op": "eq", "value": "SKU-00001"}}
    assert planner.post(DESCRIBE, body).json() == {
        "en": "SKU is SKU-00001",
        "tr": "SKU: SKU-00001",
        "matching_orders": 2,
        "of_orders": 3,
        "matching_lines": 2,
    }


def test_locations_are_counted_and_those_the_order_decides_are_told_apart(planner):
    make_locations(3)
    tree = {
        "all": [
            {"field": "priority", "op": "lte", "value": 2},
            {"field": "same_city", "op": "eq", "value": True},
        ]
    }
    said = planner.post(DESCRIBE, {"about": "location", "tree": tree}).json()
    assert (said["matching_locations"], said["undecided_locations"], said["of_locations"]) == (0, 2, 3)
    said = planner.post(DESCRIBE, {"about": "location", "tree": {}}).json()
    assert (said["tr"], said["matching_locations"]) == ("her zaman", 3)


@pytest.mark.parametrize(
    ("about", "tree", "place"),
    [
        ("order", {"all": [{"field": "amount", "op": "gte", "value": "much"}]}, "tree.all.0.value"),
        ("location", {"field": "amount", "op": "gte", "value": 1}, "tree.field"),
        ("weather", {}, "about"),
        ("order", [], "tree"),
    ],
)
def test_a_malformed_condition_names_its_node(planner, about, tree, place):
    answer = planner.post(DESCRIBE, {"about": about, "tree": tree})
    assert (answer.status_code, list(answer.json())) == (400, [place])


@pytest.mark.parametrize("value", [5, True, "ARAS", [1, 2]])
def test_free_attributes_of_any_type_never_break_the_count(planner, value):
    from ambar.oms.catalogue.models import Product

    products = make_products(5)
    for product, held in zip(products, ["NaN", "1e999", {"a": 1}, True, "5"], strict=True):
        Product.objects.filter(pk=product).update(attributes={"colour": held})
    make_orders([[(product, 1)] for product in products])
    op = "in" if isinstance(value, list) else "eq"
    tree = {"field": "attributes.colour", "op": op, "value": value}
    assert planner.post(DESCRIBE, {"about": "product", "tree": tree}).status_code == 200


def test_conditions_are_for_those_who_read_scenarios():
    operator = caller("location_operator", location_ids=[1])
    assert operator.get("/condition-fields/", about="order").status_code == 403
    assert operator.post(DESCRIBE, {"about": "order", "tree": {}}).status_code == 403
