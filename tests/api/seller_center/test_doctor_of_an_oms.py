"""What a seller's OMS may ask to examine the integration: facts, digests, and rehearsals that leave nothing behind."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection

from ambar.kit import clock, vault
from ambar.seller_center.places.models import City, Country, District, Township
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)
PATH = f"{market.OMS}/doctor/"
SECRETS = ("secret", "token")


def rows() -> dict[str, int]:
    """How many rows every table has."""
    tables = [model._meta.db_table for model in apps.get_models()]
    with connection.cursor() as cursor:
        cursor.execute(
            " union all ".join(f"select '{name}', count(*) from {name}" for name in sorted(set(tables)))
        )
        return dict(cursor.fetchall())


def one_of_each_place() -> None:
    country = Country.objects.create(upstream_id=1, name="Türkiye", folded="turkiye", code="tr")
    city = City.objects.create(upstream_id=34, name="İstanbul", folded="istanbul", country=country)
    township = Township.objects.create(upstream_id=340, name="Kadıköy", folded="kadikoy", city=city)
    District.objects.create(
        upstream_id=34001, name="Caferağa Mah", folded="caferaga mah", city=city, township=township
    )


def test_the_facts_are_those_of_the_tokens_seller_and_name_no_secret():
    oms, other = market.oms(), market.oms("MODA-02")
    seller = market.seller()
    seller.hook_secret_sealed = vault.seal("a-secret-of-the-seller")
    seller.save()
    said = oms.get(PATH).json()
    assert (said["system"], said["supplier_code"], said["state"]) == ("seller_center", "AMBAR-01", "active")
    assert (said["test_events"], said["synthetic_orders"], said["oms_managed"]) == (True, True, True)
    assert said["checks_signatures"] is True
    assert other.get(PATH).json()["checks_signatures"] is False
    assert "a-secret-of-the-seller" not in str(said)
    assert said["channel"] == {"id": 1, "name": "Seller Center", "channel_type": "sales_channel"}
    assert abs((clock.parse(said["now"]) - clock.now()).total_seconds()) < 60


def test_nobody_else_is_told():
    assert market.Caller(None).get(PATH).status_code == 401
    assert market.owner().get(PATH).status_code == 400
    assert market.user("shop", ["seller"], {"seller_id": market.seller().pk}).get(PATH).status_code == 403


def test_digests_change_with_any_field_and_count_every_row():
    one_of_each_place()
    oms = market.oms()
    before = oms.get(f"{PATH}places/").json()
    assert {level: [row["count"] for row in buckets] for level, buckets in before.items()} == {
        "country": [1],
        "city": [1],
        "township": [1],
        "district": [1],
    }
    District.objects.update(is_active=False)
    after = oms.get(f"{PATH}places/").json()
    assert after["district"][0]["digest"] != before["district"][0]["digest"]
    assert after["township"] == before["township"]


def test_a_synthetic_order_has_the_shape_of_a_listed_one_and_leaves_no_row():
    one_of_each_place()
    market.take(market.shop_order(21))
    oms = market.oms()
    listed = oms.get(f"{market.OMS}/orders/").json()["results"][0]
    before = rows()
    made = oms.post(f"{PATH}order/", {"sku": "AMB-TSH-001-M"}).json()["order"]
    assert rows() == before
    needed = {"id", "pk", "number", "channel", "supplier_code", "modified_date", "orderitem_set", "customer"}
    assert needed <= set(made) and needed <= set(listed)
    assert (made["supplier_code"], made["test"], made["status"]) == ("AMBAR-01", True, "400")
    assert [item["product"]["sku"] for item in made["orderitem_set"]] == ["AMB-TSH-001-M"]
    assert made["shipping_address"]["district"]["id"] == District.objects.get().pk


def test_no_order_is_made_up_for_a_seller_who_is_not_active():
    oms, seller = market.oms(), market.seller()
    seller.state = "suspended"
    seller.save()
    answer = oms.post(f"{PATH}order/", {"sku": "A"})
    assert (answer.status_code, answer.json()["code"]) == (406, "doctor_100_1")
    assert oms.post(f"{PATH}order/", {"sku": ""}).status_code == 400


def test_a_rehearsed_event_is_applied_and_taken_back():
    market.take(market.shop_order(21))
    oms, before = market.oms(), rows()
    [item] = oms.get(f"{market.OMS}/order_items/").json()["results"]
    payload = market.package(state=500, items=[(item["pk"], "AMB-TSH-001-M")], test=True)
    event = market.envelope(payload, "package.status.packed", uuid4())
    for _ in range(2):
        answer = oms.post(f"{market.OMS}/packages/update-status/", event)
        assert (answer.status_code, answer.json()) == (
            200,
            {"number": "SHOP-21P1", "status": 2, "test": True},
        )
    assert rows() == before
    assert oms.get(f"{market.OMS}/order_items/").json()["results"] == [item]


def test_a_rehearsal_is_refused_like_any_event():
    oms = market.oms()
    bad = market.envelope({**market.package(test=True), "number": ""}, "package.created")
    assert "payload.number" in oms.post(f"{market.OMS}/packages/", bad).content.decode()
    foreign = market.envelope(market.package(test=True, supplier_code="MODA-02"), "package.created")
    assert oms.post(f"{market.OMS}/packages/", foreign).status_code == 400
