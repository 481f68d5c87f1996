"""What came back of packages: how much was put away, how much written off, how much is still awaited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F

from ambar.kit.money import quantity
from ambar.oms.packages.models import PackageItem

_RECEIVE = """
UPDATE oms_packages_packageitem i
   SET put_away_quantity = i.put_away_quantity + got.put_away,
       written_off_quantity = i.written_off_quantity + got.written_off, modified_at = %s
  FROM (SELECT id, sum(put_away) AS put_away, sum(written_off) AS written_off FROM (
          SELECT id, quantity AS put_away, 0 AS written_off FROM unnest(%s::bigint[], %s::numeric[]) AS a(id, quantity)
          UNION ALL
          SELECT id, 0, quantity FROM unnest(%s::bigint[], %s::numeric[]) AS b(id, quantity)) both_ways GROUP BY id) got
 WHERE i.id = got.id"""


def awaited(item_ids: Sequence[int]) -> dict[int, Decimal]:
    """`{package item: units not received yet}`. One statement."""
    left = F("quantity") - F("put_away_quantity") - F("written_off_quantity")
    return dict(PackageItem.objects.filter(pk__in=item_ids).annotate(left=left).values_list("pk", "left"))


def receive(*, put_away: Mapping[int, Decimal], written_off: Mapping[int, Decimal], now: datetime) -> None:
    """Note what was received; the caller holds the locks of the packages. More than an item held is refused by the
    database. One statement."""
    if put_away or written_off:
        with connection.cursor() as cursor:
            cursor.execute(
                _RECEIVE,
                [now, list(put_away), list(put_away.values()), list(written_off), list(written_off.values())],
            )


def of_item(item: PackageItem) -> dict[str, Any]:
    """`{"returned": {"put_away", "written_off"}}` of one package item, as its record tells it."""
    return {
        "returned": {
            "put_away": quantity(item.put_away_quantity),
            "written_off": quantity(item.written_off_quantity),
        }
    }
