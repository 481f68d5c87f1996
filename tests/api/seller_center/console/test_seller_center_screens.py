"""The Seller Center's screens: a seller sees own rows, the owner all; cost does not grow with the rows."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ambar.kit import accounts, clock
from ambar.kit.outbox.models import Inbox
from ambar.seller_center.packages.models import Package, PackageHistory
from ambar.seller_center.sellers.models import Seller

pytestmark = pytest.mark.django_db

LISTS = ["/packages/", "/packages/preparing/", "/packages/shipped/", "/orders/", "/sellers/"]


@pytest.fixture
def sellers(db: None) -> list[Seller]:
    now = clock.now()
    return [
        Seller.objects.create(
            supplier_code=code, name=code.title(), oms_managed=managed, created_at=now, modified_at=now
        )
        for code, managed in (("AMBAR", True), ("DENIZ", False))
    ]


def a_package(seller: Seller, n: int, *, state: int = 200, status: int = 1) -> Package:
    now = clock.now()
    return Package.objects.create(
        seller=seller,
        number=f"{seller.supplier_code}-{n}",
        origin="oms",
        status=status,
        state_code=state,
        created_at=now,
        modified_at=now,
    )


def signed_in(role: str, **bounds: object) -> Client:
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], bounds))
    return client


def numbers(client: Client, path: str) -> list[str]:
    return [row["number"] for row in client.get(path).context["listing"].rows]


def test_a_seller_sees_own_packages_and_the_owner_all(sellers):
    mine, other = a_package(sellers[0], 1), a_package(sellers[1], 2)
    seller, owner = signed_in("seller", seller_id=sellers[0].pk), signed_in("marketplace_owner")
    assert numbers(seller, "/packages/") == [mine.number]
    assert numbers(owner, "/packages/") == [other.number, mine.number]
    assert seller.get(f"/packages/{other.pk}/").status_code == 404
    assert seller.get("/packages/999999/").status_code == 404
    assert owner.get(f"/packages/{other.pk}/").status_code == 200


def test_preparing_and_shipped_are_the_two_halves(sellers):
    preparing = a_package(sellers[0], 1)
    shipped = a_package(sellers[0], 2, state=600, status=3)
    a_package(sellers[0], 3, state=900, status=5)
    owner = signed_in("marketplace_owner")
    assert numbers(owner, "/packages/preparing/") == [preparing.number]
    assert numbers(owner, "/packages/shipped/") == [shipped.number]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_number_of_queries_however_long_it_is(sellers, path):
    owner = signed_in("marketplace_owner")
    a_package(sellers[0], 0)
    a_package(sellers[1], 50, state=600, status=3)
    owner.get(path)
    counts = []
    for n in (1, 20):
        for k in range(n):
            a_package(sellers[k % 2], 100 * n + k)
            a_package(sellers[k % 2], 100 * n + 50 + k, state=600, status=3)
        with CaptureQueriesContext(connection) as captured:
            assert owner.get(path).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 10


def test_a_seller_whose_oms_owns_the_orders_is_told_why_there_are_no_buttons(sellers):
    told, free = (
        signed_in("seller", seller_id=seller.pk).get("/orders/").context["notice"] for seller in sellers
    )
    assert told.startswith("Your OMS owns these orders")
    assert free == ""
    assert signed_in("marketplace_owner").get("/orders/").context["notice"] == ""


def test_sellers_are_a_screen_of_the_owner(sellers):
    owner, seller = signed_in("marketplace_owner"), signed_in("seller", seller_id=sellers[0].pk)
    assert [row["code"] for row in owner.get("/sellers/").context["listing"].rows] == ["AMBAR", "DENIZ"]
    assert [row["code"] for row in seller.get("/sellers/").context["listing"].rows] == ["AMBAR"]
    assert "Sellers" not in seller.get("/orders/").content.decode()


def test_the_owner_sees_of_each_seller_when_its_oms_was_heard_and_what_is_not_applied(sellers):
    mine, other = sellers
    row, now = a_package(mine, 1), clock.now()
    for n in (1, 2):
        PackageHistory.objects.create(
            package=row, seller=mine, event_uuid=UUID(int=n), event_type="package.created", sequence=n, state_code=100, status=1,
            outcome="applied", at=now + timedelta(hours=n),
        )  # fmt: skip
    for n, state in enumerate((0, 2, 1), start=1):
        Inbox.objects.create(
            source=f"oms:{other.pk}", uuid=UUID(int=n), type="package.created", aggregate="package:1", payload="{}",
            state=state, due_at=now, received_at=now,
        )  # fmt: skip
    rows = signed_in("marketplace_owner").get("/sellers/").context["listing"].rows
    assert {row["code"]: (row["heard"], row["not_applied"]) for row in rows} == {
        mine.supplier_code: (now + timedelta(hours=2), 0),
        other.supplier_code: (None, 2),
    }


def test_a_default_package_that_gave_way_says_so_and_leads_to_those_that_came_instead(sellers):
    living, retired = a_package(sellers[0], 1), a_package(sellers[0], 2)
    Package.objects.filter(pk=retired.pk).update(retired_at=clock.now(), origin="default")
    owner = signed_in("marketplace_owner")
    words = "until the seller’s OMS sent its own"
    assert words in owner.get(f"/packages/{retired.pk}/").content.decode()
    assert words not in owner.get(f"/packages/{living.pk}/").content.decode()
    assert numbers(owner, "/packages/") == [living.number]
