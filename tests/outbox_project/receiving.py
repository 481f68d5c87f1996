"""What the receiver does with parcel events."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from ambar.kit.outbox.inbox import InboxRow

SECRET = "the parcel secret"

TABLES = """
create table if not exists parcel (id bigint primary key, state text not null, sequence bigint not null);
create table if not exists parcel_effect (
  n bigserial primary key, uuid uuid not null, parcel bigint not null, sequence bigint not null, late boolean not null
);
"""


def make_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)


def apply(rows: Sequence[InboxRow]) -> None:
    """Upserts the parcel of every event in order; a late one is only written down."""
    with connection.cursor() as cursor:
        for row in rows:
            payload = row.payload
            if payload.get("poison"):
                raise ValueError("poisoned")
            cursor.execute(
                "insert into parcel_effect (uuid, parcel, sequence, late) values (%s, %s, %s, %s)",
                [row.uuid, payload["id"], row.sequence, row.late],
            )
            if not row.late:
                cursor.execute(
                    """insert into parcel (id, state, sequence) values (%s, %s, %s)
                       on conflict (id) do update set state = excluded.state, sequence = excluded.sequence""",
                    [payload["id"], payload["state"], row.sequence],
                )
