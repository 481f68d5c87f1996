"""What packages copy from their order and items has no foreign key (decision 61), and still nothing of it can go away."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from tests.worlds.oms_records import build, package

COPIES = """
SELECT count(*), bool_and(item.order_id = package.order_id AND item.order_id = ordered.order_id),
       bool_and(item.product_id = ordered.product_id), bool_and(package.channel_id = o.channel_id)
FROM oms_packages_packageitem item JOIN oms_packages_package package ON package.id = item.package_id
JOIN oms_orders_orderitem ordered ON ordered.id = item.order_item_id JOIN oms_orders_order o ON o.id = package.order_id
"""


@pytest.fixture
def packed(db: None) -> None:
    world = build()
    for _ in range(2):
        package(world)


def test_every_copy_says_what_its_origin_says(packed):
    with connection.cursor() as cursor:
        cursor.execute(COPIES)
        count, *same = cursor.fetchone()
    assert count > 0
    assert same == [True, True, True]


@pytest.mark.parametrize(
    ("table", "copied"),
    [
        ("oms_orders_order", "SELECT order_id FROM oms_packages_packageitem"),
        ("oms_catalogue_product", "SELECT product_id FROM oms_packages_packageitem"),
        ("oms_catalogue_channel", "SELECT channel_id FROM oms_packages_package"),
    ],
)
def test_what_packages_speak_of_cannot_be_deleted_behind_djangos_back(packed, table, copied):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id IN ({copied})")
        assert cursor.rowcount > 0
        connection.check_constraints()
