"""Paging, sorting, filtering."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from ambar.kit.accounts.models import AuditEntry

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def entries(db):
    made = [
        AuditEntry(
            at=START + timedelta(days=n // 2),
            action=f"a{n}",
            object_kind="order",
            object_id=None if n % 4 == 0 else n % 3,
        )
        for n in range(23)
    ]
    return [row.pk for row in AuditEntry.objects.bulk_create(made)]


def test_pages_of_ten_with_absolute_links(reader, entries):
    first = reader.get("/api/v1/entries/").json()
    assert list(first) == ["count", "next", "previous", "results"]
    assert first["count"] == 23
    assert first["previous"] is None
    assert first["next"] == "http://testserver/api/v1/entries/?page=2"
    assert [row["id"] for row in first["results"]] == entries[:10]
    last = reader.get("/api/v1/entries/", page=3).json()
    assert (last["count"], last["next"], len(last["results"])) == (23, None, 3)
    assert last["previous"] == "http://testserver/api/v1/entries/?page=2"
    assert last["results"][0]["at"] == "2026-01-11T00:00:00.000000Z"


def test_links_keep_filters_and_a_page_behind_the_end_is_empty(reader, entries):
    answer = reader.get("/api/v1/entries/", action=["a1", "a2"], limit=1).json()
    assert answer["next"] == "http://testserver/api/v1/entries/?action=a1&action=a2&limit=1&page=2"
    assert reader.get("/api/v1/entries/", page=9).json() == {
        "count": 23, "next": None, "previous": "http://testserver/api/v1/entries/?page=8", "results": [],
    }  # fmt: skip


def test_a_page_costs_two_queries_at_most(reader, entries, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):  # token, its last use, rows, count
        reader.get("/api/v1/entries/")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "0"), ("page", "-1"), ("page", "x"), ("page", "1.5"), ("page", "9" * 30), ("page", "٣"),
        ("limit", "0"), ("limit", ""), ("limit", "-5"), ("limit", "99999999999999999999"),
        ("sort", "password"), ("cursor", "nonsense"), ("cursor", "WzFd"), ("unknown", "1"), ("object_kind", "user"),
        ("object_id", "x"), ("object_id", "9223372036854775808"), ("id__in", "1,x"), ("id__in", "1," + "9" * 25),
        ("at__gte", "yesterday"), ("at__gte", "0001-01-01T00:00:00+23:00"), ("action", "a\x00b"),
    ],
)  # fmt: skip
def test_bad_parameters_are_400_and_named(reader, entries, name, value):
    answer = reader.get("/api/v1/entries/", **{name: value})
    assert (answer.status_code, list(answer.json())) == (400, [name])


def test_an_open_api_ignores_unknown_parameters(reader, entries):
    answer = reader.get("/api/open/entries/", channel=6, sort="version_date", object_id=1)
    assert answer.status_code == 200
    assert answer.json()["count"] == len([n for n in range(23) if n % 4 and n % 3 == 1])


def test_a_limit_over_the_maximum_is_the_maximum(reader, entries):
    AuditEntry.objects.bulk_create(AuditEntry(at=START, action="x", object_kind="order") for _ in range(60))
    answer = reader.get("/api/v1/entries/", limit=50000).json()
    assert (len(answer["results"]), answer["count"]) == (50, 83)


def test_repeated_values_mean_or_and_lists_split_at_commas(reader, entries):
    answer = reader.get("/api/v1/entries/", action=["a1", "a5"]).json()
    assert [row["action"] for row in answer["results"]] == ["a1", "a5"]
    answer = reader.get("/api/v1/entries/", id__in=f"{entries[3]},{entries[4]}").json()
    assert [row["id"] for row in answer["results"]] == entries[3:5]
    assert reader.get("/api/v1/entries/", object_kind="order,package").json()["count"] == 23


def test_a_plus_sign_that_was_not_escaped_is_understood(reader, entries):
    answer = reader.client.get("/api/v1/entries/?at__gte=2026-01-11T02:00:00+02:00", headers=reader.headers)
    assert answer.json()["count"] == 3


def test_sorting_breaks_ties_by_id(reader, entries):
    answer = reader.get("/api/v1/entries/", sort="-at", limit=50).json()
    assert [row["id"] for row in answer["results"]] == entries[::-1]
    answer = reader.get("/api/v1/entries/", sort="object_id,-id", limit=50).json()
    expected = sorted(range(23), key=lambda n: (n % 4 == 0, n % 3 if n % 4 else 0, -n))
    assert [row["id"] for row in answer["results"]] == [entries[n] for n in expected]


@pytest.mark.parametrize("sort", ["id", "-id", "at", "-at", "object_id", "-object_id", "action"])
def test_a_cursor_walks_every_row_once_in_the_same_order_as_pages(reader, entries, sort):
    whole = [row["id"] for row in reader.get("/api/v1/entries/", sort=sort, limit=50).json()["results"]]
    found, path = [], f"/api/v1/entries/?sort={sort}&limit=4&cursor="
    while path:
        answer = reader.client.get(path, headers=reader.headers).json()
        found += [row["id"] for row in answer["results"]]
        path = answer["next"]
    assert found == whole


def test_a_cursor_of_another_order_is_refused(reader, entries):
    following = reader.get("/api/v1/entries/", cursor="", limit=2).json()["next"]
    cursor = following.split("cursor=")[1].split("&")[0]
    answer = reader.client.get(f"/api/v1/entries/?sort=-at&cursor={quote(cursor)}", headers=reader.headers)
    assert (answer.status_code, answer.json()) == (400, {"cursor": ["Not a cursor of this list."]})
