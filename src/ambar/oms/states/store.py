"""Seeding of states and transitions: rows that are missing are added, rows that are there are left alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from ambar.kit import clock
from ambar.oms.states import queries
from ambar.oms.states.domain import seed
from ambar.oms.states.domain.codes import ENUM_OF_KIND

_STATES = """
INSERT INTO oms_states_state (name, translations, config, enum_class, enum_value, created_at, modified_at)
SELECT r.name, r.translations, '{}'::jsonb, r.enum_class, r.enum_value, %(now)s, %(now)s
  FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(name text, translations jsonb, enum_class text, enum_value text)
 WHERE NOT EXISTS (SELECT 1 FROM oms_states_state s WHERE s.enum_class = r.enum_class AND s.enum_value = r.enum_value)
ON CONFLICT DO NOTHING"""
_TRANSITIONS = """
INSERT INTO oms_states_statetransition (name, translations, slug, kind, command_code, source_id, destination_id,
                                        visibility, parameters, is_active, created_at, modified_at)
SELECT r.name, r.translations, r.slug, r.kind, r.command_code, s.id, d.id, 'everywhere', '{}'::jsonb, true,
       %(now)s, %(now)s
  FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(ord int, name text, translations jsonb, slug text, kind text,
                                               enum_class text, command_code text, source text, destination text)
  JOIN oms_states_state s ON s.enum_class = r.enum_class AND s.enum_value = r.source
  JOIN oms_states_state d ON d.enum_class = r.enum_class AND d.enum_value = r.destination
 WHERE NOT EXISTS (SELECT 1 FROM oms_states_statetransition t WHERE t.slug = r.slug)
 ORDER BY r.ord
ON CONFLICT DO NOTHING"""


def _translations(english: str, turkish: str) -> dict[str, Any]:
    return {"en-us": {"name": english}, "tr-tr": {"name": turkish}}


def plant(*, now: datetime) -> None:
    """Add the seeded states and transitions that do not exist yet. Two statements, safe to repeat."""
    states = [
        {
            "name": english,
            "translations": _translations(english, turkish),
            "enum_class": enum_class,
            "enum_value": value,
        }
        for enum_class, values in seed.STATE_NAMES.items()
        for value, (english, turkish) in values.items()
    ]
    transitions = [
        {
            "name": english,
            "translations": _translations(english, turkish),
            "slug": slug,
            "kind": kind,
            "enum_class": ENUM_OF_KIND[kind],
            "command_code": code,
            "source": source,
            "destination": destination,
        }
        for kind, rows in (("package", seed.PACKAGE_TRANSITIONS), ("transfer", seed.TRANSFER_TRANSITIONS))
        for slug, english, turkish, code, source, destination in rows
    ]
    for place, row in enumerate(transitions):
        row["ord"] = place
    with connection.cursor() as cursor:
        cursor.execute(_STATES, {"rows": orjson.dumps(states).decode(), "now": now})
        cursor.execute(_TRANSITIONS, {"rows": orjson.dumps(transitions).decode(), "now": now})
    queries.forget()


def plant_after_migrate(**_: Any) -> None:
    """Every `migrate` leaves a complete seed behind, also when a later version adds states or transitions."""
    if "oms_states_statetransition" in connection.introspection.table_names():
        plant(now=clock.now())
