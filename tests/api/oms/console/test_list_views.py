"""Columns a person chooses and views of a list a person keeps."""

from __future__ import annotations

import pytest
from django.test import Client

from ambar.kit import accounts
from ambar.kit.ui.models import SavedView
from tests.worlds.oms_records import build, package

pytestmark = pytest.mark.django_db
LIST = "/packages/"


def signed_in(name="admin"):
    client = Client()
    client.force_login(accounts.ensure_user(name, "a long password 1", ["admin"], {}))
    return client


def columns(answer):
    return [heading.column.key for heading in answer.context["listing"].headings]


@pytest.fixture
def rows(db):
    package(build())


def test_chosen_columns_are_shown_and_remembered_until_all_are_chosen_again(rows):
    client = signed_in()
    whole = columns(client.get(LIST))
    some = [whole[0], "state", "location"]
    assert len(whole) > 4
    assert columns(client.get(f"{LIST}?columns=none&columns=location&columns=state")) == some
    assert columns(client.get(f"{LIST}?tab=waiting")) == some
    assert len(columns(client.get("/orders/"))) > 4
    assert columns(client.get(f"{LIST}?columns=none")) == whole[:1]
    assert columns(client.get(f"{LIST}?columns=none&columns=state&columns=all")) == whole
    assert columns(client.get(LIST)) == whole
    assert columns(client.get(f"{LIST}?columns=no-such;column")) == whole


def test_a_view_keeps_filters_order_and_columns_under_a_name(rows):
    client = signed_in()
    answer = client.get(f"{LIST}?tab=waiting&sort=-created&page=1&q=&columns=none&columns=state")
    kept = {"path": LIST, "name": " Mine ", "query": answer.context["listing"].query}
    back = client.post("/views/", kept)
    view = SavedView.objects.get()
    assert (view.path, view.name) == (LIST, "Mine")
    assert view.query == f"columns=none&columns={columns(answer)[0]}&columns=state&sort=-created&tab=waiting"
    assert (back.status_code, back.headers["Location"]) == (302, f"{LIST}?{view.query}")
    shown = client.get(back.headers["Location"])
    assert [(one.name, one.current) for one in shown.context["listing"].views] == [("Mine", True)]
    assert [one.current for one in client.get(LIST).context["listing"].views] == [False]
    client.post("/views/", {**kept, "query": "tab=stuck"})
    assert SavedView.objects.get().query == "tab=stuck"
    assert client.get("/orders/").context["listing"].views == []


def test_views_are_ones_own(rows):
    mine, other = signed_in(), signed_in("other")
    mine.post("/views/", {"path": LIST, "name": "Mine", "query": "tab=stuck"})
    view = SavedView.objects.get()
    assert other.get(LIST).context["listing"].views == []
    assert other.post(f"/views/{view.pk}/forget/").status_code == 404
    assert Client().post("/views/", {"path": LIST, "name": "x"}).status_code == 302
    assert SavedView.objects.count() == 1
    assert mine.post(f"/views/{view.pk}/forget/").headers["Location"] == LIST
    assert SavedView.objects.count() == 0


@pytest.mark.parametrize(
    ("path", "name", "query", "status"),
    [
        ("https://evil.example/", "x", "", 404),
        ("//evil.example/", "x", "", 404),
        ("/no-such-screen/", "x", "", 404),
        (LIST, "x", "a=" + "b" * 2001, 404),
        (LIST, "", "", 302),
        (LIST, "n" * 81, "", 302),
    ],
)
def test_a_view_that_can_not_be_kept_is_refused(rows, path, name, query, status):
    answer = signed_in().post("/views/", {"path": path, "name": name, "query": query})
    assert answer.status_code == status
    assert status == 404 or answer.headers["Location"] == LIST
    assert SavedView.objects.count() == 0


def test_a_list_has_room_for_a_few_dozen_views(rows):
    client = signed_in()
    user = accounts.ensure_user("admin", "a long password 1", ["admin"], {})
    SavedView.objects.bulk_create(
        SavedView(user=user, path=LIST, name=f"v{n}", query="", created_at=user.created_at) for n in range(50)
    )
    client.post("/views/", {"path": LIST, "name": "one more", "query": ""})
    client.post("/views/", {"path": LIST, "name": "v7", "query": "tab=stuck"})
    assert SavedView.objects.count() == 50
    assert SavedView.objects.get(name="v7").query == "tab=stuck"
