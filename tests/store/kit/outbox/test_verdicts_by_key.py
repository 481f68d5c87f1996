"""Verdicts of a few deliveries are written without reading all there are, whatever the planner knows of the table."""

import json

import pytest
from django.db import connection

from ambar.kit.outbox.deliveries import statements

pytestmark = pytest.mark.django_db


def test_a_few_verdicts_find_their_deliveries_by_key_in_a_table_nobody_has_analysed():
    rows = [
        {"id": n, "state": 1, "number": 1, "wait": 0, "status": 200, "error": "", "took_ms": 3, "response": "",
         "at": "2026-01-15T12:00:00Z"}
        for n in range(10**9 + 1, 10**9 + 21)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into outbox_delivery (id, event_id, hook_id, kind, aggregate_id, state, attempts, attempt_limit, due_at,"
            " last_status, last_error) overriding system value"
            " select %s + n, n, 1, 'parcel', n, 0, 0, 18, now(), 0, '' from generate_series(1, 3000) n",
            [10**9],
        )
        given = {"rows": json.dumps(rows), "worker": "w"}
        cursor.execute(f"explain {statements.ACKNOWLEDGE}", given)
        plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "Seq Scan on outbox_delivery" not in plan
        cursor.execute(statements.ACKNOWLEDGE, given)
        cursor.execute("select count(*) from outbox_delivery where state = 1")
        assert cursor.fetchone() == (20,)
