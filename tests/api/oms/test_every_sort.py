from __future__ import annotations

import pytest

from ambar.kit import rest
from ambar.oms.api import api
from tests.worlds.callers import caller

pytestmark = pytest.mark.django_db
LISTS = sorted(
    endpoint.path.removeprefix("/oms")
    for endpoint in rest.endpoints(api)
    if endpoint.method == "GET" and "{" not in endpoint.path
)


def test_every_order_that_a_list_offers_can_be_asked_for():
    admin = caller("admin")
    tried = []
    for path in LISTS:
        answer = admin.get(path, sort="no such order")
        said = answer.json().get("sort") if answer.status_code == 400 else None
        if said is None or "Known: " not in said[0]:
            continue
        for name in said[0].partition("Known: ")[2].rstrip(".").split(", "):
            for sign in ("", "-"):
                answer = admin.get(path, sort=sign + name, limit=1)
                tried.append((path, sign + name, answer.status_code))
    assert [one for one in tried if one[2] != 200] == []
    assert {"/orders/", "/packages/short/", "/state-transition-logs/"} <= {path for path, _, _ in tried}
