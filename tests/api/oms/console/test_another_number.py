"""An order in quarantine because it has another number here: a person who has read both numbers may say that it is the same one."""

from __future__ import annotations

import pytest
from django.test import Client

from ambar.kit import accounts, clock
from ambar.kit.accounts.models import AuditEntry
from ambar.oms.orders.models import Order
from ambar.oms.upstream import configured
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.models import Quarantined
from tests.worlds import oms_upstream as world

pytestmark = pytest.mark.django_db
ASKED = "The order is SC-3 here, and comes as NEW-3. It gets the number NEW-3, and what is here of it is written over with what came."
BOTH = {"here": "SC-3", "given": "NEW-3"}


def signed_in(role="admin", *, csrf=False, language="en"):
    client = Client(enforce_csrf_checks=csrf)
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], {}))
    client.cookies["ambar_language"] = language
    return client


@pytest.fixture(autouse=True)
def configured_for_a_seller():
    world.teach_places()
    world.configure("SELLER_CENTER_SETTINGS", {"supplier_code": "AMBAR-01"})
    world.forget()
    yield
    world.forget()


def take(*records):
    source = "seller_center"
    return take_orders(records, source=source, configured=configured.of_pushes(source), now=clock.now())


@pytest.fixture
def row():
    take(world.order(3, at=world.T0))
    take(world.order(3, number="NEW-3"))
    found = Quarantined.objects.get()
    assert found.cause == "another_order:number"
    return found


def text(answer):
    return " ".join(answer.content.decode().split())


def test_the_page_asks_with_both_numbers_and_leads_to_the_order_here(row):
    shown = text(signed_in().get(f"/quarantine/{row.pk}/"))
    assert ASKED in shown and "Give it the number NEW-3" in shown
    assert f'action="/quarantine/{row.pk}/rename/"' in shown
    assert f'<a class="code" href="/orders/{Order.objects.get().pk}/">SC-3</a>' in shown
    spoken = text(signed_in(language="tr").get(f"/quarantine/{row.pk}/"))
    assert "Sipariş burada SC-3 numaralı, gelen ise NEW-3 numaralı." in spoken
    assert "NEW-3 numarasını ver" in spoken


def test_the_order_gets_the_number_and_that_is_on_record(row):
    answer = signed_in().post(f"/quarantine/{row.pk}/rename/", BOTH, follow=True)
    one = Order.objects.get()
    assert one.number == "NEW-3"
    assert answer.redirect_chain == [(f"/orders/{one.pk}/", 302)]
    assert "The order has the number NEW-3 now." in text(answer)
    assert Quarantined.objects.get().outcome == "taken"
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail) == ("quarantine.redriven", {"ids": [row.pk], "rename": True})


def test_what_is_only_offered_again_keeps_its_number(row):
    told = text(signed_in().post(f"/quarantine/{row.pk}/retry/", follow=True))
    assert "It still cannot be taken" in told
    assert Order.objects.get().number == "SC-3"


@pytest.mark.parametrize("given", [{}, {**BOTH, "here": "SC-2"}, {**BOTH, "given": "NEW-4"}])
def test_other_numbers_than_those_that_were_read_change_nothing(row, given):
    answer = signed_in().post(f"/quarantine/{row.pk}/rename/", given, follow=True)
    assert "The numbers are others by now. Look again." in text(answer)
    assert (Order.objects.get().number, Quarantined.objects.filter(closed_at=None).count()) == ("SC-3", 1)
    assert not AuditEntry.objects.exists()


def test_a_later_version_that_came_meanwhile_keeps_its_number(row):
    take(world.order(3, at=world.T0.replace(hour=11)))
    told = text(signed_in().post(f"/quarantine/{row.pk}/rename/", BOTH, follow=True))
    assert "The order keeps its number SC-3" in told
    assert Order.objects.get().number == "SC-3"


def test_only_who_may_offer_again_is_asked_and_heard(row):
    path = f"/quarantine/{row.pk}/"
    accounts.register_role("intake reader", {"intake:read"}, "Intake reader")
    reader = signed_in("intake reader")
    assert reader.get(path).status_code == 200
    assert "rename" not in text(reader.get(path))
    assert reader.post(f"{path}rename/", BOTH).status_code == 403
    assert Client().post(f"{path}rename/", BOTH)["Location"].startswith("/login/")
    assert signed_in(csrf=True).post(f"{path}rename/", BOTH).status_code == 403
    assert signed_in().get(f"{path}rename/").status_code == 405
    assert Order.objects.get().number == "SC-3"


def test_nothing_else_in_quarantine_can_be_renamed(row):
    client = signed_in()
    take(world.moved(world.order(5), "district", "Nowhere", 999))
    place = Quarantined.objects.get(kind="unknown_place")
    assert "rename" not in text(client.get(f"/quarantine/{place.pk}/"))
    client.post(f"/quarantine/{place.pk}/rename/", {"here": "SC-5", "given": "SC-5"})
    assert Quarantined.objects.get(pk=place.pk).closed_at is None
    Quarantined.objects.filter(pk=row.pk).update(closed_at=clock.now())
    assert "rename" not in text(client.get(f"/quarantine/{row.pk}/"))
    assert client.post(f"/quarantine/{row.pk}/rename/", BOTH).status_code == 404
