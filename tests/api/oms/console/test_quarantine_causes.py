"""Quarantine by cause: counted, looked at before, released together; lists lead to files with the same filters."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from ambar.kit import accounts
from ambar.kit.accounts.models import AuditEntry
from ambar.oms.orders.models import Order
from ambar.oms.upstream.models import Quarantined
from tests.worlds.oms_records import T0, build, package

pytestmark = pytest.mark.django_db
PAGE = "/quarantine/causes/"


def signed_in(role="admin", **bounds):
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], bounds))
    return client


@pytest.fixture
def held(db):
    for n, cause in enumerate(("channel:77", "channel:77", "township:x")):
        Quarantined.objects.create(
            source="seller_center", identity=str(n), upstream_id=900 + n, number=f"A{n}", kind="unknown_channel",
            cause=cause, reason="Channel 77 is not known.", payload={"number": f"A{n}"}, created_at=T0 + timedelta(hours=n),
            modified_at=T0,
        )  # fmt: skip


def test_causes_are_counted_and_nothing_changes_by_looking(held):
    client = signed_in()
    shown = client.get(PAGE, {"cause": "channel:77"})
    assert [(one["cause"], one["count"]) for one in shown.context["causes"]] == [
        ("channel:77", 2),
        ("township:x", 1),
    ]
    preview = shown.context["preview"]
    assert (preview["waiting"], preview["looked_at"]) == (2, 2)
    assert [str(look.word) for look, _count in preview["outcomes"]] == ["Still waits"]
    assert Quarantined.objects.filter(closed_at=None).count() == 3 and Order.objects.count() == 0
    assert "preview" not in client.get(PAGE).context
    assert client.get(PAGE, {"cause": "gone"}).context["preview"]["looked_at"] == 0


def test_all_of_a_cause_are_offered_again_and_the_others_left_alone(held):
    client = signed_in()
    answer = client.post(f"{PAGE}release/", {"cause": "channel:77"}, follow=True)
    assert "2 orders still wait." in answer.content.decode()
    assert AuditEntry.objects.get().detail == {"cause": "channel:77", "released": 0, "waiting": 2}
    assert client.post(f"{PAGE}release/", {"cause": "gone"}).status_code == 404


def test_looking_and_releasing_need_their_scopes(held):
    assert signed_in("location_operator", location_ids=[1]).get(PAGE).status_code == 403
    assert Client().post(f"{PAGE}release/", {"cause": "channel:77"}).status_code == 302
    assert Quarantined.objects.filter(closed_at=None).count() == 3


def test_the_causes_cost_the_same_however_many(held, django_assert_max_num_queries):
    client = signed_in()
    client.get(PAGE)
    Quarantined.objects.bulk_create(
        Quarantined(source="s", identity=f"x{n}", kind="k", cause=f"c:{n}", reason="r", payload={}, created_at=T0, modified_at=T0)
        for n in range(30)
    )  # fmt: skip
    with django_assert_max_num_queries(8):
        assert len(client.get(PAGE).context["causes"]) == 32


@pytest.mark.parametrize(
    ("screen", "narrowed"),
    [
        ("/packages/?tab=waiting&location={WH1}", 1),
        ("/packages/?tab=packed", 0),
        ("/orders/?planning=hold", 0),
        ("/transfers/", 0),
    ],
)
def test_a_list_leads_to_a_file_of_the_same_rows(screen, narrowed):
    world = build()
    package(world)
    client = signed_in()
    path = screen.format(**world.locations)
    href = client.get(path).context["files"]
    answer = client.get(f"{href}&format=csv")
    lines = b"".join(answer.streaming_content).decode().strip().splitlines()
    assert (answer.status_code, answer["Content-Type"].split(";")[0], len(lines) - 1) == (
        200,
        "text/csv",
        narrowed,
    )
