"""Which packages a package took the place of, and which took its: split, merged, planned again (`lineage` in the OMS's events)."""

from __future__ import annotations

from typing import Any

import orjson
from django.db import connection

_BESIDE = """
SELECT (SELECT json_agg(json_build_object('id', o.id, 'number', o.number) ORDER BY o.id)::text FROM sc_packages_package o
         WHERE o.seller_id = p.seller_id AND o.order_id = p.order_id AND o.remote_id = ANY(p.lineage)),
       (SELECT json_agg(json_build_object('id', c.id, 'number', c.number) ORDER BY c.id)::text FROM sc_packages_package c
         WHERE c.seller_id = p.seller_id AND c.order_id = p.order_id AND p.remote_id = ANY(c.lineage))
  FROM sc_packages_package p WHERE p.id = %s"""
_FAMILY = """
WITH RECURSIVE family AS (
  SELECT p.id, p.seller_id, p.order_id, p.remote_id FROM sc_packages_package p WHERE p.number = %s
   UNION
  SELECT c.id, c.seller_id, c.order_id, c.remote_id FROM family f
    JOIN sc_packages_package c ON c.seller_id = f.seller_id AND c.order_id = f.order_id AND f.remote_id = ANY(c.lineage))
SELECT id FROM family ORDER BY id"""


def beside(package_id: int) -> dict[str, Any]:
    """`parents` and `children` as {id, number}, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, [package_id])
        parents, children = cursor.fetchone()
    return {"parents": orjson.loads(parents or "[]"), "children": orjson.loads(children or "[]")}


def family(number: str) -> list[int]:
    """The packages with this number (each seller may have one) and all that came from them."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, [number])
        return [row[0] for row in cursor.fetchall()]
