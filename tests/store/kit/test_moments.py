"""Moments from the database: read by psycopg's compiled loader, in UTC as Django's own reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from psycopg import adapters
from psycopg.pq import Format

from ambar.kit.database.base import DatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)
MOMENT = "SELECT '2026-03-29 01:30:00.123456+02'::timestamptz"
TIMESTAMPTZ = adapters.types["timestamptz"].oid


def read(wrapper, name=None):
    wrapper.ensure_connection()
    with wrapper.create_cursor(name) as cursor:
        cursor.execute(MOMENT)
        return cursor.fetchone()[0]


def test_moments_are_in_utc_and_read_by_the_compiled_loader():
    moment = read(connection)
    assert moment == datetime(2026, 3, 28, 23, 30, 0, 123456, tzinfo=UTC)
    assert moment.tzinfo is UTC
    assert connection.connection.adapters.get_loader(TIMESTAMPTZ, Format.TEXT) is adapters.get_loader(
        TIMESTAMPTZ, Format.TEXT
    )


def test_a_cursor_that_stays_at_the_server_reads_them_so_too():
    connection.ensure_connection()
    with connection.chunked_cursor() as cursor:
        cursor.execute(MOMENT)
        assert cursor.fetchone()[0].tzinfo is UTC


@pytest.mark.parametrize("name", [None, "kept"])
def test_a_database_of_another_zone_is_read_in_it(name):
    settings = {**connection.settings_dict, "TIME_ZONE": "Europe/Istanbul"}
    settings["OPTIONS"] = {key: value for key, value in settings["OPTIONS"].items() if key != "pool"}
    wrapper = DatabaseWrapper(settings, alias="elsewhere")
    try:
        wrapper.set_autocommit(False)
        moment = read(wrapper, name)
    finally:
        wrapper.close()
    assert (moment.hour, moment.tzinfo) == (2, ZoneInfo("Europe/Istanbul"))
