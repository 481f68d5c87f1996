"""The drill of an idle transaction, in seconds instead of minutes: everything is delivered beside it, and its figures are there."""

from __future__ import annotations

import asyncio

import pytest
from django.db import connection

from ambar.kit.work.worker import database_settings
from tests.faults import pinned
from tests.outbox_project.delivering import hook
from tests.outbox_project.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)


def test_everything_is_delivered_beside_an_idle_transaction_and_its_claims_are_told(sink: Sink) -> None:
    made = hook(sink.url).pk
    told = asyncio.run(pinned.measure(database_settings(), made, seconds=1.0, calm=0.5, rate=100))
    assert told["made"] > 50 and told["left"] == 0
    assert told["before_ms"] > 0 and told["after_ms"] > 0
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), count(distinct aggregate_id) from outbox_delivery where hook_id = %s and state = 1",
            [made],
        )
        assert cursor.fetchone() == (told["made"], told["made"])


def test_a_p95_is_what_nineteen_of_twenty_stay_below() -> None:
    assert pinned.p95([n / 1000 for n in range(100)]) == 95.0
