"""Which package items may hold stock, and how many packages count against quota, for the standing check of stock."""

from collections.abc import Collection

from django.db import connection

LIVING = """
SELECT item.id FROM oms_packages_packageitem item JOIN oms_packages_package package ON package.id = item.package_id
WHERE item.id = ANY(%s) AND (package.state < 500 OR package.state IN (800, 930))
ORDER BY package.id
"""
COUNTED = """
SELECT location_id, count(*) FROM oms_packages_package
WHERE state < 400 OR state = 800 OR (state = 930 AND (previous_state < 400 OR previous_state = 800))
GROUP BY location_id
"""


def living(item_ids: Collection[int], *, lock: bool = False) -> set[int]:
    """Items of packages that are not packed yet, blocked or waiting for their cancellation; all others hold nothing."""
    with connection.cursor() as cursor:
        if lock:
            cursor.execute(
                "SELECT id FROM oms_packages_package WHERE id IN"
                " (SELECT package_id FROM oms_packages_packageitem WHERE id = ANY(%s)) ORDER BY id FOR UPDATE",
                [list(item_ids)],
            )
        cursor.execute(LIVING, [list(item_ids)])
        return {row[0] for row in cursor.fetchall()}


def counted_quota() -> dict[int, int]:
    """`{location: packages that count now}` (`docs/decisions/`, quota; `states.domain.codes.counts_for_quota`)."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED)
        return dict(cursor.fetchall())
