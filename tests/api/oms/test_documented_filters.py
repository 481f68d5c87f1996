"""What the OpenAPI document says of a list's query parameters is what the list takes."""

from __future__ import annotations

import pytest

from ambar.oms.api import api
from tests.worlds.callers import caller

pytestmark = pytest.mark.django_db
PREFIX = "/api/v1/"


def documented() -> dict[str, list[str]]:
    """Path → its query parameters, of every list."""
    paths = api.get_openapi_schema(path_prefix=PREFIX)["paths"]
    found = {
        path: [one["name"] for one in about["get"]["parameters"] if one["in"] == "query"]
        for path, about in paths.items()
        if "get" in about
    }
    return {path: names for path, names in found.items() if names and "{" not in path}


def test_every_documented_filter_is_known_to_its_list() -> None:
    """An unknown one is refused by name; all of a list are asked with at once, most with a value they can't read, and what
    is said of that is meant for people, not Python's own words. Each is told, not the first of them only."""
    admin = caller("admin")
    wrong = {}
    for path, names in documented().items():
        asked = {name: "?" for name in names if name not in ("page", "limit", "sort")}
        answer = admin.client.get(path, asked, headers=admin.headers)
        assert answer.status_code in (200, 400), path
        said = answer.json() if answer.status_code == 400 else {}
        wrong |= {
            f"{path} {name}": told
            for name, told in said.items()
            if told[0].startswith("Unknown filter.") or "invalid literal" in told[0]
        }
        if path == "/api/v1/oms/packages/":
            states = [name for name in said if name.startswith("state")]
            assert [said[name] for name in states] == [
                ["A valid integer is required."],
                *[["No state of a package is named '?'."]] * 3,
            ]
    assert wrong == {}


def test_the_filters_of_a_list_are_documented_with_their_types() -> None:
    lists = documented()
    assert lists["/api/v1/whisperer/hooks/"] == [
        "page", "limit", "sort", "event_type", "is_active", "target_url",
    ]  # fmt: skip
    assert {"number", "order__number"} <= set(lists["/api/v1/oms/packages/"])
    assert len(lists) >= 45
    schema = api.get_openapi_schema(path_prefix=PREFIX)["paths"]["/api/v1/whisperer/hook_events/"]["get"]
    types = {one["name"]: one["schema"] for one in schema["parameters"]}
    assert types["object_id"] == {"type": "integer"}
    assert types["created_date__gte"] == {"type": "string", "format": "date-time"}
    assert types["event_type"] == {"type": "string"}
    # Asked for twice it says the same once.
    assert len(schema["parameters"]) == len(types)
