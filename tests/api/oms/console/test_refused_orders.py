"""*Refused by a rule*: what the filtering rules left out is listed with its rule, and each rule with how many it refused."""

from __future__ import annotations

import pytest

from ambar.oms.upstream.models import NotTaken
from tests.api.oms.console.test_quarantine_causes import signed_in
from tests.worlds.oms_records import T0

pytestmark = pytest.mark.django_db
PAGE = "/quarantine/refused/"


def text(client, **query):
    return client.get(PAGE, query).content.decode()


def test_what_the_rules_refused_is_listed_and_counted_by_rule():
    client = signed_in()
    assert "No rule has refused an order." in text(client)
    NotTaken.objects.bulk_create(
        NotTaken(source="s", upstream_id=n, number=f"A-{n}", rule=rule, upstream_modified_at=T0, created_at=T0, modified_at=T0)
        for n, rule in enumerate(("approved only", "approved only", "İstanbul only"), start=1)
    )  # fmt: skip
    shown = text(client)
    assert all(one in shown for one in ("A-1", "A-2", "A-3", "approved only · 2", "İstanbul only · 1"))
    narrowed = text(client, rule="İstanbul only")
    assert "A-3" in narrowed and "A-1" not in narrowed
    found = text(client, q="A-2")
    assert "A-2" in found and "A-3" not in found
    client.cookies["ambar_language"] = "tr"
    assert "Kural dışı bırakıldı" in text(client)
    assert signed_in("location_operator", location_ids=[1]).get(PAGE).status_code == 403
