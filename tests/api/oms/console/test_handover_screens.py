"""The hand-over on screen: preview, repair with progress, conflict log, statement."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from ambar.kit import accounts, clock, work
from ambar.oms.console import handover_words
from ambar.oms.handover import api as handover_api
from ambar.oms.handover import held_orders
from ambar.oms.handover.actions import close_day
from ambar.oms.handover.domain import authority
from ambar.oms.handover.models import Conflict, Reconciliation, Statement
from ambar.oms.orders.models import Order
from tests.worlds import handover_partner as there
from tests.worlds.oms_records import build, package
from tests.worlds.waiting import within_one_day

pytestmark = pytest.mark.django_db


def signed_in(*roles, language="en"):
    client = Client()
    client.force_login(accounts.ensure_user("-".join(roles), "a-long-password", list(roles), {}))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


@pytest.fixture(autouse=True)
def one_day():
    within_one_day()


@pytest.fixture
def partner(monkeypatch):
    with there.partner(monkeypatch) as made:
        yield made


@pytest.fixture
def one(partner):
    made = package(build())
    partner.hear()
    Reconciliation.objects.all().delete()
    return made


def text(answer):
    return " ".join(answer.content.decode().split())


def test_a_comparison_is_begun_previewed_and_repaired(one, partner):
    del partner.packages[one.number]
    client = signed_in("planner")
    begun = client.post("/handover/compare/")
    row = Reconciliation.objects.get()
    assert (begun.status_code, begun.url) == (302, f"/handover/reconciliations/{row.pk}/")
    assert 'hx-trigger="every 1s"' in text(client.get(begun.url))
    work.run_loop("handover")
    row.conflicts.filter(kind="order").delete()
    Reconciliation.objects.update(found=1)
    shown = text(client.get(begun.url))
    assert one.number in shown and "Tell the Seller Center again" in shown and "Repair 1 record<" in shown
    assert "hx-trigger" not in shown
    client.post(f"{begun.url}turn/", {"to": "repair"})
    work.run_loop("handover")
    assert partner.hear() == 1
    work.run_loop("handover")
    assert "Repaired" in text(client.get(begun.url))
    row.refresh_from_db()
    assert (row.state, row.repaired) == ("done", 1)
    client.post(f"{begun.url}turn/", {"to": "repair"})
    assert "This reconciliation is over" in text(client.get(begun.url))
    listed = text(client.get("/handover/conflicts/?state=repaired"))
    assert one.number in listed
    assert one.number not in text(client.get("/handover/conflicts/?state=refused"))


def test_the_statement_is_drawn_up_and_stands_on_home(one, partner):
    client = signed_in("planner")
    assert "No statement yet." in text(client.get("/handover/"))
    answer = client.post("/handover/close/")
    row = Statement.objects.get()
    assert answer.url == f"/handover/?day={row.day.isoformat()}"
    assert "No comparison has been made yet." in text(client.get(answer.url))
    Statement.objects.update(body={**row.body, "missing": 41, "forgotten": 7, "applied_twice": None})
    shown = text(client.get("/handover/"))
    assert "<dt>Forgotten there</dt><dd>7</dd>" in shown
    assert "<dd>41</dd>" in shown and "<dd>not known</dd>" in shown
    home = text(client.get("/"))
    assert "<dt>Missing</dt><dd>41</dd>" in home and "Applied twice" not in home
    assert "No statement yet." in text(client.get("/handover/?day=2020-01-01"))


def test_turkish_screens_say_the_reasons_in_turkish(one, partner):
    partner.close_handover()
    close_day.compared(now=clock.now)
    pk = Reconciliation.objects.get().pk
    shown = text(signed_in("planner", language="tr").get(f"/handover/reconciliations/{pk}/"))
    assert "Seller Center’da handover/orders/digests/ yok (404)." in shown


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Its order is not here. In quarantine: The city “Atlantis” is not known."),
        ("tr", "Siparişi burada değil. Karantinada: “Atlantis” şehri bilinmiyor."),
    ],
)
def test_why_a_conflict_was_not_repaired_is_said_with_what_it_carries(db, language, said):
    row = Reconciliation.objects.create(state="done", found=1, created_at=clock.now(), moved_at=clock.now())
    Conflict.objects.create(
        of=row, kind="package", key="N-1", state="refused", case="only_there", owner="seller_center", remedy="restore_from_there",
        fields=[], reason="Its order is not here. In quarantine: unknown city: Atlantis", created_at=clock.now(),
    )  # fmt: skip
    client = signed_in("planner", language=language)
    assert said in text(client.get(f"/handover/reconciliations/{row.pk}/"))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Differs in the same version", "shipping address (line)", "Read the order again"]),
        ("tr", ["Aynı sürümde farklı", "teslimat adresi (adres satırı)", "oradaki hâliyle yeniden okunur"]),
    ],
)
def test_an_order_that_differs_in_fields_is_told_field_by_field(db, language, words):
    row = Reconciliation.objects.create(state="ready", found=1, created_at=clock.now(), moved_at=clock.now())
    fields = [{"field": "shipping_address.line", "ours": "Moda Cad. 12", "theirs": "Moda Cad. 21"}]
    Conflict.objects.create(
        of=row, kind="order", key="7001", state="open", case="same_version", owner="seller_center", remedy="read_again",
        fields=fields, created_at=clock.now(),
    )  # fmt: skip
    client = signed_in("planner", language=language)
    shown = text(client.get(f"/handover/reconciliations/{row.pk}/")) + text(client.get("/handover/"))
    assert [word for word in (*words, "Moda Cad. 12", "Moda Cad. 21") if word not in shown] == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Behind what was told", "statuses of lines", "70011 Shipped", "70011 Preparing", "Report the statuses again"]),
        ("tr", ["Bildirilenin gerisinde", "kalemlerin durumları", "70011 Kargoya Verildi", "Durumları yeniden bildir"]),
    ],
)  # fmt: skip
def test_an_order_that_is_behind_is_told_in_words(db, language, words):
    row = Reconciliation.objects.create(
        state="ready", found=1, unknown=[Reconciliation.STATUSES_UNKNOWN], created_at=clock.now(), moved_at=clock.now()
    )  # fmt: skip
    fields = [
        {"field": "status", "ours": 500, "theirs": 450},
        {"field": "line_statuses", "ours": {"70011": 500}, "theirs": {"70011": 450}},
    ]
    Conflict.objects.create(
        of=row, kind="order", key="7001", state="open", case="behind", owner="oms", remedy="report_again",
        fields=fields, created_at=clock.now(),
    )  # fmt: skip
    client = signed_in("planner", language=language)
    shown = text(client.get(f"/handover/reconciliations/{row.pk}/")) + text(client.get("/handover/"))
    assert [word for word in words if word not in shown] == []
    assert (Reconciliation.STATUSES_UNKNOWN in shown) is (language == "en")


def test_every_case_and_remedy_has_words():
    assert {row.case for row in authority.TABLE} <= set(handover_words.CASES)
    assert {row.remedy for row in authority.TABLE} <= set(handover_words.REMEDIES)


def test_every_field_that_may_differ_has_words():
    assert {name.partition(".")[0] for name in handover_api.FIELDS} <= set(handover_words.FIELDS)


def test_every_part_that_may_differ_has_words():
    assert {*held_orders.ADDRESS, *held_orders.CUSTOMER, "e_bill_taxpayer"} <= set(handover_words.PARTS)


def test_an_order_that_differs_leads_to_its_page(one):
    row = Reconciliation.objects.create(state="ready", found=2, created_at=clock.now(), moved_at=clock.now())
    known = Order.objects.get(package=one.id)
    for key in (known.upstream_id, 987_654):
        Conflict.objects.create(
            of=row, kind="order", key=str(key), state="open", case="only_there", owner="seller_center", remedy="read_again",
            fields=[], created_at=clock.now(),
        )  # fmt: skip
    shown = text(signed_in("planner").get(f"/handover/reconciliations/{row.pk}/"))
    assert f'<a class="code" href="/orders/{known.pk}/">{known.upstream_id}</a>' in shown
    assert '<span class="code">987654</span>' in shown


def test_who_may_not_read_it_sees_nothing_and_starts_nothing(one):
    client = Client()
    client.force_login(
        accounts.ensure_user("kadikoy", "a-long-password", ["location_operator"], {"location_ids": []})
    )
    assert client.get("/handover/").status_code == 403
    assert client.post("/handover/compare/").status_code == 403
    assert Reconciliation.objects.count() == 0
    assert signed_in("planner").get("/handover/reconciliations/999/").status_code == 404
