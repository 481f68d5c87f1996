"""The hook payload Omnitron sends has the keys, nesting, types and formats of the golden message."""

import re

import pytest

from ambar.kit import outbox  # noqa: F401
from tests.worlds import omnitron_hub as hub

pytestmark = pytest.mark.django_db

FORMATS = {
    "money": re.compile(r"^\d+\.\d{2}$"),
    "moment": re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$"),
    "degrees": re.compile(r"^-?\d+\.\d{6}$"),
}
FREE = {"attributes", "extra_field", "attributes_kwargs", "productimage_set", "notes", "title"}


def shape(value):
    """Keys and kinds of a message; texts by their format."""
    if isinstance(value, dict):
        return {key: "free" if key in FREE else shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value[:1]]
    if isinstance(value, str):
        return next((name for name, pattern in FORMATS.items() if pattern.match(value)), "text")
    return type(value).__name__


def missing(expected, given, path=""):
    """What of the golden shape is not in ours; a null on either side matches any scalar."""
    if isinstance(expected, dict) and isinstance(given, dict):
        lost = [f"{path}.{key}" for key in expected if key not in given]
        return lost + [
            one
            for key in expected
            if key in given
            for one in missing(expected[key], given[key], f"{path}.{key}")
        ]
    if isinstance(expected, list) and isinstance(given, list):
        return missing(expected[0], given[0], f"{path}[]") if expected and given else []
    if expected == given or "NoneType" in (expected, given):
        return []
    return [f"{path}: {expected} expected, {given} given"]


def test_an_order_created_event_has_the_golden_shape():
    hub.places()
    hub.products("A", "B", "C")
    body = hub.order(
        hub.channel().pk,
        "2594887831811953",
        skus=("A", "B", "C"),
        cargo_company=hub.cargo().pk,
        payment_option_slug="credit_card",
        shipping_option_slug="standart",
        remote_addr="203.0.113.7",
    )
    assert hub.Caller().post("orders/", body).status_code == 201
    [(name, kind, _, sequence, payload)] = hub.events()
    assert (name, kind, sequence) == ("order.created", "order", 1)
    golden = hub.golden("omnitron-to-seller-center/order.created.json")
    assert golden["event"]["type"] == name
    assert missing(shape(golden["payload"]), shape(payload)) == []
    assert len(payload["orderitem_set"]) == len(golden["payload"]["orderitem_set"])


def test_the_event_and_the_answer_are_one_shape():
    hub.places()
    hub.products("A", "B")
    answer = hub.Caller().post("orders/", hub.order(hub.channel().pk)).json()
    [event] = hub.events()
    assert event[4] == answer
