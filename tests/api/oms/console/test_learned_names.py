"""*Learned names*: a name nobody knew is taught on the screen of its cause, listed, and taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from ambar.kit import accounts
from ambar.kit.accounts.models import AuditEntry
from ambar.oms.orders.models import Order
from ambar.oms.places.models import Alias, Township
from ambar.oms.upstream.models import Quarantined
from tests.worlds import oms_upstream as world

pytestmark = pytest.mark.django_db(transaction=True)
CAUSES, NAMES = "/quarantine/causes/", "/quarantine/names/"
ORDERS = "/api/v1/oms/intake/orders/"


def signed_in(role: str = "admin", language: str = "en", **bounds) -> Client:
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], bounds))
    client.cookies["ambar_language"] = language
    return client


@pytest.fixture
def cause(transactional_db) -> Iterator[str]:
    """Two orders wait for a township by a name nobody knows, and one for another."""
    world.forget()
    world.teach_places()
    world.configure("SELLER_CENTER_SETTINGS", {"supplier_code": "AMBAR-01"})
    records = [world.moved(world.order(pk), "township", "Kadıköy Çarşı", 9340) for pk in (1, 2)]
    records.append(world.moved(world.order(3), "township", "Moda", 9341))
    assert world.caller("integration").post(ORDERS, records).json()["counts"] == {"quarantined": 3}
    yield Quarantined.objects.get(upstream_id=1).cause
    world.forget()


def test_a_name_is_taught_once_and_its_orders_are_taken(cause):
    client, target = signed_in(), Township.objects.get(upstream_id=340)
    shown = client.get(CAUSES, {"cause": cause})
    lesson = shown.context["preview"]["lesson"]
    assert (lesson["name"], str(lesson["level"]), lesson["below"]) == (
        "Kadıköy Çarşı", "township", target.city.name
    )  # fmt: skip
    assert (target.pk, target.name) in lesson["places"]
    assert {pk for pk, _ in lesson["places"]} == set(
        Township.objects.filter(city=target.city_id, is_active=True).values_list("pk", flat=True)
    )
    assert f"What Kadıköy Çarşı (township in {target.city.name}) means" in shown.content.decode()
    answer = client.post(f"{NAMES}teach/", {"cause": cause, "target": target.pk}, follow=True)
    assert "2 orders have left quarantine." in answer.content.decode()
    assert sorted(Order.objects.values_list("upstream_id", flat=True)) == [1, 2]
    assert AuditEntry.objects.get(action="alias.learned").detail["target"] == target.pk
    page = client.get(NAMES).content.decode()
    assert "Kadıköy Çarşı" in page and target.name in page and target.city.name in page
    turkish = signed_in(language="tr").get(NAMES).content.decode()
    assert "Öğrenilen adlar" in turkish and "ilçe" in turkish and "Geri al" in turkish


def test_a_name_is_taken_back_and_what_was_taken_stays(cause):
    client, target = signed_in(), Township.objects.get(upstream_id=340)
    client.post(f"{NAMES}teach/", {"cause": cause, "target": target.pk})
    alias = Alias.objects.get()
    told = client.post(f"{NAMES}{alias.pk}/forget/", follow=True).content.decode()
    assert "What was taken by it stays as it is." in told and "No name has been taught yet." in told
    assert (Alias.objects.count(), Order.objects.count()) == (0, 2)
    assert AuditEntry.objects.get(action="alias.forgotten").detail["name"] == "Kadıköy Çarşı"
    assert client.post(f"{NAMES}{alias.pk}/forget/").status_code == 404


@pytest.mark.parametrize("target", ["", "x", "0", "987654321", "9" * 30, "-1"])
def test_a_place_that_is_none_of_those_offered_teaches_nothing(cause, target):
    answer = signed_in().post(f"{NAMES}teach/", {"cause": cause, "target": target}, follow=True)
    assert "Choose the place it means." in answer.content.decode()
    assert (Alias.objects.count(), Quarantined.objects.filter(closed_at=None).count()) == (0, 3)


def test_only_an_unknown_place_can_be_taught_and_only_by_who_may(cause):
    signed_in().post(f"{NAMES}teach/", {"cause": "gone", "target": 1})
    world.caller("integration").post(ORDERS, world.order(9, amount="x"))
    broken = Quarantined.objects.get(upstream_id=9).cause
    assert signed_in().get(CAUSES, {"cause": broken}).context["preview"]["lesson"] is None
    assert signed_in().post(f"{NAMES}teach/", {"cause": broken, "target": 1}).status_code == 404
    accounts.register_role("intake reader", {"intake:read"}, "Intake reader")
    reader = signed_in("intake reader")
    assert "Teach this name" not in reader.get(CAUSES, {"cause": cause}).content.decode()
    assert reader.post(f"{NAMES}teach/", {"cause": cause, "target": 1}).status_code == 403
    assert reader.get(NAMES).status_code == 200
    assert signed_in("location_operator", location_ids=[1]).get(NAMES).status_code == 403
    assert Alias.objects.count() == 0
