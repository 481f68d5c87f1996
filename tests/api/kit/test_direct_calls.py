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
