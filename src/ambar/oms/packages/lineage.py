"""Where a package comes from and what became of it: split, re-planned, planned by hand; refused, and why.

A package names the packages it replaces (`lineage`, ids of the same order); the other way is read from there
(`docs/decisions/0031-refusing-and-planning-by-hand.md`).
"""

from __future__ import annotations

from typing import Any

import orjson
from django.db import connection

_BESIDE = """
SELECT (SELECT json_agg(json_build_object('id', o.id, 'number', o.number) ORDER BY o.id)::text
          FROM oms_packages_package o
         WHERE o.id IN (SELECT value::bigint FROM jsonb_array_elements_text(p.lineage))),
       (SELECT json_agg(json_build_object('id', c.id, 'number', c.number) ORDER BY c.id)::text
          FROM oms_packages_package c
         WHERE c.order_id = p.order_id AND c.lineage @> to_jsonb(p.id)),
       (SELECT (l.attributes -> 'denial_reason')::text FROM oms_states_transitionlog l
         WHERE l.kind = 'package' AND l.object_id = p.id AND l.attributes -> 'denial_reason' IS NOT NULL
         ORDER BY l.id DESC LIMIT 1)
  FROM oms_packages_package p WHERE p.id = %s"""
_FAMILY = """
WITH RECURSIVE family AS (
  SELECT p.id, p.order_id FROM oms_packages_package p WHERE p.number = %s
   UNION
  SELECT c.id, c.order_id FROM family f
    JOIN oms_packages_package c ON c.order_id = f.order_id AND c.lineage @> to_jsonb(f.id))
SELECT id FROM family ORDER BY id"""


def beside(package_id: int) -> dict[str, Any]:
    """`parents` and `children` as {id, number}, oldest first; `denial_reason` {id, title, note} when it was refused."""
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, [package_id])
        parents, children, reason = cursor.fetchone()
    return {
        "parents": orjson.loads(parents or "[]"),
        "children": orjson.loads(children or "[]"),
        "denial_reason": orjson.loads(reason or "null"),
    }


def family(number: str) -> list[int]:
    """The package with this number and all that came from it, first itself; empty for an unknown number."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, [number])
        return [row[0] for row in cursor.fetchall()]
