"""The short way of calls with a token answers as the long way does."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


def test_a_call_with_a_token_passes_no_session_and_carries_the_safe_headers(writer):
    answer = writer.get("/api/v1/entries/")
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert not answer.cookies


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/api/v1/nothing-here/", 404), ("get", "/api/v1/orders/", 405), ("get", "/api/v1/entries", 200)],
)
def test_unknown_paths_wrong_methods_and_forgotten_slashes_answer_as_json(writer, method, path, status):
    answer = getattr(writer, method)(path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/json")


def test_a_wrong_token_is_401_on_the_short_way_too(client):
    answer = client.get("/api/v1/entries/", headers={"Authorization": "Token nonsense"})
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


def test_the_language_of_an_earlier_page_does_not_colour_an_answer(writer, client):
    client.get("/login/", headers={"Accept-Language": "tr"})
    answer = writer.post("/api/v1/orders/", b"{}")
    assert answer.json()["number"] == ["This field is required."]


def test_paths_that_differ_in_a_number_have_one_route_and_each_its_own_number(writer):
    from ambar.kit.accounts.models import User

    known = dict(User.objects.values_list("pk", "username"))
    for pk in (*known, *known):
        answer = writer.get(f"/api/v1/users/{pk}/")
        assert (answer.status_code, answer.json()) == (200, {"username": known[pk]})
    assert writer.get(f"/api/v1/users/00{min(known)}/").json() == {"username": known[min(known)]}


@pytest.mark.parametrize("nobody", ["0", "9" * 18, "9" * 19, "9" * 4000, "9" * 5000, "-1", "1.0", "x"])
def test_numbers_of_nobody_are_not_found(writer, nobody):
    assert writer.get(f"/api/v1/users/{nobody}/").status_code == 404
