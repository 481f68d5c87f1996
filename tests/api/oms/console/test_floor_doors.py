"""Every screen of the floor: sign in first, hold its scope, post with the page's token."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from ambar.kit import accounts
from ambar.oms.console.floor_urls import paths

pytestmark = pytest.mark.django_db
VALUES = {"pk": 1, "kind": "denial"}


def address(pattern) -> str:
    wanted = {name: VALUES[name] for name in pattern.pattern.converters}
    return reverse(f"oms_console:{pattern.name}", kwargs=wanted)


@pytest.mark.parametrize("pattern", paths, ids=lambda pattern: pattern.name)
def test_nobody_gets_in_without_signing_in(pattern):
    where = address(pattern)
    posted = Client().post(where)
    assert (posted.status_code, posted["Location"]) == (302, f"/login/?next={where}")
    assert Client().get(where).status_code in (302, 405)


@pytest.mark.parametrize("pattern", paths, ids=lambda pattern: pattern.name)
def test_each_screen_names_a_scope_and_is_closed_without_it(pattern):
    assert pattern.callback.scope
    user = accounts.ensure_user("nobody", "a long password 1", [])
    client = Client()
    client.force_login(user)
    assert client.post(address(pattern)).status_code == 403


@pytest.mark.parametrize("pattern", paths, ids=lambda pattern: pattern.name)
def test_a_post_without_the_pages_token_is_refused(pattern):
    client = Client(enforce_csrf_checks=True)
    client.force_login(accounts.ensure_user("admin", "a long password 1", ["admin"]))
    answer = client.post(address(pattern), {"id": "1"})
    assert answer.status_code == 403 and "This form is no longer valid" in answer.content.decode()
